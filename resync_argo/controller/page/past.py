"""Finished syncs, and the time line of a release: what happened, when, and who caused it; pure."""

from collections.abc import Iterable, Iterator

from resync_argo.api.conditions import Condition
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.page.facts import Moment, Past, Statement, Who
from resync_argo.controller.page.library import Library
from resync_argo.controller.page.people import pull_request_of
from resync_argo.controller.state.orders import ended_at, question_of


def past_of(sync: Sync, library: Library) -> Past:
    """Return a release's outcome, and how long machines and people took."""
    status, times = sync.status, sync.status.times
    address, number = pull_request_of(sync)
    return Past(
        subject=library.subject(sync),
        phase=status.phase or "",
        reason=status.reason,
        ended=ended_at(sync) or None,
        rounds=times.rounds if times else None,
        machine_seconds=times.machine_seconds if times else None,
        conflict_seconds=times.conflict_seconds if times else None,
        review_seconds=times.review_seconds if times else None,
        pull_request=address,
        number=number,
    )


def moments_of(library: Library, syncs: Iterable[Sync], tag: Tag | None = None) -> list[Moment]:
    """Return the events, newest first; for a Tag including its first sighting."""
    found = [moment for sync in syncs for moment in _moments(sync, library)]
    made = tag.metadata.creation_timestamp if tag is not None else None
    if made is not None:
        found.append(Moment(time=made, who="upstream", what="Upstream released it"))
    return sorted(found, key=lambda moment: moment.time, reverse=True)


def statements_of(conditions: Iterable[Condition]) -> tuple[Statement, ...]:
    """Return conditions for display."""
    return tuple(
        Statement(
            type=it.type,
            status=it.status,
            reason=it.reason,
            message=it.message,
            since=it.last_transition_time,
        )
        for it in conditions
    )


def _moments(sync: Sync, library: Library) -> Iterator[Moment]:
    subject, url = library.subject(sync), sync.status.pull_request
    question = sync.status.conflict.pull_request if sync.status.conflict is not None else None
    for time, who, what, link in _dated(sync):
        where = {"final": url, "conflict": question}.get(link)
        detail = sync.status.message if what == sync.status.phase else ""
        if time is not None:
            yield Moment(time=time, who=who, what=what, detail=detail, link=where, subject=subject)


def _dated(sync: Sync) -> Iterator[tuple[str | None, Who, str, str]]:
    """Yield each event with its time, who caused it, and its pull request."""
    status, times = sync.status, sync.status.times
    yield sync.metadata.creation_timestamp, "machine", "Its turn came", ""
    yield status.start_time, "machine", "A run began", ""
    if times is not None:
        rounds = f" (question {times.rounds})" if times.rounds > 1 else ""
        yield times.asked_time, "machine", f"A conflict was asked{rounds}", "conflict"
        yield times.answered_time, "people", "The conflict was answered", "conflict"
        yield times.opened_time, "machine", "The pull request was ready", "final"
        yield times.merged_time, "people", "The pull request was merged", "final"
    if status.phase in ("Failed", "Skipped") or (ended_at(sync) and not status.merged):
        yield status.finish_time, "machine", str(status.phase), ""
    if question_of(sync) is None and status.next_try_time:
        yield status.next_try_time, "machine", "It is tried again", ""
