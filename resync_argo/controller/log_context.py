"""Keeps the subject of a thread's log lines: an object and its namespace."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ABOUT: ContextVar[tuple[str, str]] = ContextVar("about", default=("", ""))


@contextmanager
def about(named: str, namespace: str) -> Iterator[None]:
    """Put an object and its namespace into every line that this thread logs inside the block."""
    token = _ABOUT.set((namespace, named))
    try:
        yield
    finally:
        _ABOUT.reset(token)


def subject() -> tuple[str, str]:
    """Return the namespace and the name of this thread's current object; both "" without one."""
    return _ABOUT.get()
