"""A phase as a Sync's status stores it, and back; pure."""

from dataclasses import replace
from typing import assert_never

from resync_argo.api.conditions import Condition
from resync_argo.api.sync import Conflict, Sync, SyncStatus
from resync_argo.api.sync import Freshness as StoredFreshness
from resync_argo.api.sync import Phase as PhaseName
from resync_argo.api.tag import Tag
from resync_argo.conflicts.authors import Authors
from resync_argo.controller.sync.decision.phases import (
    Failed,
    Finished,
    Freshness,
    InConflict,
    Phase,
    Question,
    Queued,
    Review,
    Run,
    Running,
    Skipped,
    Tries,
    Why,
    freshness_of,
    review_of,
    run_of,
)
from resync_argo.controller.sync.decision.times import advance
from resync_argo.reasons.turn import NEXT

NEW = Queued(why=Why(reason=NEXT, message="It is the turn of this release."))
"""A sync whose status says nothing yet."""

_ENDINGS: dict[str, type[Finished] | type[Failed] | type[Skipped]] = {
    "Finished": Finished,
    "Failed": Failed,
    "Skipped": Skipped,
}


def load(status: SyncStatus) -> Phase:
    """Return the phase in a status; missing parts count as not begun."""
    why = Why(reason=status.reason, message=status.message)
    tries = Tries(
        number=status.tries,
        retry=status.retry,
        rebuild=status.rebuild,
        refresh=status.refresh,
        failures=status.failures,
    )
    question = _question(status)
    run = _run(status)
    match status.phase:
        case None:
            return replace(NEW, tries=tries)
        case "Running" | "Conflict" if run is not None and status.start_time is not None:
            kind = Running if status.phase == "Running" else InConflict
            return kind(
                why=why,
                tries=tries,
                question=question,
                run=run,
                started=status.start_time,
                review=_review(status),
                freshness=_freshness(status),
            )
        case "Finished" | "Failed" | "Skipped":
            ended = _ENDINGS[status.phase](
                why=why,
                tries=tries,
                question=question,
                ended=status.finish_time or "",
                run=run,
                started=status.start_time,
                review=_review(status),
                contains=status.contains,
            )
            return _completed(ended, status)
        case "Pending" | "Running" | "Conflict":
            return Queued(
                why=why,
                tries=tries,
                question=question,
                template_hash=status.template_hash,
                started=status.start_time,
                review=_review(status),
                next_try=status.next_try_time,
            )
    assert_never(status.phase)


def _completed(phase: Phase, status: SyncStatus) -> Phase:
    """Return a phase with the fields of its particular end."""
    if isinstance(phase, Finished):
        return replace(phase, freshness=_freshness(status))
    if isinstance(phase, Failed):
        return replace(phase, next_try=status.next_try_time, secrets=status.secrets or "")
    return phase


def store(
    phase: Phase, sync: Sync, tag: Tag, conditions: tuple[Condition, ...], *, now: str
) -> SyncStatus:
    """Return the status for a phase; the record of Slack messages stays, and times are updated."""
    run, review, question = run_of(phase), review_of(phase), phase.question
    ending = phase if isinstance(phase, Finished | Failed | Skipped) else None
    template_hash = phase.template_hash if isinstance(phase, Queued) else None
    return SyncStatus(
        observed_generation=sync.metadata.generation,
        version=tag.version,
        tag_uid=tag.metadata.uid,
        phase=name_of(phase),
        reason=phase.why.reason,
        message=phase.why.message,
        workflow=run.workflow if run else None,
        attempt=run.attempt if run else None,
        template_hash=run.template_hash if run else template_hash,
        parameters=dict(run.values) or None if run else None,
        tries=phase.tries.number,
        retry=phase.tries.retry,
        rebuild=phase.tries.rebuild,
        refresh=phase.tries.refresh,
        failures=phase.tries.failures,
        next_try_time=phase.next_try if isinstance(phase, Queued | Failed) else None,
        secrets=(phase.secrets or None) if isinstance(phase, Failed) else None,
        contains=ending.contains if ending else None,
        pull_request=review.url if review else None,
        number=review.number if review else None,
        merged=review.merged or None if review else None,
        conflict=_conflict(question) if question else None,
        freshness=_stored_freshness(phase),
        thread=sync.status.thread,
        times=advance(sync.status.times, load(sync.status), phase, now),
        start_time=phase.started,
        finish_time=ending.ended if ending else None,
        conditions=conditions,
    )


def name_of(phase: Phase) -> PhaseName:
    """Return the name of a phase in the status."""
    match phase:
        case Queued():
            return "Pending"
        case Running():
            return "Running"
        case InConflict():
            return "Conflict"
        case Finished():
            return "Finished"
        case Failed():
            return "Failed"
        case Skipped():
            return "Skipped"
    assert_never(phase)


def _run(status: SyncStatus) -> Run | None:
    if status.workflow is None:
        return None
    return Run(
        workflow=status.workflow,
        attempt=status.attempt,
        template_hash=status.template_hash,
        values=status.parameters or {},
    )


def _review(status: SyncStatus) -> Review | None:
    if status.pull_request is None or status.number is None:
        return None
    return Review(url=status.pull_request, number=status.number, merged=bool(status.merged))


def _question(status: SyncStatus) -> Question | None:
    asked = status.conflict
    if asked is None:
        return None
    return Question(
        url=asked.pull_request,
        number=asked.number,
        files=asked.files,
        authors=Authors.of(asked.downstream_authors, asked.upstream_authors),
    )


def _conflict(question: Question) -> Conflict:
    return Conflict(
        pull_request=question.url,
        number=question.number,
        files=question.files,
        downstream_authors=question.authors.downstream,
        upstream_authors=question.authors.upstream,
    )


def _freshness(status: SyncStatus) -> Freshness:
    kept = status.freshness
    if kept is None:
        return Freshness()
    why = Why(reason=kept.reason, message=kept.message or "") if kept.reason else None
    return Freshness(base=kept.base, why=why, next_try=kept.next_try_time)


def _stored_freshness(phase: Phase) -> StoredFreshness | None:
    """Return what the status keeps while the final pull request is open."""
    review, known = review_of(phase), freshness_of(phase)
    if review is None or review.merged or known == Freshness():
        return None
    return StoredFreshness(
        base=known.base,
        reason=known.why.reason if known.why else None,
        message=known.why.message if known.why else None,
        next_try_time=known.next_try,
    )
