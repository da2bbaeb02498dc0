"""Misbehaving hosts: one is silent, one sends two bytes a second."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

TRICKLE_SECONDS = 0.5


class BadHost:
    """Accepts connections; `connections` says how many there were."""

    def __init__(self, *, trickles: bool) -> None:
        """Listen at a free port of loopback."""
        self.connections = 0
        self._trickles = trickles
        self._ended = threading.Event()
        self._held: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=1000)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Close every connection."""
        self._ended.set()
        self._socket.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connections that are open."""
        for each in self._held:
            each.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while not self._ended.is_set():
                connection, _ = self._socket.accept()
                self.connections += 1
                self._held.append(connection)
                if self._trickles:
                    threading.Thread(target=self._trickle, args=(connection,), daemon=True).start()

    def _trickle(self, connection: socket.socket) -> None:
        with suppress(OSError):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-git\r\nX-Slow: ")
            while not self._ended.wait(TRICKLE_SECONDS):
                connection.sendall(b"x")


@contextmanager
def bad_host(*, trickles: bool = False) -> Iterator[BadHost]:
    """Serve badly while the block lasts."""
    host = BadHost(trickles=trickles)
    try:
        yield host
    finally:
        host.close()
