"""Limits a namespace's active Plans: the oldest ones, up to the configured number."""

import heapq
from collections.abc import Callable

from cachetools import TTLCache

from resync_argo.api.plan import Plan
from resync_argo.controller.state.objects import Caches

KEEP_SECONDS = 5.0
"""How long to cache the last active Plan, so that thousands of Plans are not sorted at each reconcile."""

MAX_NAMESPACES = 10_000

Age = tuple[str, str]
"""A Plan's creation time and name; the name orders Plans of the same second."""


class PlanQuota:
    """Finds the active Plans; its caller uses it under one lock."""

    def __init__(self, caches: Caches, limit: int, clock: Callable[[], float]) -> None:
        """Start empty.

        Args:
            caches: have the Plans.
            limit: how many Plans a namespace may have.
            clock: monotonic seconds.
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
