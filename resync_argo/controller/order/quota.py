"""What the runs of one token may still write at its forge; no clock and no lock of its own.

GitHub allows so many requests a minute and an hour that make content ("Rate limits for the REST API",
"About secondary rate limits"). Pods make them, so what is counted here is what each run may need: from
its start what such runs needed lately, and for a window's length after its end what its outcome took.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from statistics import fmean

MINUTE_SECONDS = 60.0
HOUR_SECONDS = 3600.0

REQUESTS_OF_RUN = 20
"""How many requests of every kind a run may need of the token's quota."""

KEPT_REQUESTS = 100
"""How many are left to the controller, which has to look at what people do."""

LEARNED_FROM = 10
"""How many runs say what such runs need; before, each is taken to need the most."""


@dataclass(kw_only=True)
class _Window:
    """What was written in the last so many seconds, of so much that may be."""

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
        # A run that needs more than a window holds goes alone: the forge has the last word.
        excess = reserved + min(needed, self.most) + self.total - self.most
        if excess <= 0:
            return 0.0
        for at, writes in self._written:
            excess -= writes
            if excess <= 0:
                return at + self.seconds - now
        return math.inf


class TokenQuota:
    """One token's runs and what they wrote."""

    def __init__(self, *, a_minute: int, an_hour: int) -> None:
        """Begin with nothing written.

        Args:
            a_minute: how many content-making requests the forge allows in any minute.
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
        """Reserve what a run may write that writes so much at most; return how much that is."""
        reserved = self._needed(most)
        self._reserved += reserved
        self._runs += 1
        return reserved

    def end(self, reserved: float, written: int, most: int, now: float) -> None:
        """Give back what a run had reserved, and count what it wrote until now."""
        self._runs -= 1
        self._reserved = self._reserved - reserved if self._runs else 0.0
        if written:
            self._shares.append(written / most)
            for window in self._windows:
                window.add(written, now)

    def is_idle(self, now: float) -> bool:
        """Return whether nothing of it counts any more."""
        self._forget_old(now)
        return not self._runs and not any(window.total for window in self._windows)

    def wait_seconds(self, most: int, now: float, *, left: int | None = None) -> float:
        """Return how long a run must wait; inf: until another one ends.

        Args:
            most: how many requests that make content it may need.
            now: seconds.
            left: requests of every kind that the forge still answers in this hour; None: not known.
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
