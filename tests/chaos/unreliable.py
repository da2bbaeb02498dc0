"""A proxy in front of the forge that answers as bad networks and busy hosts do.

Pods and the controller reach the forge through it, for the API and for git. Each request is passed on or
gets one of the bad answers; some come after the forge has done what it was asked, so that only the answer
is lost. A seed decides, in the order in which requests come.
"""

import http.client
import random
import socket
import struct
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.forge.face.server import API, HOP_BY_HOP, read_body

GOOD = "passed on"
CALM = 0.05
"""Share of the requests that get a bad answer all the time."""

STORM = 0.6
"""The same while there is a storm."""

WAIT_SECONDS = 2
TRICKLE_SECONDS = 20.0
_FORGE_SECONDS = 60
_RESET = struct.pack("ii", 1, 0)
"""With this as SO_LINGER a close resets the connection."""

_SECONDARY = (
    b'{"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",'
    b' "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"}'
)
_HTML = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>We will be right back.</body></html>"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer as it is sent."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Unreliable(ThreadingHTTPServer):
    """The proxy; it listens as soon as it is made and serves until `stop`.

    Attributes:
        answers: what became of how many requests.
        share: how many of them get a bad answer while there is no storm, 0 to 1.
        script: what becomes of the next requests, where it is not left to chance.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *, listen: str, target: tuple[str, int], seed: int) -> None:
        """Listen on a free port of an address, in front of a target."""
        super().__init__((listen, 0), _Handler)
        self.target = target
        self.answers: Counter[str] = Counter()
        self.share = 0.0
        self.script: deque[str] = deque()
        self.over = threading.Event()
        self._random = random.Random(seed)  # noqa: S311 - for tests
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._cuts = self._storms = 0
        threading.Thread(target=self.serve_forever, name="unreliable", daemon=True).start()

    @property
    def url(self) -> str:
        """What stands in front of `/owner/name.git` and of `/api/v3`."""
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    def stop(self) -> None:
        """End it, and every connection."""
        self.over.set()
        self.shutdown()
        self.server_close()

    @contextmanager
    def storm(self) -> Iterator[None]:
        """Answer most requests badly while the block runs."""
        with self._lock:
            self._storms += 1
        try:
            yield
        finally:
            with self._lock:
                self._storms -= 1

    @property
    def odds(self) -> float:
        """Return which share of the requests gets a bad answer now, 0 to 1."""
        return STORM if self._storms else self.share

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Break all connections, and take no new one, while the block runs."""
        with self._lock:
            self._cuts += 1
            connections = list(self._open)
        for one in connections:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        try:
            yield
        finally:
            with self._lock:
                self._cuts -= 1

    def draw(self, *, is_api: bool) -> str:
        """Return what becomes of the next request."""
        with self._lock:
            chosen = self.script.popleft() if self.script else GOOD
            if self._random.random() < self.odds:
                chosen = self._random.choice(sorted(BAD_FOR_API if is_api else BAD))
            self.answers[chosen] += 1
            return chosen

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Take no connection while the network is cut."""
        with self._lock:
            if self._cuts:
                self.answers["refused: the network is cut"] += 1
                return False
            self._open.add(request)
            return True

    def shutdown_request(self, request: Any) -> None:
        """Close without the farewell that `reset` must not send."""
        with self._lock:
            self._open.discard(request)
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(_RESET)) == _RESET:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that break: that is what this is for."""


class _Handler(BaseHTTPRequestHandler):
    server: Unreliable
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Keep quiet: the counts have it."""

    def handle_any(self) -> None:
        """Pass a request on, or do what was drawn."""
        body = b"".join(read_body(self.headers, self.rfile))
        chosen = self.server.draw(is_api=self.path.startswith(API))
        if chosen == GOOD:
            self.send(self.forwarded(body))
        else:
            (BAD_FOR_API if chosen in BAD_FOR_API else BAD)[chosen](self, body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any  # noqa: N815  its names

    def forwarded(self, body: bytes) -> Reply:
        """Let the forge do what is asked; return its answer, 502 where it does not answer."""
        headers = {name: it for name, it in self.headers.items() if name.lower() not in HOP_BY_HOP}
        forge = http.client.HTTPConnection(*self.server.target, timeout=_FORGE_SECONDS)
        try:
            forge.request(self.command, self.path, body or None, headers)
            answer = forge.getresponse()
            kept = tuple((k, v) for k, v in answer.getheaders() if k.lower() not in HOP_BY_HOP)
            return Reply(status=answer.status, headers=kept, body=answer.read())
        except (OSError, http.client.HTTPException):
            return Reply(status=502)
        finally:
            forge.close()

    def send(self, reply: Reply, *, share: float = 1.0) -> None:
        """Send an answer, or a part of its body and then nothing more."""
        self.send_head(reply)
        self.wfile.write(reply.body[: int(len(reply.body) * share)])
        self.close_connection = self.close_connection or share < 1

    def send_head(self, reply: Reply) -> None:
        """Send the status and the headers."""
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if reply.status not in (204, 304):
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()

    def reset(self) -> None:
        """Break the connection as a lost route does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.close_connection = True

    def trickle(self, reply: Reply) -> None:
        """Send an answer so slowly that nobody waits for its end, and then break off."""
        self.send_head(reply)
        pace = TRICKLE_SECONDS / 20
        for byte in reply.body[:20]:
            if self.server.over.wait(pace):
                break
            self.wfile.write(bytes([byte]))
        self.reset()


def _refused(status: int, body: bytes = b"", *headers: tuple[str, str]) -> "_Bad":
    def answer(handler: _Handler, _body: bytes) -> None:
        handler.send(Reply(status=status, headers=headers, body=body))

    return answer


def _reset_before(handler: _Handler, _body: bytes) -> None:
    handler.reset()


def _reset_after(handler: _Handler, body: bytes) -> None:
    handler.forwarded(body)
    handler.reset()


def _gateway_timeout(handler: _Handler, body: bytes) -> None:
    handler.forwarded(body)
    handler.send(Reply(status=504))


def _half(handler: _Handler, body: bytes) -> None:
    handler.send(handler.forwarded(body), share=0.5)


def _trickled(handler: _Handler, body: bytes) -> None:
    handler.trickle(handler.forwarded(body))


_Bad = Callable[[_Handler, bytes], None]
_WAIT = ("Retry-After", str(WAIT_SECONDS))

BAD: dict[str, _Bad] = {
    "502": _refused(502, b"Bad Gateway"),
    "503": _refused(503, b"Service Unavailable"),
    "429": _refused(429, b"Too many requests", _WAIT),
    "504, though done": _gateway_timeout,
    "HTML with 200": _refused(200, _HTML, ("Content-Type", "text/html")),
    "half a body": _half,
    "reset": _reset_before,
    "reset, though done": _reset_after,
    "slow loris": _trickled,
}
"""What may become of any request."""

BAD_FOR_API: dict[str, _Bad] = BAD | {
    "403 secondary limit": _refused(403, _SECONDARY, _WAIT, ("Content-Type", "application/json")),
}
"""What may become of a request to the API: GitHub documents that limit for it alone."""
