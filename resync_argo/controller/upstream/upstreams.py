"""Reads upstreams: one `git ls-remote` per interval serves every Plan of a namespace that shares one.

What was seen is kept by the poller; Plans and Tags say it in their conditions.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan, RepositoryName
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.controller.polling.lanes import Lane
from resync_argo.controller.polling.poller import Poller, Seen
from resync_argo.controller.state.keys import UpstreamKey, upstream_key
from resync_argo.forge.interface import ObjectNotFound
from resync_argo.git import Git, Remote
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.remote import list_tags

GitTags: TypeAlias = dict[str, GitTag]
"""An upstream's tags by name."""

Downstreams: TypeAlias = tuple[str, ...]
"""The downstreams, as `host/owner/name`, whose credentials an upstream may be read with."""


@dataclass(frozen=True, kw_only=True)
class UpstreamReader:
    """Reads one upstream after another."""

    git: Git
    remotes: Remotes

    def look(self, key: UpstreamKey, downstreams: Downstreams) -> GitTags:
        """Return the upstream's tags.

        Raises:
            ResyncError: it cannot be read; says why.
        """
        return {tag.name: tag for tag in list_tags(self.git, self._remote(key, downstreams))}

    def _remote(self, key: UpstreamKey, downstreams: Downstreams) -> Remote:
        """Return how to read it: with the token of the first downstream that gets one."""
        secret = ObjectKey(key.namespace, key.secret) if key.secret is not None else None
        for downstream in downstreams[:-1]:
            with suppress(ObjectNotFound):  # the App is not installed on that downstream
                return self.remotes.upstream(key.repository, secret, downstream)
        return self.remotes.upstream(key.repository, secret, downstreams[-1])


class Upstreams:
    """What is known of all upstreams."""

    def __init__(
        self, poller: Poller[UpstreamKey, Downstreams, GitTags], poll_seconds: float
    ) -> None:
        """Begin with nothing read; `poll_seconds` pass between two looks at an upstream."""
        self.poller = poller
        self._poll_seconds = poll_seconds
        self._complete: dict[UpstreamKey, GitTags] = {}

    def ask(self, key: UpstreamKey, plans: list[Plan]) -> Seen[GitTags] | None:
        """Return what the last look showed; a look may begin now."""
        downstreams = tuple(sorted({plan.spec.config.downstream.name for plan in plans}))
        lane = Lane(key.namespace, RepositoryName.of(key.repository).host)
        return self.poller.ask(key, downstreams, lane, every=self._poll_seconds)

    def seen(self, plan: Plan) -> Seen[GitTags] | None:
        """Return what the last look at a Plan's upstream showed."""
        return self.poller.seen(upstream_key(plan))

    def tags_seen_by(self, plans: list[Plan]) -> GitTags | None:
        """Return an upstream's tags as any of its Plans last saw them; None: none ever did."""
        answers = [self.poller.seen(key) for key in {upstream_key(plan) for plan in plans}]
        found = [seen for seen in answers if seen is not None and seen.value is not None]
        newest = max(found, key=lambda seen: (seen.error is None, seen.at), default=None)
        return newest.value if newest is not None else None

    def mark_complete(self, key: UpstreamKey, tags: GitTags) -> None:
        """Say that every release which a look showed has its Tag."""
        self._complete[key] = tags

    def is_complete(self, plan: Plan) -> bool:
        """Tell whether every release that the last look showed has its Tag, so the order is known."""
        seen = self.seen(plan)
        # What is unchanged is the very object that an earlier look showed.
        return seen is not None and seen.value is self._complete.get(upstream_key(plan), {})

    def forget(self, key: UpstreamKey) -> None:
        """Drop what is known of an upstream that no Plan names any more."""
        self.poller.forget(key)
        self._complete.pop(key, None)
