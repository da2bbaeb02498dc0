"""Reads upstreams: their git tags, and the newest commits of the branches that Plans follow."""

import threading
from contextlib import suppress
from dataclasses import dataclass, field

from cachetools import LRUCache

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.controller.state.keys import UpstreamKey
from resync_argo.controller.upstream.upstreams import Demand, Shown
from resync_argo.forge.interface import ObjectNotFound
from resync_argo.git import Git, Remote
from resync_argo.upstream.branches import Head, Tip
from resync_argo.upstream.remote import date, list_heads, list_tags

MAX_DATES = 10_000
"""How many commits' dates to cache."""


@dataclass(frozen=True, kw_only=True)
class UpstreamReader:
    """Reads upstreams, one at a time."""

    git: Git
    remotes: Remotes
    dates: LRUCache[tuple[UpstreamKey, Head], Tip] = field(
        default_factory=lambda: LRUCache(MAX_DATES)
    )
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, key: UpstreamKey, demand: Demand) -> Shown:
        """Return the upstream's tags and branch tips.

        Raises:
            ResyncError: it cannot be read; the message says why.
        """
        remote = self._remote(key, demand.downstreams)
        tags = {tag.name: tag for tag in list_tags(self.git, remote)}
        heads = list_heads(self.git, remote, demand.branches)
        tips = {wanted: self._dated(key, remote, head) for wanted, head in heads.items()}
        return Shown(tags=tags, tips=tips)

    def _dated(self, key: UpstreamKey, remote: Remote, head: Head) -> Tip:
        """Return a head with its date; fetches the date once."""
        with self.lock:
            known = self.dates.get((key, head))
        if known is None:
            known = date(remote, head)
            with self.lock:
                self.dates[key, head] = known
        return known

    def _remote(self, key: UpstreamKey, downstreams: tuple[str, ...]) -> Remote:
        """Return the upstream's remote, with the token of the first downstream that gets one."""
        secret = ObjectKey(key.namespace, key.secret) if key.secret is not None else None
        for downstream in downstreams[:-1]:
            with suppress(ObjectNotFound):  # The App may not be installed on that downstream.
                return self.remotes.upstream(key.repository, secret, downstream)
        return self.remotes.upstream(key.repository, secret, downstreams[-1])
