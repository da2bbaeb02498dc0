"""A Plan's identity across namespaces and clusters, with which it claims branches.

It depends on the namespace's uid and the Plan's name, so a Plan that is deleted and created again
continues.
"""

import threading
from dataclasses import dataclass, field

from cachetools import LRUCache

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import NAMESPACES, Kube
from resync_argo.git import LOOK, Git, Remote
from resync_argo.hosts.owner_commit import owner_commit
from resync_argo.hosts.refs import list_refs
from resync_argo.names import owner_ref, short_hash

MAX_NAMESPACES = 10_000


@dataclass(frozen=True)
class Owners:
    """The owners of branches; safe to use from many threads."""

    kube: Kube
    git: Git
    _uids: LRUCache[str, str] = field(default_factory=lambda: LRUCache(MAX_NAMESPACES))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def owner_of(self, plan: ObjectKey) -> str:
        """Return 16 hex digits.

        Raises:
            ResyncError: the API server does not return the namespace's uid.
        """
        with self._lock:
            uid = self._uids.get(plan.namespace)
        if uid is None:
            found = self.kube.get(NAMESPACES, ObjectKey("", plan.namespace))
            uid = str(found["metadata"]["uid"])
            with self._lock:
                self._uids[plan.namespace] = uid
        return short_hash(uid, plan.name, length=16)

    def is_claimed_elsewhere(self, plan: ObjectKey, line: str, repository: Remote) -> bool:
        """Return whether a Plan of the same name elsewhere has claimed a release's branches.

        Args:
            plan: the asking Plan.
            line: names the release's branches.
            repository: that of the branches.

        Raises:
            ResyncError: the API server or the repository's host does not answer.
        """
        git, ref = self.git.within(LOOK), owner_ref(plan.name, line)
        claimed = list_refs(git, repository, ref).get(ref)
        return claimed not in (None, owner_commit(git, self.owner_of(plan)))
