"""Waiting for a state of the world, with a deadline. Used by the cluster itself and by tests."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_POLL_SECONDS = 0.1


def wait_for(
    predicate: Callable[[], T | None],
    *,
    deadline_seconds: float,
    describe: str | Callable[[], str],
) -> T:
    """Return the first truthy value of `predicate`.

    Args:
        predicate: looks at the world; anything falsy means "not yet".
        deadline_seconds: how long to go on looking.
        describe: what was waited for, for the error; a function when it is to look once more.

    Raises:
        TimeoutError: the deadline passed.
    """
    deadline = time.monotonic() + deadline_seconds
    while True:
        if value := predicate():
            return value
        if time.monotonic() > deadline:
            text = describe if isinstance(describe, str) else describe()
            raise TimeoutError(f"waited {deadline_seconds:g} s for {text}")
        time.sleep(_POLL_SECONDS)
