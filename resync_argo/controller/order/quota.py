"""The remaining writes of one token's runs at its forge; it has no clock and no lock of its own.

GitHub limits content-creating requests per minute and per hour ("Rate limits for the REST API",
"About secondary rate limits"). Pods make them, so each run's number is estimated here: from its
start, from recent runs of its kind; after its end, for one window, from its outcome.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import fmean

MINUTE_SECONDS = 60.0
HOUR_SECONDS = 3600.0

REQUESTS_OF_RUN = 20
"""How many requests of any kind a run may need from the token's quota."""

KEPT_REQUESTS = 100
"""How many requests are reserved for the controller, which watches people's actions."""

LEARNED_FROM = 10
"""How many recent runs make up the estimate; before that, each run counts with the maximum."""


@dataclass(kw_only=True)
class _Window:
    """The writes in the last window of some seconds, and the limit."""

    seconds: float
    most: int
    total: int = 0
    _written: deque[tuple[float, int]] = field(default_factory=deque)

    def add(self, writes: int, now: float) -> None:
        self._written.append((now, writes))
        self.total += writes

    def forget_old(self, now: float) -> None:
        while self._written and self._written[0][0] <= now - self.seconds:
            self.total -= self._written.popleft()[1]

    def wait_seconds(self, reserved: float, needed: float, now: float) -> float:
        # A run that needs more than a window allows runs alone; the forge has the final say.
        excess = reserved + min(needed, self.most) + self.total - self.most
        if excess <= 0:
            return 0.0
        for at, writes in self._written:
            excess -= writes
            if excess <= 0:
                return at + self.seconds - now
        return math.inf


class TokenQuota:
    """One token's runs and their writes."""

    def __init__(self, *, a_minute: int, an_hour: int) -> None:
        """Begin with nothing written.

        Args:
            a_minute: how many content-creating requests the forge allows in any minute.
            an_hour: the same for an hour.
        """
        self._runs = 0
        self._reserved = 0.0
        self._shares: deque[float] = deque(maxlen=LEARNED_FROM)
        self._windows = (
            _Window(seconds=MINUTE_SECONDS, most=a_minute),
            _Window(seconds=HOUR_SECONDS, most=an_hour),
        )

    def begin(self, most: int) -> float:
        """Reserve the writes of a run, at most a given number; return how many."""
        reserved = self._needed(most)
        self._reserved += reserved
        self._runs += 1
        return reserved

    def end(self, reserved: float, written: int, most: int, now: float) -> None:
        """Release a run's reservation, and count its actual writes."""
        self._runs -= 1
        self._reserved = self._reserved - reserved if self._runs else 0.0
        if written:
            self._shares.append(written / most)
            for window in self._windows:
                window.add(written, now)

    def is_idle(self, now: float) -> bool:
        """Return whether none of its writes count any more."""
        self._forget_old(now)
        return not self._runs and not any(window.total for window in self._windows)

    def wait_seconds(self, most: int, now: float, *, left: int | None = None) -> float:
        """Return how long a run must wait; inf: until another one ends.

        Args:
            most: how many content-creating requests it may need.
            now: seconds.
            left: remaining requests of any kind in this hour; None: unknown.
        """
        self._forget_old(now)
        if left is not None and left < KEPT_REQUESTS + REQUESTS_OF_RUN * (self._runs + 1):
            return MINUTE_SECONDS
        needed = self._needed(most)
        return max(window.wait_seconds(self._reserved, needed, now) for window in self._windows)

    def _needed(self, most: int) -> float:
        return most * fmean(self._shares) if len(self._shares) == LEARNED_FROM else float(most)

    def _forget_old(self, now: float) -> None:
        for window in self._windows:
            window.forget_old(now)
