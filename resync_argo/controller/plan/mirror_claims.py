"""Finds namespaces with a PersistentVolumeClaim for mirrors, so that no pod waits for a missing one."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from cachetools import TTLCache

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import CLAIMS, Kube
from resync_argo.controller.kube.errors import Forbidden, NotFound
from resync_argo.controller.state.cluster import Cluster
from resync_argo.settings import Settings

CLAIM_SECONDS = 60.0
"""How long an answer is valid: the Plans of a namespace ask for the same claim."""

MAX_NAMESPACES = 10_000


def _cache(clock: Callable[[], float]) -> TTLCache[str, str]:
    return TTLCache(MAX_NAMESPACES, CLAIM_SECONDS, timer=clock)


@dataclass(kw_only=True)
class MirrorClaims:
    """Looks up claims, each at most once a minute."""

    cluster: Cluster
    _lacking: TTLCache[str, str] = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Start empty."""
        self._lacking = _cache(self.cluster.clock)

    def settings_for(self, namespace: str) -> Settings:
        """Return the settings to compile with: without a mirror if the namespace has no claim.

        Raises:
            ResyncError: the API server does not answer.
        """
        settings = self.cluster.settings
        return (
            settings.model_copy(update={"mirror_claim": ""}) if self.lacks(namespace) else settings
        )

    def lacks(self, namespace: str) -> str:
        """Return why a namespace's attempts have no mirror although one is configured, or "".

        Raises:
            ResyncError: the API server does not answer.
        """
        name = self.cluster.settings.mirror_claim
        if not name:
            return ""
        with self._lock:
            known = self._lacking.get(namespace)
        if known is None:
            known = _look(self.cluster.kube, ObjectKey(namespace, name))
            with self._lock:
                self._lacking[namespace] = known
        return known


def _look(kube: Kube, key: ObjectKey) -> str:
    try:
        claim = kube.get(CLAIMS, key)
    except NotFound:
        return f"the namespace has no PersistentVolumeClaim {key.name}"
    except Forbidden:
        return f"the controller may not look for the PersistentVolumeClaim {key.name}: apply the manifests again"
    if claim["metadata"].get("deletionTimestamp"):
        return f"the PersistentVolumeClaim {key.name} is being deleted"
    return ""
