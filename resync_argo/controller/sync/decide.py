"""Where a Plan stands with a Tag: the state machine of a sync, without any I/O.

`advance` takes the sync entry as it was and everything that was observed, and returns the entry as it
is now and the one act that brings it further. It is pure: the same observation gives the same
answer, so a pass that is repeated, or begun again after a crash, does nothing new. Called by `tag`.
"""

from typing import assert_never

from resync_argo.api.conditions import shorten
from resync_argo.api.tag import Sync
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.after_run import (
    PLAN_CHANGED,
    PULL_REQUEST_MISSING,
    already_synced,
    ended,
    with_final,
)
from resync_argo.controller.sync.inputs import Explain, Observation, Resume, Step, Stop, Submit
from resync_argo.controller.sync.lookups import ABANDONED, is_blocked, never_ran
from resync_argo.controller.sync.phases import (
    at_rest,
    conflict_of,
    in_conflict,
    may_lag,
    named,
    next_retry,
    pending,
)
from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.upstream.graph import SKIP_REQUESTED, TAKEN_BACK

REOPENED = "Reopened"

_SUBMITTED = {"reason": "Submitted", "message": "The Workflow was submitted."}
"""Said until Argo has something to say: the Workflow's coming into the cache is then no second write."""


def advance(old: Sync | None, seen: Observation) -> Step:
    """Return where the sync stands now, and what to do."""
    sync = old or Sync(plan=seen.plan, plan_uid=seen.plan_uid, phase="Pending")
    if seen.skip and sync.phase not in ("Finished", "Skipped"):
        return _skipped_by_request(sync, seen)
    if seen.run is not None and seen.run.is_active:
        return _active(_adopting(sync, seen.run, seen), seen.run, seen)
    if sync.phase in ("Running", "Conflict"):
        return ended(sync, seen)
    if sync.phase == "Finished":
        return _finished(sync, seen)
    return _idle(sync, seen)


def _skipped_by_request(sync: Sync, seen: Observation) -> Step:
    message = "A person asked to skip this Tag."
    skipped = at_rest(sync, phase="Skipped", reason=SKIP_REQUESTED, message=message, seen=seen)
    if seen.run is None or not seen.run.is_active:
        return Step(sync=skipped)
    return Step(sync=skipped, act=Stop(run=seen.run, reason=SKIP_REQUESTED, message=message))


def _adopting(sync: Sync, run: Run, seen: Observation) -> Sync:
    """Return the entry with the Workflow as its own, also when a person or a crash made it so."""
    if sync.workflow == run.metadata.name:
        return sync
    return sync.model_copy(
        update={
            "workflow": run.metadata.name,
            "retry": next_retry(sync),
            "retry_token": seen.retry_token or sync.retry_token,
            "template_hash": seen.template_hash,
            "pull_request": None,
            "number": None,
            "merged": None,
            "start_time": seen.now,
            "finish_time": None,
        }
    )


def _active(sync: Sync, run: Run, seen: Observation) -> Step:
    if run.state == "Suspended":
        return _suspended(sync, run, seen)
    told = {"reason": "Running", "message": shorten(run.message)} if run.message else _SUBMITTED
    return Step(sync=sync.model_copy(update={"phase": "Running", "attempt": run.attempt, **told}))


def _suspended(sync: Sync, run: Run, seen: Observation) -> Step:
    sync = sync.model_copy(update={"attempt": run.attempt})
    if seen.template_hash is not None and sync.template_hash not in (None, seen.template_hash):
        message = "The Plan changed: the sync starts over; the conflict's pull request stays."
        again = pending(sync, PLAN_CHANGED, message)
        return Step(sync=again, act=Stop(run=run, reason=PLAN_CHANGED, message=message))
    found = seen.conflict
    if found is None:
        return _unasked(sync, run, seen)
    sync = sync.model_copy(update={"conflict": conflict_of(found, seen.files)})
    match found.state:
        case PullRequestState.OPEN:
            return _waiting(sync, run, found, seen.files)
        case PullRequestState.MERGED:
            return _resolved(sync, run, found)
        case PullRequestState.CLOSED:
            message = f"The conflict's pull request {found.url} was closed without a merge."
            closed = at_rest(sync, phase="Skipped", reason=ABANDONED, message=message, seen=seen)
            return Step(sync=closed, act=Stop(run=run, reason=ABANDONED, message=message))
    assert_never(found.state)


def _unasked(sync: Sync, run: Run, seen: Observation) -> Step:
    if may_lag(run.suspended_at, seen):
        message = "Suspended at a conflict; its pull request is not to be seen yet."
        return Step(sync=in_conflict(sync, "LookingForPullRequest", message))
    message = (
        "The run said that it met a conflict, but there is no pull request with it: "
        "a step may have forged the outcome."
    )
    failed = at_rest(sync, phase="Failed", reason=PULL_REQUEST_MISSING, message=message, seen=seen)
    return Step(sync=failed, act=Stop(run=run, reason=PULL_REQUEST_MISSING, message=message))


def _waiting(sync: Sync, run: Run, found: PullRequest, files: tuple[str, ...]) -> Step:
    message = f"Waiting for {found.url}: {named(files)} in conflict."
    description = f"[Pull request {found.number}]({found.url}) waits for a resolution"
    explained = run.node_message == run.status_message == message
    act = None if explained else Explain(run=run, message=message, description=description)
    return Step(sync=in_conflict(sync, "WaitingForResolution", message), act=act)


def _resolved(sync: Sync, run: Run, found: PullRequest) -> Step:
    if found.number in run.resumed:
        report = run.report.message if run.report else ""
        message = f"{found.url} was merged, but the conflict is not resolved by it: {report}"
        return Step(sync=in_conflict(sync, "NotResolved", message))
    message = f"{found.url} was merged: the sync goes on."
    return Step(
        sync=in_conflict(sync, "Resolved", message), act=Resume(run=run, pull_request=found)
    )


def _finished(sync: Sync, seen: Observation) -> Step:
    if seen.final is None or sync.number is None or sync.merged:
        return Step(sync=sync)
    return Step(sync=with_final(sync, seen.final, seen))


def _idle(sync: Sync, seen: Observation) -> Step:
    """Pending, Failed or Skipped, and no Workflow under way."""
    if sync.phase == "Skipped" and (reopened := _reopened(sync, seen)):
        return Step(sync=reopened)
    if seen.final is not None and is_blocked(sync):
        sync = _blocked(sync, seen.final, seen)
    if sync.phase == "Failed" and _plan_changed(sync, seen) and seen.standing.action != "Skip":
        return Step(sync=pending(sync, PLAN_CHANGED, "The Plan changed: the sync starts over."))
    if sync.phase == "Pending" and seen.contained is not None and not seen.standing.force:
        return Step(sync=already_synced(sync, seen))
    return _by_standing(sync, seen)


def _blocked(sync: Sync, found: PullRequest, seen: Observation) -> Sync:
    """Keep what is blocked as it is while its pull request is open; a merge or a closing settles it."""
    if found.state is PullRequestState.OPEN:
        return sync.model_copy(update={"pull_request": found.url, "number": found.number})
    return with_final(sync, found, seen)


def _reopened(sync: Sync, seen: Observation) -> Sync | None:
    if sync.reason != ABANDONED:
        return None
    if seen.final is not None and seen.final.state != PullRequestState.CLOSED:
        return with_final(sync, seen.final, seen)
    if seen.conflict is not None and seen.conflict.state != PullRequestState.CLOSED:
        return pending(sync, REOPENED, f"{seen.conflict.url} was reopened.")
    return None


def _plan_changed(sync: Sync, seen: Observation) -> bool:
    return seen.template_hash is not None and sync.template_hash not in (None, seen.template_hash)


def _by_standing(sync: Sync, seen: Observation) -> Step:
    standing = seen.standing
    match standing.action:
        case "Submit":
            return _submitted(sync, seen)
        case "Wait":
            if sync.phase == "Pending" or sync.reason in TAKEN_BACK:
                return Step(sync=pending(sync, standing.reason, standing.message))
        case "Skip":
            return Step(
                sync=at_rest(
                    sync,
                    phase="Skipped",
                    reason=standing.reason,
                    message=standing.message,
                    seen=seen,
                )
            )
        case "Keep":
            pass
    return Step(sync=sync)


def _submitted(sync: Sync, seen: Observation) -> Step:
    if sync.phase == "Pending" and seen.final is not None and never_ran(sync):
        return Step(sync=with_final(sync, seen.final, seen))
    retry = next_retry(sync)
    started = sync.model_copy(
        update={
            "phase": "Running",
            **_SUBMITTED,
            "retry": retry,
            "retry_token": seen.retry_token or sync.retry_token,
            "template_hash": seen.template_hash,
            "attempt": 1,
            "pull_request": None,
            "number": None,
            "merged": None,
            "conflict": None,
            "start_time": seen.now,
            "finish_time": None,
        }
    )
    return Step(sync=started, act=Submit(retry=retry, force=seen.standing.force))
