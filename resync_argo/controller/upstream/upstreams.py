"""The state of upstreams: one look per interval serves all Plans of a namespace that share an upstream.

The poller keeps the result; Plans and Tags report it in their conditions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from resync_argo.api.plan import Plan, host_of
from resync_argo.controller.polling.lanes import Lane
from resync_argo.controller.polling.poller import Poller, Seen
from resync_argo.controller.state.keys import UpstreamKey, upstream_key
from resync_argo.upstream.branches import Tip
from resync_argo.upstream.git_tags import GitTag

GitTags: TypeAlias = dict[str, GitTag]
"""An upstream's tags by name."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An upstream's tags and branch tips.

    Attributes:
        tags: its git tags by name.
        tips: the newest commits of the branches that Plans follow, by the Plans' names or patterns;
            without missing branches.
    """

    tags: GitTags = field(default_factory=dict)
    tips: Mapping[str, Tip] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """A question about an upstream.

    Attributes:
        downstreams: `host/owner/name` of those whose credentials may read it.
        branches: the Plans' names or patterns of the branches that they follow.
    """

    downstreams: tuple[str, ...]
    branches: tuple[str, ...] = ()


NOTHING = Shown()


class Upstreams:
    """The state of all upstreams."""

    def __init__(self, poller: Poller[UpstreamKey, Demand, Shown], poll_seconds: float) -> None:
        """Begin with nothing read; `poll_seconds` pass between two looks at an upstream."""
        self.poller = poller
        self._poll_seconds = poll_seconds
        self._complete: dict[UpstreamKey, Shown] = {}

    def ask(self, key: UpstreamKey, plans: list[Plan]) -> Seen[Shown] | None:
        """Return the result of the last look; this may start a new look."""
        configs = [plan.spec.config for plan in plans]
        branches = {it for config in configs if (it := config.upstream.branch) is not None}
        demand = Demand(
            downstreams=tuple(sorted({config.downstream.name for config in configs})),
            branches=tuple(sorted(branches)),
        )
        lane = Lane(key.namespace, host_of(key.repository))
        return self.poller.ask(key, demand, lane, every=self._poll_seconds)

    def seen(self, plan: Plan) -> Seen[Shown] | None:
        """Return the result of the last look at a Plan's upstream."""
        return self.poller.seen(upstream_key(plan))

    def tags_seen_by(self, plans: list[Plan]) -> GitTags | None:
        """Return an upstream's tags as last seen for any of its Plans; None: never seen."""
        answers = [self.poller.seen(key) for key in {upstream_key(plan) for plan in plans}]
        found = [seen for seen in answers if seen is not None and seen.value is not None]
        newest = max(found, key=lambda seen: (seen.error is None, seen.at), default=None)
        return newest.value.tags if newest is not None and newest.value is not None else None

    def mark_complete(self, key: UpstreamKey, shown: Shown) -> None:
        """Record that every release of a look has its Tag."""
        self._complete[key] = shown

    def is_complete(self, plan: Plan) -> bool:
        """Return whether every release of the last look has its Tag, so the order is known."""
        seen = self.seen(plan)
        # An unchanged result is the same object as before.
        return seen is not None and seen.value is self._complete.get(upstream_key(plan), NOTHING)

    def forget(self, key: UpstreamKey) -> None:
        """Forget an upstream that no Plan names any more."""
        self.poller.forget(key)
        self._complete.pop(key, None)
