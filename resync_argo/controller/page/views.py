"""Gathers the content of each page, in parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.page.facts import (
    Filter,
    Matrix,
    Moment,
    Overview,
    PlanFacts,
    Progress,
    TagFacts,
)
from resync_argo.controller.page.library import Library, Upstream, cut, mapped, subject_of
from resync_argo.controller.page.matrix import cell_of, column_of, short_matrix, whole_matrix
from resync_argo.controller.page.past import moments_of, past_of, statements_of
from resync_argo.controller.page.people import need_of, need_of_plan, work_of
from resync_argo.controller.state.orders import ASKS, ENDED, WORKS, question_of

WAITING, PLANS, WORK, UPSTREAMS, HISTORY, RELEASES = PARTS = (
    "waiting",
    "plans",
    "work",
    "upstreams",
    "history",
    "releases",
)
"""The lists with pages; a query names them."""

MAX_MOMENTS = 40
MAX_PLANS_OF_TAG = 50


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """The page size of each list."""

    waiting: int = 20
    plans: int = 10
    work: int = 10
    upstreams: int = 6
    history: int = 15
    releases: int = 50


SCREEN = Sizes()
PROGRAM = Sizes(waiting=50, plans=50, work=50, upstreams=10, history=50)
FILE = Sizes(waiting=500, plans=500, work=500, upstreams=200, history=200)
"""How many items a file has, since nobody can turn pages there."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A request: whose facts, which page of each list, and the page size."""

    only: Filter = field(default_factory=Filter)
    pages: Mapping[str, int] = field(default_factory=dict)
    sizes: Sizes = SCREEN

    def page(self, part: str) -> int:
        """Return which page of a list is requested."""
        return self.pages.get(part, 1)


def overview(library: Library, wanted: Wanted) -> Overview:
    """Return the content of the first page."""
    values, sizes = library.values(wanted.only), wanted.sizes
    upstreams = cut(library.upstreams(wanted.only), wanted.page(UPSTREAMS), sizes.upstreams)
    plans = library.asking_plans(values, wanted.page(PLANS), sizes.plans)
    needs = library.syncs(ASKS, values, wanted.page(WAITING), sizes.waiting)
    work = library.syncs(WORKS, values, wanted.page(WORK), sizes.work)
    ended = library.syncs(ENDED, values, wanted.page(HISTORY), sizes.history, newest=True)
    return Overview(
        fresh=library.freshness(),
        wanted=wanted.only,
        needs=mapped(needs, lambda sync: need_of(sync, library)),
        plans=mapped(plans, need_of_plan),
        work=mapped(work, lambda sync: work_of(sync, library)),
        matrices=mapped(
            upstreams, lambda it: short_matrix(library, it, _followers(library, it, wanted))
        ),
        history=mapped(ended, lambda sync: past_of(sync, library)),
    )


def upstream_facts(library: Library, upstream: Upstream, wanted: Wanted) -> Matrix | None:
    """Return one page of an upstream's releases; None: no Plan follows it."""
    plans = _followers(library, upstream, wanted)
    page, size = wanted.page(RELEASES), wanted.sizes.releases
    return whole_matrix(library, upstream, plans, page, size) if plans else None


def plan_facts(library: Library, plan: Plan, wanted: Wanted) -> PlanFacts:
    """Return the content of a Plan's page."""
    config, sizes = plan.spec.config, wanted.sizes
    values = [(plan.metadata.namespace, plan.metadata.name)]
    needs = library.syncs(ASKS, values, wanted.page(WAITING), sizes.waiting)
    work = library.syncs(WORKS, values, wanted.page(WORK), sizes.work)
    ended = library.syncs(ENDED, values, wanted.page(HISTORY), sizes.history, newest=True)
    shown = (*needs.items, *work.items, *ended.items)
    return PlanFacts(
        fresh=library.freshness(),
        column=column_of(library, plan),
        image=config.image,
        order=config.effective_order,
        versions=config.upstream.matched_versions,
        suspend_reason=plan.spec.suspend_reason,
        conditions=statements_of(plan.status.conditions),
        needs=mapped(needs, lambda sync: need_of(sync, library)),
        work=mapped(work, lambda sync: work_of(sync, library)),
        history=mapped(ended, lambda sync: past_of(sync, library)),
        moments=_newest(moments_of(library, shown)),
    )


def tag_facts(library: Library, tag: Tag) -> TagFacts:
    """Return the content of a Tag's page."""
    spec = tag.spec
    syncs = library.caches.syncs_on(tag)[:MAX_PLANS_OF_TAG]
    followed = library.followers((tag.metadata.namespace, spec.repository))
    found = (_progress(library, plan, tag) for plan in followed[:MAX_PLANS_OF_TAG])
    return TagFacts(
        fresh=library.freshness(),
        namespace=tag.metadata.namespace,
        name=tag.metadata.name,
        version=tag.version,
        upstream=spec.repository,
        ref=spec.ref or "",
        commit=spec.commit or "",
        following=spec.next or "",
        seen=tag.metadata.creation_timestamp,
        conditions=statements_of(tag.status.conditions),
        needs=tuple(need_of(sync, library) for sync in syncs if question_of(sync) is not None),
        progress=tuple(it for it in found if it is not None),
        moments=_newest(moments_of(library, syncs, tag)),
    )


def _progress(library: Library, plan: Plan, tag: Tag) -> Progress | None:
    cell = cell_of(library, plan, tag)
    if cell is None:
        return None
    sync: Sync | None = library.caches.sync_of(plan, tag)
    return Progress(
        subject=subject_of(plan, tag.metadata.name, tag.version),
        cell=cell,
        message=sync.status.message if sync is not None else "",
        times=past_of(sync, library) if sync is not None and sync.status.times else None,
    )


def _followers(library: Library, upstream: Upstream, wanted: Wanted) -> list[Plan]:
    plans = library.followers(upstream)
    return [it for it in plans if wanted.only.plan in ("", it.metadata.name)]


def _newest(moments: list[Moment]) -> tuple[Moment, ...]:
    return tuple(moments[:MAX_MOMENTS])
