"""A queue of keys: each key once, one worker per key at a time, with back-off after failures.

The rules are those of client-go's work queue: a key that is added while a worker has it returns
when that worker is done; a failed key returns after a wait that doubles. Urgent keys go first, so
that a person's change does not wait behind ten thousand releases. But every fourth key is not
urgent, so that one group's urgent keys never block another group's other keys. Groups take turns
within both kinds.
"""

import heapq
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from resync_argo.controller.kube.fair_lane import FairLane

URGENT_IN_A_ROW = 3

FIRST_RETRY_SECONDS = 0.25
LAST_RETRY_SECONDS = 300.0

K = TypeVar("K", bound=Hashable)


def back_off(failures: int, *, first: float, last: float) -> float:
    """Return the seconds to wait after so many failures in a row, with a jitter of a fifth."""
    return min(last, first * 2.0 ** min(failures - 1, 30)) * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load


class Queue(Generic[K]):
    """Keys to reconcile; safe to use from many threads."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        group_of: Callable[[K], str] = lambda _key: "",
    ) -> None:
        """Start empty.

        Args:
            clock: monotonic seconds.
            group_of: returns a key's group; groups take turns.
        """
        self._clock = clock
        self._group_of = group_of
        self._urgent: FairLane[K] = FairLane(group_of)
        self._ready: FairLane[K] = FairLane(group_of)
        self._urgent_in_a_row = 0
        self._working: dict[
            K, bool | None
        ] = {}  # Whether a key was added again meanwhile, and whether urgently.
        self._later: list[tuple[float, int, K]] = []
        self._due: dict[K, float] = {}
        self._failures: dict[K, int] = {}
        self._count = 0
        self._closed = False
        self._changed = threading.Condition()

    def add(self, key: K, *, urgent: bool = False) -> None:
        """Queue the key for the next free worker; urgent keys go first."""
        with self._changed:
            self._add(key, urgent=urgent)

    def add_after(self, key: K, seconds: float) -> None:
        """Queue the key after a while; of several requests, the earliest counts."""
        with self._changed:
            due = self._clock() + seconds
            if due >= self._due.get(key, float("inf")):
                return
            self._due[key] = due
            self._count += 1
            heapq.heappush(self._later, (due, self._count, key))
            self._changed.notify()

    def retry(self, key: K, *, at_least: float = 0.0) -> float:
        """Queue the key again after a failure; return the wait in seconds."""
        with self._changed:
            failures = self._failures[key] = self._failures.get(key, 0) + 1
        seconds = back_off(failures, first=FIRST_RETRY_SECONDS, last=LAST_RETRY_SECONDS)
        self.add_after(key, max(seconds, at_least))
        return max(seconds, at_least)

    def succeeded(self, key: K) -> None:
        """Forget the key's failures."""
        with self._changed:
            self._failures.pop(key, None)

    def take(self) -> K | None:
        """Wait for a key and return it; None once the queue is closed."""
        with self._changed:
            while not self._closed:
                wait = self._promote()
                if self._urgent or self._ready:
                    key = self._next()
                    self._working[key] = None
                    return key
                self._changed.wait(wait)
        return None

    def done(self, key: K) -> None:
        """Report that the worker has finished with the key."""
        with self._changed:
            came_meanwhile = self._working.pop(key, None)
            if came_meanwhile is not None:
                self._add(key, urgent=came_meanwhile)

    def close(self) -> None:
        """Stop every worker; remaining keys are dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __len__(self) -> int:
        """Return how many keys are ready or with a worker, not counting delayed ones."""
        with self._changed:
            return sum(self._counts().values())

    def counts(self) -> dict[str, int]:
        """Return the same count by group, without zeros."""
        with self._changed:
            return dict(self._counts())

    def _counts(self) -> Counter[str]:
        self._promote()
        counts = Counter(map(self._group_of, self._working))
        counts.update(self._urgent.counts())
        counts.update(self._ready.counts())
        return counts

    def _next(self) -> K:
        is_urgent = bool(self._urgent) and (
            not self._ready or self._urgent_in_a_row < URGENT_IN_A_ROW
        )
        self._urgent_in_a_row = self._urgent_in_a_row + 1 if is_urgent else 0
        return (self._urgent if is_urgent else self._ready).take()

    def _add(self, key: K, *, urgent: bool) -> None:
        if key in self._working:
            self._working[key] = urgent or bool(self._working[key])
        elif urgent:
            self._ready.discard(key)
            self._urgent.add(key)
        elif key not in self._urgent:
            self._ready.add(key)
        self._changed.notify()

    def _promote(self) -> float | None:
        """Move due keys to the ready ones; return the seconds until the next is due."""
        now = self._clock()
        while self._later:
            due, _, key = self._later[0]
            if self._due.get(key) != due:
                heapq.heappop(self._later)
            elif due <= now:
                heapq.heappop(self._later)
                del self._due[key]
                self._add(key, urgent=False)
            else:
                return due - now
        return None
