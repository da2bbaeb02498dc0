"""A table of releases and branches for each upstream, from the statuses of Plans and Syncs; pure.

For a release without a Sync, the reason to wait follows from the Plan's status about the next
release, so that every replica shows the same.
"""

from collections.abc import Iterable, Iterator, Sequence

from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.order.turns import is_ready
from resync_argo.controller.page.facts import Cell, Column, Forecast, Line, Matrix, Portion, Read
from resync_argo.controller.page.library import Library, Upstream, mapped, subject_of
from resync_argo.controller.page.people import pull_request_of
from resync_argo.controller.state.orders import ASKS, WORKS, place_of, plan_question, question_of
from resync_argo.reasons.reason import Reason
from resync_argo.reasons.turn import (
    NEWER_VERSION,
    OLDER_FIRST,
    PLAN_NOT_READY,
    PLAN_SUSPENDED,
    SKIP_REQUESTED,
    SUPERSEDED,
)

MAX_COLUMNS = 12
MAX_OPEN = 10
"""How many unfinished Syncs of a Plan to check; a branch hardly has more than one."""

NEWEST = 4
"""How many releases a short table has, besides those with work."""

MAX_SHORT = 10


def whole_matrix(
    library: Library, upstream: Upstream, plans: Sequence[Plan], page: int, size: int
) -> Matrix:
    """Return one page of all releases of an upstream."""
    return _matrix(library, upstream, plans, library.releases(upstream, page, size))


def short_matrix(library: Library, upstream: Upstream, plans: Sequence[Plan]) -> Matrix:
    """Return an upstream's newest releases, and those with work."""
    newest = library.releases(upstream, 1, NEWEST)
    found = {tag.metadata.key: tag for tag in newest.items}
    for plan in plans[:MAX_COLUMNS]:
        found |= {tag.metadata.key: tag for tag in open_releases(library, plan)}
    ordered = sorted(found.values(), key=lambda tag: place_of(tag.version), reverse=True)
    # A release in progress is older than the queued ones and must not be cut off.
    shown = ordered if len(ordered) <= MAX_SHORT else [*ordered[:2], *ordered[2 - MAX_SHORT :]]
    return _matrix(library, upstream, plans, Portion(items=tuple(shown), total=newest.total))


def column_of(library: Library, plan: Plan) -> Column:
    """Return a branch's progress in following its upstream."""
    return Column(
        subject=subject_of(plan),
        read=library.read(plan),
        current=plan.status.current,
        behind_by=_behind_by(plan),
        behind_since=_behind_since(library, plan),
        coming=_coming(plan),
        held=plan_question(plan) or "",
        suspended=plan.spec.suspend,
    )


def cell_of(library: Library, plan: Plan, tag: Tag) -> Cell | None:
    """Return a release's state for a Plan; None: it is not wanted, and was never synced."""
    sync = library.caches.sync_of(plan, tag)
    if sync is not None and sync.status.phase is not None:
        return _begun(sync)
    return _queued(plan, tag) if library.ranges.wants(plan, tag) else None


def open_releases(library: Library, plan: Plan) -> Iterator[Tag]:
    """Yield the releases that a Plan syncs now or next."""
    values = [(plan.metadata.namespace, plan.metadata.name)]
    for order in (ASKS, WORKS):
        for sync in library.syncs(order, values, 1, MAX_OPEN).items:
            tag = library.tag(sync.metadata.key._replace(name=sync.spec.tag))
            if tag is not None:
                yield tag
    following = plan.status.next
    tag = library.release(plan, following.version) if following is not None else None
    if tag is not None:
        yield tag


def _matrix(
    library: Library, upstream: Upstream, plans: Sequence[Plan], tags: Portion[Tag]
) -> Matrix:
    shown = plans[:MAX_COLUMNS]
    columns = tuple(column_of(library, plan) for plan in shown)
    return Matrix(
        namespace=upstream[0],
        upstream=upstream[1],
        read=max((it.read for it in columns), key=_ignorance, default=Read()),
        columns=columns,
        lines=mapped(tags, lambda tag: _line(library, tag, shown)),
        more_columns=len(plans) - len(shown),
    )


def _ignorance(read: Read) -> tuple[bool, bool, int]:
    """Return a sort key for the worst read: one with an error, else the oldest."""
    return bool(read.reason), read.age_seconds is None, read.age_seconds or 0


def _line(library: Library, tag: Tag, plans: Iterable[Plan]) -> Line:
    return Line(
        tag=tag.metadata.name,
        version=tag.version,
        seen=tag.metadata.creation_timestamp,
        cells=tuple(cell_of(library, plan, tag) for plan in plans),
    )


def _begun(sync: Sync) -> Cell:
    phase, address = sync.status.phase or "", pull_request_of(sync)
    state = question_of(sync) or phase
    return Cell(
        phase=phase,
        reason=sync.status.reason,
        state=state,
        pull_request=address[0],
        number=address[1],
    )


def _queued(plan: Plan, tag: Tag) -> Cell:
    following = plan.status.next
    if following is not None and following.version == tag.version:
        return _waits(following.reason, following.due_time)
    if (reason := _why_left_out(plan, tag)) is not None:
        return Cell(phase="Skipped", reason=reason, state="Skipped")
    if plan.spec.suspend:
        return _waits(PLAN_SUSPENDED)
    return _waits(OLDER_FIRST if is_ready(plan) else PLAN_NOT_READY)


def _why_left_out(plan: Plan, tag: Tag) -> Reason | None:
    status, version = plan.status, place_of(tag.version)
    if tag.spec.skip:
        return SKIP_REQUESTED
    if status.current and version <= place_of(status.current):
        return SUPERSEDED
    is_latest = plan.spec.config.effective_order == "Latest"
    is_older = status.next is not None and version < place_of(status.next.version)
    return NEWER_VERSION if is_latest and is_older else None


def _waits(reason: str, due_time: str | None = None) -> Cell:
    return Cell(phase="Pending", reason=reason, state="Pending", due_time=due_time)


def _behind_by(plan: Plan) -> int | None:
    status = plan.status
    if status.pending is None:
        return None
    return sum(it or 0 for it in (status.pending, status.running, status.waiting, status.failed))


def _behind_since(library: Library, plan: Plan) -> str | None:
    if not _behind_by(plan):
        return None
    seen = (tag.metadata.creation_timestamp for tag in open_releases(library, plan))
    return min((it for it in seen if it is not None), default=None)


def _coming(plan: Plan) -> Forecast | None:
    following = plan.status.next
    if following is None:
        return None
    return Forecast(
        version=following.version,
        reason=following.reason,
        message=following.message,
        due_time=following.due_time,
        more=max((plan.status.pending or 0) - 1, 0),
    )
