"""Counts the requests of a piece of work against a forge's quota.

A piece of work is everything that one thread does inside `counted`; connections call `spend`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Spending:
    """How many requests were made so far."""

    requests: int = 0


_SPENDING: ContextVar[Spending | None] = ContextVar("spending", default=None)


@contextmanager
def counted() -> Iterator[Spending]:
    """Count the requests of this thread inside the block."""
    spending = Spending()
    token = _SPENDING.set(spending)
    try:
        yield spending
    finally:
        _SPENDING.reset(token)


def spend(requests: int = 1) -> None:
    """Count requests, if this thread is inside `counted`."""
    spending = _SPENDING.get()
    if spending is not None:
        spending.requests += requests
