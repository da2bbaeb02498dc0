"""What tells a Plan from those of its name in other namespaces and clusters: branches are claimed with it.

It depends on the namespace's uid and the Plan's name, so a Plan that is deleted and made again goes on.
"""

import threading
from dataclasses import dataclass, field

from cachetools import LRUCache

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import NAMESPACES, Kube
from resync_argo.names import short_hash

MAX_NAMESPACES = 10_000


@dataclass(frozen=True)
class Owners:
    """The owners of branches; safe to use from many threads."""

    kube: Kube
    _uids: LRUCache[str, str] = field(default_factory=lambda: LRUCache(MAX_NAMESPACES))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def owner_of(self, plan: ObjectKey) -> str:
        """Return 16 hex digits.

        Raises:
            ResyncError: the API server does not tell the namespace's uid.
        """
        with self._lock:
            uid = self._uids.get(plan.namespace)
        if uid is None:
            found = self.kube.get(NAMESPACES, ObjectKey("", plan.namespace))
            uid = str(found["metadata"]["uid"])
            with self._lock:
                self._uids[plan.namespace] = uid
        return short_hash(uid, plan.name, length=16)
