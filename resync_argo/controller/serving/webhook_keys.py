"""The keys that may sign webhook deliveries: one for each Secret, cached for a while.

A delivery's path names its Secret, so only one key is tried. On the older common path, only the few
keys of the oldest Plans are tried, so that more teams or Secrets do not increase the cost.
"""

import threading
from collections.abc import Iterator

from cachetools import TTLCache

from resync_argo.api.conditions import find
from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.controller.forge.secrets import WEBHOOK_KEY, Secrets
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.objects import github_secrets
from resync_argo.errors import ResyncError
from resync_argo.reasons import sections as at

KEY_SECONDS = 60.0
"""How long to cache a Secret's key, or its absence: a flood must not become API requests."""

MAX_KEYS = 10_000

COMMON_KEYS = 16
"""The most keys to try on the common path."""

COMMON_SECRETS = 100
"""The most Secrets to read to find them."""

Keys = dict[bytes, set[ObjectKey]]
"""Each key with the Secrets that hold it."""


class WebhookKeys:
    """The keys of the Secrets that Plans name; safe to use from many threads."""

    def __init__(self, cluster: Cluster, secrets: Secrets) -> None:
        """Begin with none read."""
        self._cluster = cluster
        self._secrets = secrets
        self._kept: TTLCache[ObjectKey, bytes] = TTLCache(
            MAX_KEYS, ttl=KEY_SECONDS, timer=cluster.clock
        )
        self._common: TTLCache[None, Keys] = TTLCache(1, ttl=KEY_SECONDS, timer=cluster.clock)
        self._lock = threading.Lock()

    def is_known(self, secret: ObjectKey) -> bool:
        """Return whether an active Plan names a Secret."""
        return any(map(_is_admitted, self._cluster.caches.plans.by("secret", secret)))

    def of(self, secret: ObjectKey) -> Keys:
        """Return the key of a Secret; none if no Plan names it, or it has none."""
        key = self._key(secret) if self.is_known(secret) else b""
        return {key: {secret}} if key else {}

    def common(self) -> Keys:
        """Return the keys of the Secrets of the oldest Plans."""
        with self._lock:
            known = self._common.get(None)
        if known is None:
            known = self._read_common()
            with self._lock:
                self._common[None] = known
        return known

    def _read_common(self) -> Keys:
        keys: Keys = {}
        for secret in self._oldest():
            if not (key := self._key(secret)):
                continue
            if key in keys or len(keys) < COMMON_KEYS:
                keys.setdefault(key, set()).add(secret)
        return keys

    def _oldest(self) -> Iterator[ObjectKey]:
        """Yield the Secrets of the oldest Plans; newer Plans cannot displace them."""
        plans = filter(_is_admitted, self._cluster.caches.plans.all())
        secrets = dict.fromkeys(
            it for plan in sorted(plans, key=_age) for it in github_secrets(plan)
        )
        yield from list(secrets)[:COMMON_SECRETS]

    def _key(self, secret: ObjectKey) -> bytes:
        """Return a Secret's key; empty where it has none."""
        with self._lock:
            known = self._kept.get(secret)
        if known is None:
            try:
                found = self._secrets.data(secret).get(WEBHOOK_KEY, "").strip()
            except ResyncError:
                found = ""
            known = found.encode()
            with self._lock:
                self._kept[secret] = known
        return known


def _is_admitted(plan: Plan) -> bool:
    """Return whether a Plan's last reconcile found it active."""
    conditions = plan.status.conditions
    return find(conditions, at.READY) is not None and find(conditions, at.ADMITTED) is None


def _age(plan: Plan) -> tuple[str, str, str]:
    meta = plan.metadata
    return meta.creation_timestamp or "", meta.namespace, meta.name
