"""How many Plans of a namespace are worked for: the oldest ones, as many as the setting says."""

import heapq
from collections.abc import Callable

from cachetools import TTLCache

from resync_argo.api.plan import Plan
from resync_argo.controller.state.objects import Caches

KEEP_SECONDS = 5.0
"""How long the last Plan that counts is remembered: thousands of Plans are not sorted at each pass."""

MAX_NAMESPACES = 10_000

Age = tuple[str, str]
"""When a Plan was made, and its name: of two that were made in one second the names decide."""


class PlanQuota:
    """Knows which Plans count; used with one lock by its caller."""

    def __init__(self, caches: Caches, limit: int, clock: Callable[[], float]) -> None:
        """Begin with nothing remembered.

        Args:
            caches: have the Plans.
            limit: how many Plans a namespace may have.
            clock: seconds that only go forward.
        """
        self.limit = limit
        self._caches = caches
        self._last: TTLCache[str, Age] = TTLCache(MAX_NAMESPACES, ttl=KEEP_SECONDS, timer=clock)

    def admits(self, plan: Plan) -> bool:
        """Return whether a Plan is one of the oldest of its namespace."""
        namespace = plan.metadata.namespace
        if self._caches.plans.count("namespace", namespace) <= self.limit:
            return True
        last = self._last.get(namespace)
        if last is None:
            plans = self._caches.plans.by("namespace", namespace)
            last = max(heapq.nsmallest(self.limit, map(_age, plans)))
            self._last[namespace] = last
        return _age(plan) <= last


def _age(plan: Plan) -> Age:
    return plan.metadata.creation_timestamp or "", plan.metadata.name
