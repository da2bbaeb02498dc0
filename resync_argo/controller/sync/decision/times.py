"""Computes the times and durations of a sync's events from the previous phase, the current one, and the time; pure.

A duration grows only when the phase changes, by the length of the previous phase. So an idle sync
is not written, and repeating a reconcile adds nothing.
"""

from datetime import datetime
from typing import Any

from resync_argo.api.sync import Times
from resync_argo.controller.sync.decision.phases import (
    Failed,
    Finished,
    InConflict,
    Phase,
    Queued,
    Running,
    review_of,
)
from resync_argo.reasons.sync import LOOKING_FOR_PULL_REQUEST, RESOLVED

_NOT_ASKING = (LOOKING_FOR_PULL_REQUEST, RESOLVED)
"""Reasons of a conflict in which nobody has to do anything."""


def advance(times: Times | None, before: Phase, after: Phase, now: str) -> Times | None:
    """Return the times of a sync whose phase may have changed; None while there are none.

    Args:
        times: the previous times.
        before: the previous phase.
        after: the current phase.
        now: RFC 3339 in UTC.
    """
    old = times or Times()
    changes = {
        **_at_work(old, before, after, now),
        **_asked(old, before, after, now),
        **_reviewed(old, before, after, now),
    }
    return old.model_copy(update=changes) if changes else times


def _at_work(old: Times, before: Phase, after: Phase, now: str) -> dict[str, Any]:
    if not isinstance(before, Running):
        return {}
    if isinstance(after, Running) and after.run.workflow == before.run.workflow:
        return {}
    # After an answer the same Workflow continues: its earlier time is already counted.
    since = max(before.started, old.answered_time or "")
    return {"machine_seconds": old.machine_seconds + _seconds(since, now)}


def _asked(old: Times, before: Phase, after: Phase, now: str) -> dict[str, Any]:
    was, asked = _question(before), _question(after)
    if was == asked:
        return {}
    changes: dict[str, Any] = {}
    if was is not None:
        changes["conflict_seconds"] = old.conflict_seconds + _seconds(old.asked_time, now)
        if not isinstance(after, Queued | Failed):
            changes["answered_time"] = now
    if asked is not None:
        changes["asked_time"] = now
        if asked != old.asked_number:
            changes |= {"asked_number": asked, "rounds": old.rounds + 1}
    return changes


def _question(phase: Phase) -> int | None:
    """Return the number of the pull request that asks people to resolve a conflict now."""
    is_asking = isinstance(phase, InConflict) and phase.why.reason not in _NOT_ASKING
    return phase.question.number if is_asking and phase.question else None


def _reviewed(old: Times, before: Phase, after: Phase, now: str) -> dict[str, Any]:
    was, review = review_of(before), review_of(after)
    changes: dict[str, Any] = {}
    is_new = review is not None and (was is None or was.number != review.number)
    if is_new and not _is_merged(after):
        changes["opened_time"] = now
    if _is_merged(after) and (is_new or not _is_merged(before)):
        changes["merged_time"] = now
    if _is_in_review(before) and not _is_in_review(after) and isinstance(before, Finished):
        # For a reopened one, the earlier wait is already counted.
        since = max(before.ended, old.opened_time or "")
        changes["review_seconds"] = old.review_seconds + _seconds(since, now)
    return changes


def _is_merged(phase: Phase) -> bool:
    review = review_of(phase)
    return review is not None and review.merged


def _is_in_review(phase: Phase) -> bool:
    return isinstance(phase, Finished) and phase.review is not None and not phase.review.merged


def _seconds(since: str | None, now: str) -> int:
    """Return the whole seconds between two times; 0 if the first is unknown."""
    if not since:
        return 0
    passed = datetime.fromisoformat(now) - datetime.fromisoformat(since)
    return max(int(passed.total_seconds()), 0)
