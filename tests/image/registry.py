"""A registry that takes an image as the OCI's distribution-spec has it ("Push"), and keeps it in memory."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Registry(ThreadingHTTPServer):
    """What was pushed: blobs by digest, manifests by `name:reference`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, bytes] = {}

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.server_port}"


@contextmanager
def running_registry() -> Iterator[Registry]:
    """Yield an empty registry."""
    with Registry() as registry:
        thread = threading.Thread(target=registry.serve_forever)
        thread.start()
        try:
            yield registry
        finally:
            registry.shutdown()
            thread.join()


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Registry

    def do_GET(self) -> None:
        self._answer(200 if self.path == "/v2/" else 404)

    def do_HEAD(self) -> None:
        digest = self.path.rpartition("/")[2]
        found = self.server.blobs.get(digest)
        if found is None:
            self._answer(404)
        else:
            self._answer(200, length=len(found))

    def do_POST(self) -> None:
        self._answer(202, location=f"{self.path.rstrip('/')}/1")

    def do_PATCH(self) -> None:
        self.server.blobs["upload"] = self._body()
        self._answer(202, location=self.path)

    def do_PUT(self) -> None:
        body = self._body()
        if "/manifests/" in self.path:
            name, _, reference = self.path.removeprefix("/v2/").partition("/manifests/")
            self.server.manifests[f"{name}:{reference}"] = body
        else:
            content = self.server.blobs.pop("upload", b"") + body
            self.server.blobs[digest_of(content)] = content
        self._answer(201, digest=digest_of(body))

    def log_message(self, *_: object) -> None:
        pass

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(
        self, status: int, *, length: int = 0, location: str = "", digest: str = ""
    ) -> None:
        self.send_response(status)
        for name, value in (("Location", location), ("Docker-Content-Digest", digest)):
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
