"""What the lines that a thread logs are about: an object, and the namespace that it is in."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_ABOUT: ContextVar[tuple[str, str]] = ContextVar("about", default=("", ""))


@contextmanager
def about(named: str, namespace: str) -> Iterator[None]:
    """Let every line that this thread logs while the block lasts name an object and its namespace."""
    token = _ABOUT.set((namespace, named))
    try:
        yield
    finally:
        _ABOUT.reset(token)


def subject() -> tuple[str, str]:
    """Return the namespace and the name of what this thread is at work on; both "" for nothing."""
    return _ABOUT.get()
