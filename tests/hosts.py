"""Hosts that misbehave, on real sockets: silent ones, ones that trickle, ones that never end, strange answers.

A `misbehaving` host accepts every connection and reads a request. It sends what it was given, repeats a piece
for ever or says nothing more, until the other side hangs up. A `scripted` one answers what a test says.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PACE_SECONDS = 0.01
"""Between two pieces of a trickle."""


@dataclass(kw_only=True)
class Host:
    """A host that is up.

    Attributes:
        port: where it listens.
        requests: what each connection was asked first.
        hang_ups: an event for each connection, set when the client hung up.
    """

    port: int
    requests: list[bytes] = field(default_factory=list)
    hang_ups: list[threading.Event] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Return its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def is_left_alone(self) -> bool:
        """Return whether every client hung up, or does within a minute."""
        return all(hang_up.wait(60) for hang_up in self.hang_ups)


def head(*headers: str) -> bytes:
    """Return the head of an HTTP answer."""
    return "\r\n".join(["HTTP/1.1 200 OK", *headers, "", ""]).encode()


@contextmanager
def misbehaving(
    first: bytes = b"", for_ever: bytes = b"", *, pace: float = PACE_SECONDS
) -> Iterator[Host]:
    """Run a host while the block runs.

    Args:
        first: what it sends at once.
        for_ever: what it sends again and again; b"": it says nothing more.
        pace: seconds between two of those.
    """
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = Host(port=server.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):  # the server is closed
                while True:
                    client, _ = server.accept()
                    hung_up = threading.Event()
                    host.hang_ups.append(hung_up)
                    threading.Thread(target=talk, args=(client, hung_up), daemon=True).start()

        def talk(client: socket.socket, hung_up: threading.Event) -> None:
            with closing(client), suppress(OSError):
                host.requests.append(client.recv(1 << 16))
                client.sendall(first)
                while for_ever and not over.wait(pace):
                    client.sendall(for_ever)
                while client.recv(1 << 16):
                    pass
            hung_up.set()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield host
        finally:
            over.set()
            server.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as a scripted host got it: the path with its query, and the JSON that came along."""

    method: str
    path: str
    body: Any


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a scripted host answers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Script = Callable[[Asked], Reply]


@dataclass(kw_only=True)
class ScriptedHost:
    """A host that answers as a script says; `asked` is what it was asked, in order."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def scripted(script: Script) -> Iterator[ScriptedHost]:
    """Run a host while the block runs; the script gets each request and may raise nothing."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(
                method=self.command, path=self.path, body=json.loads(raw) if raw else None
            )
            host.asked.append(asked)
            reply = script(asked)
            data = b"" if reply.body is None else json.dumps(reply.body).encode()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815  its names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = ScriptedHost(url=f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
