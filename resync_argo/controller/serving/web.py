"""Serves health, metrics and webhooks over HTTP, each by a small WSGI function.

The server is waitress, with few threads and with bounds on bodies, connections and times, so that a
flood costs little. `/healthz` reports that the process is alive; `/readyz` is not ready while the
caches may be stale. Started by `main`.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import waitress
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from waitress import wasyncore
from waitress.channel import HTTPChannel

MAX_BODY_BYTES = 1024 * 1024
"""Bytes of a body, which stays in memory until its signature is checked. A pull request or a
comment with the longest texts that GitHub accepts needs half of it. A larger push is refused, and a
poll finds it."""

THREADS = 4
CONNECTIONS = 100
REQUEST_SECONDS = 10.0
"""How long a request may take to arrive: a slow sender occupies one of the connections."""

IDLE_SECONDS = 10
LOOP_SECONDS = 1.0

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Environ = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A response: a status line such as `200 OK`, and a text."""

    status: str
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


Page = Callable[[Environ], Answer]


def health(_environ: Environ) -> Answer:
    """Report that the process answers."""
    return Answer(status="200 OK", body=b"ok\n")


def readiness(stale: Callable[[], list[str]]) -> Page:
    """Return the page that reports whether the caches are fresh."""

    def page(_environ: Environ) -> Answer:
        unknown = stale()
        if not unknown:
            return Answer(status="200 OK", body=b"ok\n")
        text = f"not watching: {', '.join(unknown)}\n"
        return Answer(status="503 Service Unavailable", body=text.encode())

    return page


def metrics(_environ: Environ) -> Answer:
    """Show the metrics in Prometheus' text format."""
    return Answer(status="200 OK", body=generate_latest(), content_type=CONTENT_TYPE_LATEST)


Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]
"""What a server calls for each request (PEP 3333)."""


class Application:
    """Dispatches by method and path."""

    def __init__(self, pages: Mapping[tuple[str, str], Page]) -> None:
        """Store the pages by method and path; a path that ends in a slash includes all paths below it."""
        self._pages = pages

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        page = self._page(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        answer = page(environ) if page is not None else Answer(status="404 Not Found")
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(answer.body)))]
        start_response(answer.status, headers)
        return [answer.body]

    def _page(self, method: str, path: str) -> Page | None:
        below = path[: path.find("/", 1) + 1]
        return self._pages.get((method, path)) or self._pages.get((method, below))


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection that is closed if a request takes too long to arrive."""

    _began = 0.0

    def received(self, data: bytes) -> bool:
        """See waitress: called with each piece that arrives."""
        now = time.monotonic()
        if self.request is None:
            self._began = now
        elif now - self._began > REQUEST_SECONDS:
            self.will_close = True
            return False
        return bool(super().received(data))


class Server:
    """A listening server; `close` ends it."""

    def __init__(self, application: Wsgi, listen: str) -> None:
        """Listen at `host:port`; port 0 picks a free one."""
        self._sockets: dict[int, wasyncore.dispatcher] = {}
        self._server = waitress.create_server(
            application,
            map=self._sockets,
            listen=listen,
            threads=THREADS,
            connection_limit=CONNECTIONS,
            max_request_body_size=MAX_BODY_BYTES,
            inbuf_overflow=2 * MAX_BODY_BYTES,  # No untrusted data goes to disk.
            channel_timeout=IDLE_SECONDS,
            cleanup_interval=IDLE_SECONDS,
            ident="",
        )
        self._server.channel_class = _Channel
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Return the listening port."""
        return int(self._server.effective_port)

    def close(self) -> None:
        """Stop listening."""
        # While the server's own thread runs, only that thread may touch its sockets, including the
        # one that wakes it. So they are closed after the thread has ended.
        self._closing.set()
        self._server.pull_trigger()
        self._thread.join()
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets)

    def _serve(self) -> None:
        while not self._closing.is_set():
            wasyncore.loop(timeout=LOOP_SECONDS, use_poll=True, map=self._sockets, count=1)
