"""The Tags that each Plan wants, cached until the Plan changes or a Tag of its upstream comes or goes.

An upstream may have thousands of releases and many Plans that each want a few. So an event of one
sync needs to look only at those few.
"""

import threading

from cachetools import LRUCache

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.controller.order.ranges import MAX_PLANS, Ranges
from resync_argo.controller.state.keys import repository_of
from resync_argo.controller.state.objects import Caches

_Plan = tuple[str, str, int]
_Found = tuple[int, tuple[ObjectKey, ...]]


class Wanted:
    """The Tags that all Plans want; safe to use from many threads."""

    def __init__(self, caches: Caches, ranges: Ranges) -> None:
        """Start empty.

        Args:
            caches: have the Tags.
            ranges: which of them a Plan wants.
        """
        self._caches = caches
        self._ranges = ranges
        self._found: LRUCache[_Plan, _Found] = LRUCache(MAX_PLANS)
        self._lock = threading.Lock()

    def of(self, plan: Plan) -> list[Tag]:
        """Return the current Tags that a Plan wants."""
        meta, tags = plan.metadata, self._caches.tags
        key = meta.namespace, meta.uid, meta.generation
        # Checked first: a Tag that appears meanwhile is found the next time.
        membership = tags.membership("repository", repository_of(plan))
        with self._lock:
            found = self._found.get(key)
        if found is None or found[0] != membership:
            wanted = (tag for tag in self._caches.tags_of(plan) if self._ranges.wants(plan, tag))
            found = membership, tuple(tag.metadata.key for tag in wanted)
            with self._lock:
                self._found[key] = found
        return [tag for name in found[1] if (tag := tags.get(name)) is not None]
