"""Tries again what may work later by itself: a forge or a host that does not answer for a while.

Everything that is tried again is safe to repeat: a push is guarded, a pull request is found before
it is made, and a clone begins again from nothing. In a pod an attempt has a minute of patience; a person at a
laptop has none, and reads the error at once.
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

from resync_argo.attempt.context import Attempt
from resync_argo.errors import Transient, patience_of

T = TypeVar("T")

LONGEST_PAUSE_SECONDS = 30.0


def patiently(attempt: Attempt, do: Callable[[], T]) -> T:
    """Return what `do` returns, trying again after each `Transient` while there is patience.

    Raises:
        Transient: patience is at its end.
    """
    deadline = time.monotonic() + attempt.patience_seconds
    pause = 1.0
    while True:
        try:
            return do()
        except Transient as error:
            wait = max(pause, patience_of(error))
            if time.monotonic() + wait > deadline:
                raise
            print(f"{error} Trying again in {wait:.0f} s.", file=sys.stderr, flush=True)  # noqa: T201 - the container's log
        time.sleep(wait)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
