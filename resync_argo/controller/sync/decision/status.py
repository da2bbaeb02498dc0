"""A Sync's conditions and Events from its phase; pure.

`Succeeded` is the summary, `Conflicted` says whether people must resolve a conflict, and `Merged`
whether the final pull request was merged. `UpToDate`, `ParametersValid`, `ForgeReachable` and
`CleanedUp` exist only while there is a problem. So do `Reconciling` and `Stalled`, which show other
programs whether the sync continues by itself.
"""

from collections.abc import Iterator

from resync_argo.api import conditions
from resync_argo.api.conditions import Condition, Status
from resync_argo.api.events import Event
from resync_argo.api.sync import Sync, SyncStatus
from resync_argo.controller.sync.decision.phases import (
    Failed,
    Finished,
    InConflict,
    Phase,
    Skipped,
    Why,
    freshness_of,
    review_of,
)
from resync_argo.controller.sync.decision.stored import name_of
from resync_argo.errors import ResyncError
from resync_argo.reasons import sections as at
from resync_argo.reasons.catalogue import REASONS
from resync_argo.reasons.reason import Kind
from resync_argo.reasons.sync import CLEANUP_PENDING, NO_CONFLICT


def conditions_of(  # noqa: PLR0913 - one parameter per cause of a condition
    phase: Phase,
    sync: Sync,
    now: str,
    *,
    forge: ResyncError | None = None,
    aftermath: ResyncError | None = None,
    cleanup: Condition | None = None,
    values: Why | None = None,
) -> tuple[Condition, ...]:
    """Return the conditions of a Sync.

    Args:
        phase: the current phase.
        sync: the Sync before this reconcile.
        now: RFC 3339 in UTC.
        forge: why the forge could not be asked.
        aftermath: why follow-up work failed; that delays nothing, so it does not stall the sync.
        values: why the values of parameters are invalid; None: they are valid.
        cleanup: whether obsolete branches are deleted; None: there are none.
    """
    observed = [*_of_phase(phase)]
    trouble = _unreachable(forge) if forge is not None else None
    observed += _progress(phase, observed[0], trouble)
    shown = forge or aftermath
    if shown is not None:
        observed.append(_unreachable(shown))
    if cleanup is not None:
        observed.append(cleanup)
    if values is not None and not _is_done(phase):
        reason, message = values.reason, values.message
        observed.append(
            Condition(type=at.PARAMETERS_VALID, status="False", reason=reason, message=message)
        )
    generation = sync.metadata.generation
    return tuple(conditions.merge(sync.status.conditions, observed, now, generation=generation))


def events_of(sync: Sync, new: SyncStatus) -> Iterator[Event]:
    """Return an Event if the sync's phase changed, unless it never began."""
    old = sync.status
    if old.phase == new.phase or (old.phase is None and new.phase in ("Pending", "Skipped")):
        return
    yield Event(
        type="Warning" if new.phase in ("Failed", "Conflict") else "Normal",
        reason=f"Sync{new.phase}",
        note=new.message or new.reason,
        occasion=f"{new.tries} {new.attempt} {new.workflow} {new.reason}",
    )


def is_cleaned_up(status: SyncStatus) -> bool:
    """Return whether the sync has nothing left to delete, as far as its status shows."""
    return not any(c.type == at.CLEANED_UP and c.status == "False" for c in status.conditions)


def cleanup_condition(error: ResyncError | None) -> Condition:
    """Return the condition while obsolete branches still exist."""
    message = "The branches of its conflicts are being deleted."
    if error is not None:
        message = f"The branches of its conflicts cannot be deleted yet: {error}"
    return Condition(type=at.CLEANED_UP, status="False", reason=CLEANUP_PENDING, message=message)


def _unreachable(error: ResyncError) -> Condition:
    return Condition(
        type=at.FORGE_REACHABLE, status="False", reason=error.reason, message=str(error)
    )


def _progress(phase: Phase, succeeded: Condition, trouble: Condition | None) -> Iterator[Condition]:
    """Yield, for an unfinished sync, whether somebody must fix something or it continues."""
    if isinstance(phase, Failed):
        yield succeeded.repeated_as(at.STALLED)
    elif not _is_done(phase):
        causes = (c for c in (trouble, succeeded) if c is not None and _is_stuck(c.reason))
        cause = next(causes, None)
        told = (cause or succeeded).repeated_as(at.STALLED if cause else at.RECONCILING)
        yield told


def _is_done(phase: Phase) -> bool:
    if isinstance(phase, Finished):
        return phase.review is None or phase.review.merged
    return isinstance(phase, Skipped)


def _is_stuck(word: str) -> bool:
    """Return whether a person must fix a problem; ordinary questions do not count."""
    asked = (at.QUEUED, at.CONFLICT, at.FINISHED)
    found = REASONS.get(word)
    if found is None or found.kind is not Kind.PERSON:
        return False
    return not any(place in asked for place in found.shown)


def _of_phase(phase: Phase) -> Iterator[Condition]:
    reason, message = phase.why.reason or name_of(phase), phase.why.message
    succeeded: Status = "Unknown"
    if isinstance(phase, Finished | Failed | Skipped):
        succeeded = "True" if isinstance(phase, Finished) else "False"
    yield Condition(type=at.SUCCEEDED, status=succeeded, reason=reason, message=message)
    is_waiting = isinstance(phase, InConflict)
    yield Condition(
        type=at.CONFLICTED,
        status="True" if is_waiting else "False",
        reason=reason if is_waiting else NO_CONFLICT,
        message=message if is_waiting else "",
    )
    review = review_of(phase)
    if review is not None:
        merged: Status = "True" if review.merged else "False"
        yield Condition(type=at.MERGED, status=merged, reason=reason, message=message)
    stale = freshness_of(phase).why
    if review is not None and not review.merged and stale is not None:
        yield Condition(
            type=at.UP_TO_DATE, status="False", reason=stale.reason, message=stale.message
        )
