"""Decides which releases a Plan's ranges admit, and caches the results."""

import threading

from cachetools import LRUCache

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.errors import Stalled
from resync_argo.upstream.eligibility import Policy, follows
from resync_argo.upstream.scheme import Scheme
from resync_argo.upstream.versions import Refusal

MAX_PLANS = 10_000
MAX_VERSIONS = 20_000
"""How many results to cache for one Plan."""


class Ranges:
    """The ranges of all Plans; safe to use from many threads."""

    def __init__(self) -> None:
        """Start empty."""
        self._read: LRUCache[tuple[str, str, int], _Range] = LRUCache(MAX_PLANS)
        self._lock = threading.Lock()

    def admits(self, plan: Plan, version: str) -> bool:
        """Return whether a version is in a Plan's ranges; False if one of them is invalid."""
        with self._lock:
            return self._of(plan).admits(version)

    def scheme(self, plan: Plan) -> Scheme | None:
        """Return how a Plan parses versions; None if that, or one of its ranges, is invalid."""
        with self._lock:
            return self._of(plan).scheme

    def wants(self, plan: Plan, tag: Tag) -> bool:
        """Return whether a Plan wants a Tag of its namespace, by the Tag's identity."""
        upstream = plan.spec.config.upstream
        return follows(
            upstream, repository=tag.spec.repository, naming=tag.spec.naming
        ) and self.admits(plan, tag.version)

    def _of(self, plan: Plan) -> "_Range":
        meta = plan.metadata
        key = meta.namespace, meta.uid, meta.generation
        read = self._read.get(key)
        if read is None:
            read = self._read[key] = _Range(plan)
        return read


class _Range:
    def __init__(self, plan: Plan) -> None:
        try:
            self._policy: Policy | None = Policy.of(plan.spec.config)
        except Stalled:  # The Plan's own condition reports it.
            self._policy = None
        self._known: dict[str, bool] = {}

    @property
    def scheme(self) -> Scheme | None:
        return self._policy.scheme if self._policy is not None else None

    def admits(self, text: str) -> bool:
        known = self._known.get(text)
        if known is None:
            if len(self._known) >= MAX_VERSIONS:
                self._known.clear()
            known = self._known[text] = self._admits(text)
        return known

    def _admits(self, text: str) -> bool:
        if self._policy is None:
            return False
        version = self._policy.scheme.read(text)
        return not isinstance(version, Refusal) and self._policy.refusal(version) is None
