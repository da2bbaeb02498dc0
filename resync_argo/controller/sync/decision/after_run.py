"""Handles the end of a sync's Workflow, by the outcome on the forge; pure.

A pod's report alone is not trusted: a hostile step can forge the exit code of an outcome, or skip a
release with it. The controller looks for the outcome on the forge for a while; without it the sync
fails.
"""

import re
from typing import assert_never

from resync_argo.contract import Outcome, Report
from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.state.workflow import Run as Workflow
from resync_argo.controller.sync.decision.inputs import Decision, Inputs
from resync_argo.controller.sync.decision.phases import (
    AtRest,
    Finished,
    Phase,
    Review,
    UnderWay,
    Why,
    fail,
    finish,
    queue_again,
    skip,
    with_why,
)
from resync_argo.controller.sync.decision.trouble import end_badly
from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.names import sync_branch
from resync_argo.reasons.attempt import STEP_FAILED
from resync_argo.reasons.parameters import VALUES_CHANGED
from resync_argo.reasons.sync import (
    ABANDONED,
    CHECKING_OUTCOME,
    EXECUTOR_FAILED,
    MERGED,
    NODES_OFFLOADED,
    NOT_CONTAINED,
    PLAN_CHANGED,
    POD_LOST,
    PULL_REQUEST_MISSING,
    PULL_REQUEST_OPEN,
    SETTLED,
    SQUASH_MERGED,
    STOPPED,
    SUCCEEDED,
    TEMPLATE_NOT_SEEN,
    WORKFLOW_LOST,
)
from resync_argo.reasons.turn import (
    ALREADY_SYNCED,
    BRANCH_BUSY,
    NOT_A_COMMIT,
    SKIP_REQUESTED,
    SUPERSEDED,
)

_LOST = re.compile(
    r"(pod|container) (was )?(deleted|rejected|evicted)|imminent node shutdown|node was low on resource|node ?lost"
    r"|preempt|evict|taint manager|unexpectedadmissionerror|outofcpu|outofmemory\b|outofpods"
    r"|(?<!oomkilled )\(exit code (137|143)\)",
    re.IGNORECASE,
)
"""Phrases in the message of a pod that was ended from outside, by Argo, the kubelet or the scheduler.

If `main` could not report, it was killed or ended with the others: a failed step does not do that.
"""

_EXECUTOR = re.compile(r"(wait|init): Error \(exit code \d+\)")
"""In the message of a pod in which Argo's executor failed, in one of its own two containers."""

_UNSEEN = re.compile(r'workflowtemplates\.argoproj\.io "[^"]+" not found')
"""Argo's message for a Workflow whose template is not in its cache yet. A run begins with an
applied template; without one the sync does not start."""

OFFLOADED = Why(
    reason=NODES_OFFLOADED,
    message=(
        "Argo keeps this Workflow's nodes in its database, where the controller cannot see them: unset"
        " ALWAYS_OFFLOAD_NODE_STATUS for its workflow-controller, stop the Workflow, and retry."
    ),
)
"""The message of a sync whose Workflow shows no nodes."""


def after_run(phase: UnderWay, inputs: Inputs, view: ForgeView) -> Decision:
    """Return the phase of a sync that was running or in conflict, and has no active Workflow."""
    run = inputs.run
    if run is None:
        message = f"Workflow {phase.run.workflow} is gone: the sync starts over."
        return Decision(phase=queue_again(phase, Why(reason=WORKFLOW_LOST, message=message)))
    if run.exit_code == Outcome.ALREADY_SYNCED:
        return Decision(phase=_contained(phase, run, inputs, view))
    if run.state == "Succeeded":
        return Decision(phase=_succeeded(phase, inputs, view))
    if run.stopped is not None:
        return Decision(phase=_stopped_by_us(phase, run.stopped, inputs))
    if run.offloaded or run.state != "Failed":
        stopped = Why(reason=STOPPED, message=run.message or "The Workflow was stopped.")
        why = OFFLOADED if run.offloaded else stopped
        return Decision(phase=fail(phase, why, inputs.now))
    return Decision(phase=_failed(phase, run, inputs))


def already_synced(phase: Phase, inputs: Inputs, contained: str, *, said: str = "") -> AtRest:
    """Return a sync whose branch contains the release, itself or in a newer one.

    Args:
        phase: the previous phase.
        inputs: the present facts.
        contained: the release that the branch contains.
        said: a run's own message about it, such as that its merge was reverted.
    """
    if contained == inputs.version:
        message = said or "The branch contains this release already."
        why = Why(reason=ALREADY_SYNCED, message=message)
        return finish(phase, why, inputs.now)
    why = Why(reason=SUPERSEDED, message=f"The branch contains {contained}, which is newer.")
    return skip(phase, why, inputs.now)


def reviewed(phase: Phase, found: PullRequest, now: str) -> AtRest:
    """Return a sync in the state of its final pull request."""
    review = Review(url=found.url, number=found.number)
    match found.state:
        case PullRequestState.OPEN:
            why = Why(reason=PULL_REQUEST_OPEN, message=f"{found.url} waits for review.")
            return finish(phase, why, now, review=review)
        case PullRequestState.MERGED:
            why = Why(reason=MERGED, message=f"{found.url} was merged.")
            merged = Review(url=found.url, number=found.number, merged=True)
            return finish(phase, why, now, review=merged)
        case PullRequestState.CLOSED:
            why = Why(reason=ABANDONED, message=f"{found.url} was closed without a merge.")
            return skip(phase, why, now, review=review)
    assert_never(found.state)


def unblocked(phase: Phase, final: PullRequest, inputs: Inputs) -> Phase:
    """Return a sync that a person's commit had stopped, after the pull request was merged or closed."""
    if not inputs.is_of_branch:
        return reviewed(phase, final, inputs.now)
    # That pull request was about the branch's earlier commits, not this one.
    message = f"{final.url} was merged or closed: the sync starts over."
    return queue_again(phase, Why(reason=SETTLED, message=message))


def squashed(phase: Finished, review: Review, commit: str, *, is_recorded: bool) -> Finished:
    """Return a sync whose pull request was merged in a way that drops upstream's history.

    Args:
        phase: the previous phase.
        review: the pull request.
        commit: the release's.
        is_recorded: a record says that the branch has the release nevertheless.
    """
    message = f"{review.url} was squashed or rebased: the branch does not contain {commit}"
    if is_recorded:
        message += ". A record in the repository lets later syncs count it."
    else:
        message += ", so later syncs will meet the same conflicts again."
    return finish(phase, Why(reason=SQUASH_MERGED, message=message), phase.ended)


def _stopped_by_us(phase: UnderWay, told: Report, inputs: Inputs) -> Phase:
    """Return a sync whose Workflow we stopped: that decision holds even after a crash."""
    why = Why(reason=told.reason, message=told.message)
    if told.reason in (PLAN_CHANGED, VALUES_CHANGED, BRANCH_BUSY):
        return queue_again(phase, why)
    if told.reason in (ABANDONED, SKIP_REQUESTED):
        return skip(phase, why, inputs.now)
    return end_badly(phase, why, inputs)


def _failed(phase: UnderWay, run: Workflow, inputs: Inputs) -> Phase:
    reason = run.report.reason if run.report else _reason_of_pod(run)
    least_wait = run.report.retry_after or 0.0 if run.report else 0.0
    why = Why(reason=reason, message=run.message)
    if reason == NOT_A_COMMIT:
        return skip(phase, why, inputs.now)
    return end_badly(phase, why, inputs, least_wait=least_wait)


def _reason_of_pod(run: Workflow) -> str:
    """Return why a pod ended without a report, or never began."""
    if _UNSEEN.fullmatch(run.message):
        return TEMPLATE_NOT_SEEN
    if _EXECUTOR.match(run.message):
        return EXECUTOR_FAILED
    return POD_LOST if _LOST.search(run.message) else STEP_FAILED


def _contained(phase: UnderWay, run: Workflow, inputs: Inputs, view: ForgeView) -> Phase:
    claim = inputs.claim
    is_confirmed = view.contains or not inputs.has_forge
    if claim is not None and claim.commit is not None and is_confirmed:
        said = run.report.message if run.report else ""
        done = already_synced(phase, inputs, claim.version, said=said)
        contains = None if claim.version == inputs.version else claim.version
        return skip(done, done.why, inputs.now, contains=contains) if contains else done
    said = run.report.message if run.report else f"{inputs.version} is contained."
    message = (
        f"The run reported: {said} The forge does not confirm that: a step may have forged it."
    )
    return _unseen(phase, Why(reason=NOT_CONTAINED, message=message), inputs)


def _succeeded(phase: UnderWay, inputs: Inputs, view: ForgeView) -> Phase:
    if view.final is not None and view.final.number not in inputs.settled:
        return reviewed(phase, view.final, inputs.now)
    if inputs.opens_pull_request:
        branch = sync_branch(inputs.plan, inputs.line)
        message = (
            "The run reported success, but there is no pull request of "
            f"{branch}: a step may have forged the outcome."
        )
        why = Why(reason=PULL_REQUEST_MISSING, message=message)
        is_offloaded = inputs.run is not None and inputs.run.offloaded
        return _unseen(phase, OFFLOADED if is_offloaded else why, inputs)
    return finish(phase, Why(reason=SUCCEEDED, message="Every step succeeded."), inputs.now)


def _unseen(phase: UnderWay, why: Why, inputs: Inputs) -> Phase:
    """Return a sync whose outcome is not visible on the forge, which may lag for a while."""
    if inputs.may_lag:
        message = "The Workflow ended well; the forge does not show its outcome yet."
        return with_why(phase, Why(reason=CHECKING_OUTCOME, message=message))
    return fail(phase, why, inputs.now)
