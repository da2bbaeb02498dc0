"""What becomes of a sync whose Workflow has ended, by what the forge shows of its outcome; pure.

A pod's word alone is not taken: what it says is looked for at the forge, for a while, and then the sync
has failed. Called by `advance`.
"""

from typing import assert_never

from resync_argo.api.tag import Sync
from resync_argo.contract import Outcome, Report
from resync_argo.controller.state.workflow import STOPPED, Run
from resync_argo.controller.sync.inputs import Observation, Step
from resync_argo.controller.sync.lookups import ABANDONED, WORKFLOW_LOST
from resync_argo.controller.sync.phases import at_rest, pending, unseen
from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.names import sync_branch
from resync_argo.upstream.graph import ALREADY_SYNCED, BRANCH_BUSY, SKIP_REQUESTED, SUPERSEDED

MERGED = "Merged"
NOT_CONTAINED = "NotContained"
PLAN_CHANGED = "PlanChanged"
PULL_REQUEST_MISSING = "PullRequestMissing"


def ended(sync: Sync, seen: Observation) -> Step:
    """Return where a sync stands that was running or in conflict, and has no Workflow under way."""
    run = seen.run
    if run is None:
        message = f"Workflow {sync.workflow} is gone: the sync starts over."
        return Step(sync=pending(sync, WORKFLOW_LOST, message))
    sync = sync.model_copy(update={"attempt": run.attempt})
    if run.exit_code == Outcome.ALREADY_SYNCED:
        return Step(sync=_ended_contained(sync, run, seen))
    if run.state == "Succeeded":
        return Step(sync=_succeeded(sync, run, seen))
    if run.stopped is not None:
        return Step(sync=_stopped_by_us(sync, run.stopped, seen))
    reason, message = STOPPED, run.message or "The Workflow was stopped."
    if run.state == "Failed":
        reason = run.report.reason if run.report else "StepFailed"
        message = run.message
    return Step(sync=at_rest(sync, phase="Failed", reason=reason, message=message, seen=seen))


def _stopped_by_us(sync: Sync, why: Report, seen: Observation) -> Sync:
    """Return the entry of a Workflow that we stopped: what was decided then holds after a crash, too."""
    if why.reason in (PLAN_CHANGED, BRANCH_BUSY):
        return pending(sync, why.reason, why.message)
    phase = "Skipped" if why.reason in (ABANDONED, SKIP_REQUESTED) else "Failed"
    return at_rest(sync, phase=phase, reason=why.reason, message=why.message, seen=seen)


def _ended_contained(sync: Sync, run: Run, seen: Observation) -> Sync:
    if seen.proven:
        return already_synced(sync, seen)
    said = run.report.message if run.report else f"{seen.version} is contained."
    message = f"The run said: {said} The forge does not confirm that: a step may have forged it."
    return unseen(sync, run, NOT_CONTAINED, message, seen)


def already_synced(sync: Sync, seen: Observation) -> Sync:
    """Return the entry of a release that the branch contains, itself or in a newer one."""
    if seen.contained in (None, seen.version):
        message = "The branch contains this release already."
        return at_rest(sync, phase="Finished", reason=ALREADY_SYNCED, message=message, seen=seen)
    message = f"The branch contains {seen.contained}, which is newer."
    return at_rest(sync, phase="Skipped", reason=SUPERSEDED, message=message, seen=seen)


def _succeeded(sync: Sync, run: Run, seen: Observation) -> Sync:
    if seen.final is not None:
        return with_final(sync, seen.final, seen)
    if seen.opens_pull_request:
        message = (
            "The run said that it succeeded, but there is no pull request of "
            f"{sync_branch(seen.plan, seen.version)}: a step may have forged the outcome."
        )
        return unseen(sync, run, PULL_REQUEST_MISSING, message, seen)
    message = "Every step succeeded."
    return at_rest(sync, phase="Finished", reason="Succeeded", message=message, seen=seen)


def with_final(sync: Sync, found: PullRequest, seen: Observation) -> Sync:
    """Return the entry as its final pull request says."""
    sync = sync.model_copy(update={"pull_request": found.url, "number": found.number})
    match found.state:
        case PullRequestState.OPEN:
            message = f"{found.url} waits for review."
            return at_rest(
                sync, phase="Finished", reason="PullRequestOpen", message=message, seen=seen
            )
        case PullRequestState.MERGED:
            done = sync.model_copy(update={"merged": True})
            message = f"{found.url} was merged."
            return at_rest(done, phase="Finished", reason=MERGED, message=message, seen=seen)
        case PullRequestState.CLOSED:
            message = f"{found.url} was closed without a merge."
            return at_rest(sync, phase="Skipped", reason=ABANDONED, message=message, seen=seen)
    assert_never(found.state)
