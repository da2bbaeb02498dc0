"""Retries after temporary problems: a forge or a host that does not answer for a while.

Every retried action is safe to repeat: a push is guarded, an existing pull request is found first,
and a clone starts from scratch. An attempt in a pod retries for a minute; on a laptop it does not
retry, and the error appears at once.
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

from resync_argo.attempt.context import Attempt
from resync_argo.errors import Transient, requested_wait

T = TypeVar("T")

LONGEST_PAUSE_SECONDS = 30.0


def retrying(attempt: Attempt, do: Callable[[], T]) -> T:
    """Return the result of `do`, retried after each `Transient` until `retry_for_seconds` are over.

    Raises:
        Transient: the time for retries is over.
    """
    deadline = time.monotonic() + attempt.retry_for_seconds
    pause = 1.0
    while True:
        try:
            return do()
        except Transient as error:
            wait = max(pause, requested_wait(error))
            if time.monotonic() + wait > deadline:
                raise
            print(f"{error} Trying again in {wait:.0f} s.", file=sys.stderr, flush=True)  # noqa: T201 - the container's log
        time.sleep(wait)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
