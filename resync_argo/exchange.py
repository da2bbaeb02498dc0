"""Bounds an exchange with a host in time and in size, whatever the host does.

Socket timeouts apply to each read, so a host that sends a byte now and then could keep its caller
for ever. Here, a watch shuts the sockets of an exchange when its time is over, whether they
negotiate TLS, wait for headers or read a body. Clients find their thread's watch with `watch`;
`http_client` does so for requests.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass

import requests


class OutOfTime(requests.Timeout):
    """The exchange took too long."""


class AnswerTooLarge(requests.RequestException):
    """The answer was too large."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The limits of one exchange.

    Attributes:
        seconds: from start to end, including waiting for a lock.
        answer_bytes: of the bodies that come back, unpacked.
    """

    seconds: float
    answer_bytes: int


@contextmanager
def exchange(bounds: Bounds) -> Iterator[None]:
    """Bound the traffic inside; within another exchange, the outer bounds apply.

    Raises:
        OutOfTime: the time is over; sockets that were used are shut.
        AnswerTooLarge: too much came back.
    """
    if _WATCH.get(None) is not None:
        yield
        return
    begun = Watch(bounds)
    before = _WATCH.set(begun)
    try:
        yield
    except Exception as error:
        # Libraries report a shut socket in many ways.
        if begun.is_over:
            raise begun.over() from error
        raise
    else:
        # A body without a length ends where the socket was shut, and may look complete.
        if begun.is_over:
            raise begun.over()
    finally:
        _WATCH.reset(before)
        begun.end()


@contextmanager
def held(lock: threading.Lock) -> Iterator[None]:
    """Hold a lock; waiting for it counts as time of the exchange around it.

    Raises:
        OutOfTime: others held it too long.
    """
    if not lock.acquire(timeout=watch().seconds_left()):
        raise watch().over()
    try:
        yield
    finally:
        lock.release()


class Watch:
    """The bounds of an exchange that has begun.

    Attributes:
        is_over: whether its time is over, and its sockets are shut.
    """

    def __init__(self, bounds: Bounds) -> None:
        """Begin."""
        self.is_over = False
        self._bounds = bounds
        self._ends = time.monotonic() + bounds.seconds
        self._bytes_left = bounds.answer_bytes
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(bounds.seconds, self._shut)
        self._timer.daemon = True
        self._timer.start()

    def seconds_left(self) -> float:
        """Return how much time is left."""
        return max(0.0, self._ends - time.monotonic())

    def over(self) -> OutOfTime:
        """Return the error for an exceeded time."""
        return OutOfTime(f"no answer within {self._bounds.seconds:g} s")

    def add(self, used: socket.socket) -> None:
        """Shut a socket when the time is over, under whatever layer it lies by then.

        Raises:
            OutOfTime: it is over.
        """
        with self._lock:
            if self.is_over:
                raise self.over()
            self._sockets.append(socket.socket(fileno=os.dup(used.fileno())))

    def count(self, received: int) -> None:
        """Count received bytes.

        Raises:
            AnswerTooLarge: it is too much.
        """
        self._bytes_left -= received
        if self._bytes_left < 0:
            raise AnswerTooLarge(f"more than {self._bounds.answer_bytes} bytes came back")

    def end(self) -> None:
        """Leave the sockets alone from now on."""
        self._timer.cancel()
        with self._lock:
            for one in self._sockets:
                one.close()
            self._sockets.clear()

    def _shut(self) -> None:
        with self._lock:
            self.is_over = True
            for one in self._sockets:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)


_WATCH: ContextVar[Watch] = ContextVar("exchange")


def watch() -> Watch:
    """Return the watch of the exchange that this thread is in.

    Raises:
        LookupError: it is in none.
    """
    return _WATCH.get()
