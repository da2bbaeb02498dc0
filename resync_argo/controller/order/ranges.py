"""Which releases a Plan's ranges admit; answers are kept, since many Tags are asked about often."""

import threading

from cachetools import LRUCache
from semver import Version

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.errors import Stalled
from resync_argo.upstream.eligibility import Policy, follows
from resync_argo.upstream.versions import parse_version

MAX_PLANS = 10_000
MAX_VERSIONS = 20_000
"""Of one Plan whose answers are kept."""


class Ranges:
    """The ranges of all Plans; safe to use from many threads."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._read: LRUCache[tuple[str, str, int], _Range] = LRUCache(MAX_PLANS)
        self._lock = threading.Lock()

    def admits(self, plan: Plan, version: str) -> bool:
        """Tell whether a version is in a Plan's ranges; never where one of them cannot be read."""
        meta = plan.metadata
        key = meta.namespace, meta.uid, meta.generation
        with self._lock:
            read = self._read.get(key)
            if read is None:
                read = self._read[key] = _Range(plan)
            return read.admits(version)

    def wants(self, plan: Plan, tag: Tag) -> bool:
        """Tell whether a Plan wants a Tag, by the Tag's identity; never of another namespace."""
        upstream = plan.spec.config.upstream
        return (
            plan.metadata.namespace == tag.metadata.namespace
            and follows(upstream, repository=tag.spec.repository, tag_prefix=tag.spec.tag_prefix)
            and self.admits(plan, tag.version)
        )


class _Range:
    def __init__(self, plan: Plan) -> None:
        try:
            self._policy: Policy | None = Policy.of(plan.spec.config)
        except Stalled:  # the Plan's own condition says so
            self._policy = None
        self._known: LRUCache[str, bool] = LRUCache(MAX_VERSIONS)

    def admits(self, text: str) -> bool:
        known = self._known.get(text)
        if known is None:
            known = self._known[text] = self._admits(text)
        return known

    def _admits(self, text: str) -> bool:
        version = parse_version(text)
        if self._policy is None or not isinstance(version, Version):
            return False
        return self._policy.refusal(version) is None
