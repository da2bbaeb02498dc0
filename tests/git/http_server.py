"""Git over HTTP with a token, served by git's own `git http-backend` from a folder of repositories.

It answers 401 without the token, and records each request, so that tests can check the requests,
and that a token went nowhere else.
"""

import base64
import io
import os
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

_PIECE = 1 << 16


class PrivateServer(ThreadingHTTPServer):
    """Serves the repositories below a folder to those who know the token.

    Attributes:
        root: the folder.
        token: the expected password; None: everybody may read.
        may_push: whether the token may push; else 403, like GitHub.
        moved_to: the URL that paths are redirected to; None: nothing moved.
        authorizations: the Authorization header of each request; "" if there was none.
        sent_bytes: the size of each response's content.
    """

    daemon_threads = True

    scheme = "http"

    def __init__(
        self, root: Path, token: str | None, *, may_push: bool = True, address: str = "127.0.0.1"
    ) -> None:
        """Listen on a free port of an address, by default of the loopback interface."""
        super().__init__((address, 0), _Handler)
        self.root = root
        self.token = token
        self.may_push = may_push
        self.moved_to: str | None = None
        self.authorizations: list[str] = []
        self.sent_bytes = 0

    @property
    def url(self) -> str:
        """Return the URL below which the repositories are."""
        return f"{self.scheme}://{self.server_address[0]!s}:{self.server_port}"

    def encrypt(self, certificate: Path, key: Path) -> None:
        """Speak TLS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.scheme = "https"

    @property
    def passwords(self) -> set[str]:
        """Return the passwords in the requests."""
        given = (header.removeprefix("Basic ") for header in self.authorizations if header)
        return {base64.b64decode(it).decode().partition(":")[2] for it in given}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: PrivateServer

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._body())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Keep requests out of the tests' output."""

    def _answer(self, body: bytes) -> None:
        authorization = self.headers.get("Authorization", "")
        self.server.authorizations.append(authorization)
        if self.server.token is not None and not self._knows(authorization):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self._finish(b"")
            return
        if self.server.moved_to is not None:
            self.send_response(301)
            self.send_header("Location", f"{self.server.moved_to}{self.path}")
            self._finish(b"")
            return
        if "git-receive-pack" in self.path and not self.server.may_push:
            self.send_response(403)
            self._finish(b"")
            return
        with tempfile.TemporaryFile() as given:
            given.write(body)
            given.seek(0)
            with subprocess.Popen(
                ["git", "http-backend"],
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._cgi(body),
            ) as backend:
                assert backend.stdout is not None
                self._relay(cast("io.BufferedReader", backend.stdout))

    def _relay(self, output: io.BufferedReader) -> None:
        """Stream the backend's output, as a server does: a pack is sent while it is made."""
        fields = []
        while line := output.readline().strip():
            name, _, value = line.decode().partition(": ")
            fields.append((name, value))
        status = next((int(value[:3]) for name, value in fields if name == "Status"), 200)
        self.send_response(status)
        for name, value in fields:
            if name not in ("Status", "Content-Length"):
                self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while piece := output.read1(_PIECE):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
            self.server.sent_bytes += len(piece)
        self.wfile.write(b"0\r\n\r\n")

    def _finish(self, content: bytes) -> None:
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.server.sent_bytes += len(content)

    def _knows(self, authorization: str) -> bool:
        return (
            f":{self.server.token}"
            in base64.b64decode(authorization.removeprefix("Basic ")).decode()
        )

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _cgi(self, body: bytes) -> dict[str, str]:
        url = urlsplit(self.path)
        return {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.receivepack",
            "GIT_CONFIG_VALUE_0": "true",
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": "resync",
            "REMOTE_ADDR": "127.0.0.1",
        }


@contextmanager
def serve(
    root: Path,
    token: str | None,
    *,
    may_push: bool = True,
    certificate: tuple[Path, Path] | None = None,
    address: str = "127.0.0.1",
) -> Iterator[PrivateServer]:
    """Serve a folder of repositories while the block runs; with a certificate and its key over TLS."""
    server = PrivateServer(root, token, may_push=may_push, address=address)
    if certificate is not None:
        server.encrypt(*certificate)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
