"""A flood of forged webhooks, from a process of its own: `python -m tests.world.flood PORT RATE PATH BYTES`.

Over a few connections that stay open it sends deliveries whose signature is wrong, at most so many a second,
until its standard input closes. It prints a line when a tenth of a second's worth was answered, and in the
end JSON: how many were sent in how many seconds, and how many answers had each status.
"""

import json
import re
import select
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

COMMON_PATH = "/webhooks/github"
CONNECTIONS = 20
_TICK_SECONDS = 0.02


@contextmanager
def flood(
    port: int, rate: int, *, path: str = COMMON_PATH, body_bytes: int = 0
) -> Iterator["Flood"]:
    """Flood a controller at a port of loopback while the block runs.

    Args:
        port: of the controller.
        rate: at most so many deliveries a second.
        path: where they go.
        body_bytes: how long each is at least.
    """
    arguments = [str(port), str(rate), path, str(body_bytes)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.world.flood", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    made = Flood(process=process)
    try:
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "flooding\n"
            yield made
            made.end()
    finally:
        process.kill()


@dataclass
class Flood:
    """A flood that goes on; `told` is what it said in the end."""

    process: "subprocess.Popen[str]"
    told: dict[str, Any] = field(default_factory=dict)

    def goes_on(self) -> bool:
        """Return whether it still does."""
        return self.process.poll() is None

    def end(self) -> None:
        """Stop it and take down what it says."""
        if not self.told:
            out, _ = self.process.communicate(timeout=60)
            self.told = json.loads(out)

    @property
    def per_second(self) -> float:
        """Return how many were answered in a second."""
        return float(self.told["sent"] / self.told["seconds"])


def _request(path: str, body_bytes: int) -> bytes:
    body = b'{"repository": {"full_name": "down/project"}, "pull_request": {"number": 1}}'
    body = body.ljust(body_bytes)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: resync.test\r\nX-GitHub-Event: pull_request\r\n"
        f"X-Hub-Signature-256: sha256={'0' * 64}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _status(connection: socket.socket) -> str:
    """Read one answer, which is small, and return its status."""
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _more(connection)
    head, _, content = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    assert length is not None
    left = int(length[1]) - len(content)
    while left > 0:
        left -= len(_more(connection))
    return head[9:12].decode()


def _more(connection: socket.socket) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise ConnectionError("The controller closed the connection.")
    return piece


def _main(port: int, rate: int, path: str, body_bytes: int) -> None:
    statuses: Counter[str] = Counter()
    request, sent, begun = _request(path, body_bytes), 0, time.monotonic()
    with ExitStack() as stack:
        connect = socket.create_connection
        opened = [stack.enter_context(connect(("127.0.0.1", port))) for _ in range(CONNECTIONS)]
        is_told = False
        while not select.select([sys.stdin], [], [], 0)[0]:
            for connection in opened:
                connection.sendall(request)
            statuses.update(map(_status, opened))
            sent += len(opened)
            if not is_told and sent > rate / 10:
                print("flooding", flush=True)
                is_told = True
            ahead = sent / rate - (time.monotonic() - begun)
            time.sleep(max(0.0, min(ahead, _TICK_SECONDS)))
    print(json.dumps({"sent": sent, "seconds": time.monotonic() - begun, "statuses": statuses}))


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
