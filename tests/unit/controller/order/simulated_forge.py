"""A forge with GitHub's documented limits, and syncs that run against it, in simulated time.

Source: GitHub's "Rate limits for the REST API": at most 100 requests at a time, 80 content-making ones
a minute and 500 an hour; a refusal tells in `Retry-After` how long to wait.
"""

import heapq
import itertools
import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.order.fair_queue import Claim
from resync_argo.controller.order.limits import Limits
from resync_argo.settings import Settings

AT_A_TIME, A_MINUTE, AN_HOUR = 100, 80, 500
RETRY_AFTER = 60.0


@dataclass
class SimulatedForge:
    """Counts one token's writes; `refused` counts refusals, by limit."""

    made: deque[float] = field(default_factory=deque)
    refused: Counter[str] = field(default_factory=Counter)

    def make(self, now: float) -> bool:
        """Create content; return whether the forge allowed it."""
        while self.made and self.made[0] <= now - 3600.0:
            self.made.popleft()
        limits = {"minute": (60.0, A_MINUTE), "hour": (3600.0, AN_HOUR)}
        for name, (seconds, most) in limits.items():
            if sum(1 for at in self.made if at > now - seconds) >= most:
                self.refused[name] += 1
                return False
        self.made.append(now)
        return True


def least_seconds(requests: int) -> float:
    """Return when the last of so many requests can be made at the earliest, the first being at 0."""
    times: list[float] = []
    for number in range(requests):
        in_minute = times[number - A_MINUTE] + 60.0 if number >= A_MINUTE else 0.0
        in_hour = times[number - AN_HOUR] + 3600.0 if number >= AN_HOUR else 0.0
        times.append(max(in_minute, in_hour))
    return times[-1]


class Simulation:
    """Syncs that are all due at 0; each run takes a random time and then opens a pull request.

    A given share of them end with a conflict, whose pull request also has a commit status.
    """

    def __init__(
        self,
        claims: dict[ObjectKey, Claim],
        settings: Settings,
        *,
        conflicts: float = 0.0,
        seed: int = 1,
    ) -> None:
        self.now = 0.0
        self.forge = SimulatedForge()
        self.begun: dict[ObjectKey, float] = {}
        self.opened: Counter[ObjectKey] = Counter()
        self.most_at_once = 0
        self.running: Counter[str] = Counter()
        self._conflicts = conflicts
        self._closed_until = 0.0
        self._claims = claims
        self._random = random.Random(seed)  # noqa: S311 - a simulation
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self.limits = Limits(
            settings,
            clock=lambda: self.now,
            tell=lambda key, seconds: self._at(self.now + seconds, lambda: self._look(key)),
            must_wait=lambda _token: max(self._closed_until - self.now, 0.0),
        )
        for key in claims:
            self._at(0.0, lambda key=key: self._look(key))  # type: ignore[misc]  # bound at once

    def run(self) -> None:
        """Go on until nothing is due any more."""
        while self._events and len(self.opened) < len(self._claims):
            self.now, _, act = heapq.heappop(self._events)
            act()

    def _at(self, when: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._count), act))

    def _look(self, key: ObjectKey) -> None:
        if key in self.begun or self.limits.admit(key, self._claims[key]) is not None:
            return
        self.limits.began(key, self._claims[key])
        self.begun[key] = self.now
        self.running[key.namespace] += 1
        self.most_at_once = max(self.most_at_once, self.running.total())
        self._at(self.now + self._random.uniform(15.0, 60.0), lambda: self._end(key))

    def _end(self, key: ObjectKey) -> None:
        self.running[key.namespace] -= 1
        is_conflict = self._random.random() < self._conflicts
        claim = self._claims[key]
        writes = claim.conflict_writes if is_conflict else claim.writes
        if all(self.forge.make(self.now) for _ in range(writes)):
            self.opened[key] += 1
            self.limits.ended(key, in_conflict=is_conflict)
            return
        self._closed_until = self.now + RETRY_AFTER
        del self.begun[key]
        self.limits.ended(key)
        self._at(self.now + RETRY_AFTER, lambda: self._look(key))
