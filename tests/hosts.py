"""Hosts that misbehave, on real sockets: silent ones, ones that trickle, ones that never end.

A host accepts every connection and reads a request. It sends what it was given, repeats a piece for ever
or says nothing more, until the other side hangs up.
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

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
        """Tell whether every client hung up, or does within a minute."""
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
