"""Handles a failed refresh: the open pull request stays as it was; pure."""

from dataclasses import replace

from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.sync.decision.inputs import Decision
from resync_argo.controller.sync.decision.phases import (
    Failed,
    Finished,
    Freshness,
    InConflict,
    Phase,
    Queued,
    Review,
    Running,
    Skipped,
    UnderWay,
    Why,
    run_of,
)
from resync_argo.forge.interface import PullRequestState
from resync_argo.reasons.attempt import FOREIGN_COMMIT
from resync_argo.reasons.refresh import REFRESH_FAILED
from resync_argo.reasons.sync import PULL_REQUEST_OPEN
from resync_argo.reasons.turn import ALREADY_SYNCED, SKIP_REQUESTED


def back_in_review(before: Phase, decision: Decision, view: ForgeView, now: str) -> Decision:
    """Return the decision, or the sync in review again if its refresh failed.

    Args:
        before: the previous phase.
        decision: the one for a sync without an open pull request.
        view: the forge's answers.
        now: RFC 3339 in UTC.
    """
    if not isinstance(before, Running | InConflict) or before.review is None:
        return decision
    after = decision.phase
    is_settled = view.final is not None and view.final.state is not PullRequestState.OPEN
    if is_settled or not _came_to_nothing(after):
        return decision
    return replace(decision, phase=_in_review(before, before.review, after, now))


def _came_to_nothing(after: Phase) -> bool:
    if isinstance(after, Skipped):
        return after.why.reason != SKIP_REQUESTED
    return isinstance(after, Queued | Failed) or after.why.reason == ALREADY_SYNCED


def _in_review(before: UnderWay, review: Review, after: Phase, now: str) -> Finished:
    return Finished(
        why=Why(reason=PULL_REQUEST_OPEN, message=f"{review.url} waits for review."),
        tries=after.tries,
        question=after.question,
        ended=now,
        run=run_of(after),
        started=before.started,
        review=review,
        contains=after.contains if isinstance(after, Failed | Skipped) else None,
        freshness=_freshness(before, after, now),
    )


def _freshness(before: UnderWay, after: Phase, now: str) -> Freshness:
    """Return why the refresh failed, and when the next one is: at a time, or once the branch has moved on."""
    if isinstance(after, Queued):
        return Freshness(why=after.why, next_try=after.next_try or now)
    reason = FOREIGN_COMMIT if after.why.reason == FOREIGN_COMMIT else REFRESH_FAILED
    why = Why(reason=reason, message=after.why.message)
    at = after.next_try if isinstance(after, Failed) else None
    return Freshness(base=before.freshness.base, why=why, next_try=at)
