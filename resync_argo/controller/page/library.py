"""Reads the caches for a page: only what is shown, however much there is.

The caches keep orders, so a part costs only its own size, and counting costs nothing.
"""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from resync_argo.api.conditions import find
from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.page.facts import Filter, Freshness, Portion, Read, Subject
from resync_argo.controller.state.objects import Caches
from resync_argo.controller.state.orders import ASKS, EVERYWHERE, RELEASES
from resync_argo.reasons import sections as at

T = TypeVar("T")
U = TypeVar("U")

Upstream = tuple[str, str]
"""A namespace, and the repository that Plans of it follow."""

MAX_PLANS = 1_000
"""How many Plans of a filter; the rest is left out."""


@dataclass(frozen=True, kw_only=True)
class Library:
    """The caches, and how fresh they are.

    Attributes:
        now: the time, RFC 3339 in UTC.
        runs_url: the address of a namespace's runs; None without a known Argo UI.
        cluster_seconds: how long ago the API server last proved that the caches are fresh.
        stale: the kinds without that proof.
        upstream_seconds: how long ago a Plan's upstream was read; None if this process does not
            read it.
        reads: whether this process reads upstreams.
    """

    caches: Caches
    ranges: Ranges
    now: Callable[[], str]
    runs_url: Callable[[str], str | None] = lambda _namespace: None
    cluster_seconds: Callable[[], float] = lambda: 0.0
    stale: Callable[[], list[str]] = list
    upstream_seconds: Callable[[Plan], float | None] = lambda _plan: None
    reads: Callable[[], bool] = lambda: False

    def freshness(self) -> Freshness:
        """Return how old the data is."""
        return Freshness(
            as_of=self.now(),
            cluster_seconds=int(self.cluster_seconds()),
            stale=tuple(self.stale()),
            reads=self.reads(),
        )

    def read(self, plan: Plan) -> Read:
        """Return when a Plan's upstream was read last."""
        seconds = self.upstream_seconds(plan)
        condition = find(plan.status.conditions, at.UPSTREAM_REACHABLE)
        is_fine = condition is None or condition.status == "True"
        return Read(
            elsewhere=not self.reads(),
            age_seconds=int(seconds) if seconds is not None and math.isfinite(seconds) else None,
            reason="" if is_fine or condition is None else condition.reason,
            message="" if is_fine or condition is None else condition.message,
        )

    def plan(self, key: ObjectKey) -> Plan | None:
        """Return a Plan."""
        return self.caches.plans.get(key)

    def tag(self, key: ObjectKey) -> Tag | None:
        """Return a Tag."""
        return self.caches.tags.get(key)

    def release(self, plan: Plan, version: str) -> Tag | None:
        """Return the Tag of a version that a Plan follows."""
        upstream = plan.spec.config.upstream
        identity = plan.metadata.namespace, upstream.name, upstream.naming, version
        return next(iter(self.caches.tags.by("identity", identity)), None)

    def values(self, wanted: Filter) -> list[Hashable]:
        """Return the lists of the orders that a filter admits."""
        if not (wanted.upstream or wanted.plan):
            return [wanted.namespace or EVERYWHERE]
        return [(it.metadata.namespace, it.metadata.name) for it in self.plans(wanted)]

    def plans(self, wanted: Filter) -> list[Plan]:
        """Return the Plans that a filter admits; it names an upstream or a Plan."""
        plans = self.caches.plans
        spaces = [wanted.namespace] if wanted.namespace else self.namespaces()
        if wanted.plan:
            keys = (ObjectKey(space, wanted.plan) for space in spaces)
            named = [plan for key in keys if (plan := plans.get(key)) is not None]
            return [it for it in named if _follows(it, wanted.upstream)][:MAX_PLANS]
        found = [it for space in spaces for it in plans.by("repository", (space, wanted.upstream))]
        return found[:MAX_PLANS]

    def namespaces(self) -> list[str]:
        """Return the namespaces that have Plans."""
        return sorted(str(it) for it in self.caches.plans.values("namespace"))

    def upstreams(self, wanted: Filter) -> list[Upstream]:
        """Return the upstreams that a filter admits, by name."""
        if wanted.plan:
            of_plans = {_upstream(plan) for plan in self.plans(wanted)}
            return sorted(of_plans, key=lambda it: (it[1], it[0]))
        known = [it for it in self.caches.plans.values("repository") if isinstance(it, tuple)]
        found = [
            (space, name)
            for space, name in known
            if wanted.namespace in ("", space) and wanted.upstream in ("", name)
        ]
        return sorted(found, key=lambda it: (it[1], it[0]))

    def followers(self, upstream: Upstream) -> list[Plan]:
        """Return the Plans that follow an upstream, by branch and name."""
        plans = self.caches.plans.by("repository", upstream)
        return sorted(plans, key=lambda it: (it.spec.config.downstream.branch, it.metadata.name))

    def releases(self, upstream: Upstream, page: int, size: int) -> Portion[Tag]:
        """Return Tags of an upstream, newest first."""
        tags, values = self.caches.tags, [upstream]
        return portion(
            tags.count_ordered(RELEASES, values),
            page,
            size,
            lambda start, stop: tags.ordered(RELEASES, values, start, stop, from_end=True),
        )

    def syncs(
        self, order: str, values: Sequence[Hashable], page: int, size: int, *, newest: bool = False
    ) -> Portion[Sync]:
        """Return Syncs of some lists of an order, oldest first unless the newest are requested."""
        syncs = self.caches.syncs
        return portion(
            syncs.count_ordered(order, values),
            page,
            size,
            lambda start, stop: syncs.ordered(order, values, start, stop, from_end=newest),
        )

    def asking_plans(self, values: Sequence[Hashable], page: int, size: int) -> Portion[Plan]:
        """Return the Plans that wait for a person, oldest first."""
        plans = self.caches.plans
        return portion(
            plans.count_ordered(ASKS, values),
            page,
            size,
            lambda start, stop: plans.ordered(ASKS, values, start, stop),
        )

    def subject(self, sync: Sync) -> Subject:
        """Return the subject of a Sync, as far as its Plan exists."""
        meta, spec = sync.metadata, sync.spec
        plan = self.plan(ObjectKey(meta.namespace, spec.plan))
        if plan is None:
            return Subject(
                namespace=meta.namespace, plan=spec.plan, tag=spec.tag, version=sync.status.version
            )
        return subject_of(plan, spec.tag, sync.status.version)


def portion(
    total: int, page: int, size: int, take: Callable[[int, int], Sequence[T]]
) -> Portion[T]:
    """Return a page; if it does not exist, the nearest one that does.

    Args:
        total: how many items there are.
        page: from 1.
        size: how many a page has.
        take: returns the items from one position to another.
    """
    pages = max(math.ceil(total / size), 1)
    shown = min(max(page, 1), pages)
    items = tuple(take((shown - 1) * size, shown * size))
    return Portion(items=items, page=shown, pages=pages, total=total)


def subject_of(plan: Plan, tag: str = "", version: str = "") -> Subject:
    """Return the subject of a fact about a Plan, or about a release for it."""
    config = plan.spec.config
    return Subject(
        namespace=plan.metadata.namespace,
        plan=plan.metadata.name,
        tag=tag,
        version=version,
        upstream=config.upstream.name,
        downstream=config.downstream.name,
        branch=config.downstream.branch,
    )


def mapped(portion: Portion[T], change: Callable[[T], U]) -> Portion[U]:
    """Return a part with each item converted."""
    items = tuple(map(change, portion.items))
    return Portion(items=items, page=portion.page, pages=portion.pages, total=portion.total)


def cut(items: Sequence[T], page: int, size: int) -> Portion[T]:
    """Return a page of a complete list."""
    return portion(len(items), page, size, lambda start, stop: items[start:stop])


def _upstream(plan: Plan) -> Upstream:
    return plan.metadata.namespace, plan.spec.config.upstream.name


def _follows(plan: Plan, upstream: str) -> bool:
    return upstream in ("", plan.spec.config.upstream.name)
