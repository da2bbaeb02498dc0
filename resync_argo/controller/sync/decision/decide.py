"""The state machine of a sync, without any I/O.

`decide` takes the previous phase and all observations, and returns the current phase and the one
action that advances it. It is pure: the same observations give the same answer, so a reconcile that
is repeated, even after a crash, does nothing new.
"""

from dataclasses import replace
from typing import TypeGuard, assert_never

from resync_argo.conflicts.authors import Authors
from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.state.workflow import Run as Workflow
from resync_argo.controller.sync.decision.after_refresh import back_in_review
from resync_argo.controller.sync.decision.after_run import (
    OFFLOADED,
    after_run,
    already_synced,
    reviewed,
    unblocked,
)
from resync_argo.controller.sync.decision.freshness import keep_fresh
from resync_argo.controller.sync.decision.inputs import (
    Decision,
    Explain,
    Inputs,
    Resume,
    Stop,
    Submit,
)
from resync_argo.controller.sync.decision.lookups import is_blocked, never_ran
from resync_argo.controller.sync.decision.phases import (
    JUST_SUBMITTED,
    Failed,
    Finished,
    InConflict,
    Phase,
    Question,
    Queued,
    Run,
    Running,
    Skipped,
    Tries,
    UnderWay,
    Why,
    fail,
    in_conflict,
    is_in_review,
    next_tries,
    queue_again,
    skip,
    with_why,
)
from resync_argo.controller.sync.decision.trouble import (
    is_asked_again,
    lose_pod,
    must_wait,
    tried_again,
)
from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.reasons.sync import (
    ABANDONED,
    IMAGE_NOT_PULLED,
    LOOKING_FOR_PULL_REQUEST,
    NO_ROOM_ON_NODES,
    NOT_RESOLVED,
    PULL_REQUEST_MISSING,
    REBUILDING,
    REOPENED,
    RESOLVED,
    RUNNING,
    WAITING_FOR_RESOLUTION,
)
from resync_argo.reasons.turn import MOVED_ON, SKIP_REQUESTED
from resync_argo.upstream.candidate import TAKEN_BACK

MAX_FILES = 50
"""How many files of a conflict a Sync names; the pull request shows all."""

MAX_NAMED = 3
"""How many of them a sentence names."""

BEING_DELETED = Why(reason=REBUILDING, message="The branch is being deleted, to rebuild it.")

_NOT_STARTED = {
    "ErrImagePull": IMAGE_NOT_PULLED,
    "ImagePullBackOff": IMAGE_NOT_PULLED,
    "RegistryUnavailable": IMAGE_NOT_PULLED,
    "Unschedulable": NO_ROOM_ON_NODES,
}
"""Reasons of the kubelet and the scheduler for a pod that waits (Kubernetes, "Images", "Pod Lifecycle")."""


def decide(phase: Phase, inputs: Inputs, view: ForgeView) -> Decision:
    """Return the sync's current phase, and what to do."""
    return back_in_review(phase, _decided(phase, inputs, view), view, inputs.now)


def _decided(phase: Phase, inputs: Inputs, view: ForgeView) -> Decision:
    if inputs.skip and not isinstance(phase, Finished | Skipped):
        return _skipped_by_request(phase, inputs)
    if inputs.run is not None and inputs.run.is_active:
        return _active(_adopting(phase, inputs.run, inputs), inputs.run, inputs, view)
    match phase:
        case Running() | InConflict():
            return after_run(phase, inputs, view)
        case Finished():
            return _finished(phase, inputs, view)
        case Queued() | Failed() | Skipped():
            return _idle(phase, inputs, view)
    assert_never(phase)


def _skipped_by_request(phase: Phase, inputs: Inputs) -> Decision:
    why = Why(reason=SKIP_REQUESTED, message="A person asked to skip this release.")
    skipped = skip(phase, why, inputs.now)
    if inputs.run is None or not inputs.run.is_active:
        return Decision(phase=skipped)
    stop = Stop(run=inputs.run, reason=why.reason, message=why.message)
    return Decision(phase=skipped, act=stop)


def _adopting(phase: Phase, run: Workflow, inputs: Inputs) -> UnderWay:
    """Return the sync with the Workflow as its own, even if a person or a crash created it."""
    if isinstance(phase, Running | InConflict) and phase.run.workflow == run.metadata.name:
        return phase
    name, values = run.metadata.name, inputs.chosen.taken_over(run)
    named = Run(workflow=name, template_hash=inputs.template_hash, values=values)
    # The branch may have moved on since then, so look up everything unknown once more.
    return Running(
        why=phase.why,
        tries=_heard(next_tries(phase), inputs),
        question=phase.question,
        run=named,
        started=inputs.now,
        review=phase.review if is_in_review(phase) else None,
    )


def _active(phase: UnderWay, run: Workflow, inputs: Inputs, view: ForgeView) -> Decision:
    phase = _counting(phase, run)
    if phase.review is not None and _is_settled(view.final):
        return _settled(phase, run, view.final, inputs)
    if run.state == "Suspended":
        return _suspended(phase, run, inputs, view)
    if run.offloaded:
        return Decision(phase=with_why(phase, OFFLOADED))
    if inputs.is_pod_gone:
        return lose_pod(phase, run, inputs)
    why = Why(reason=_reason_of(run), message=run.message) if run.message else JUST_SUBMITTED
    if why.reason in _NOT_STARTED.values() and (change := inputs.what_changed(phase)):
        return _starting_over(phase, run, change, " before the run's pod began.")
    return Decision(phase=with_why(phase, why))


def _is_settled(found: PullRequest | None) -> TypeGuard[PullRequest]:
    """Return whether people merged or closed a pull request."""
    return found is not None and found.state is not PullRequestState.OPEN


def _settled(phase: UnderWay, run: Workflow, found: PullRequest, inputs: Inputs) -> Decision:
    """Return a sync whose pull request was merged or closed during a refresh."""
    settled = reviewed(phase, found, inputs.now)
    stop = Stop(run=run, reason=settled.why.reason, message=settled.why.message)
    return Decision(phase=settled, act=stop)


def _reason_of(run: Workflow) -> str:
    """Return why a pod has not begun, from the first word of Argo's message; else that it runs."""
    word = run.message.partition(":")[0]
    return _NOT_STARTED.get(word, RUNNING)


def _starting_over(phase: UnderWay, run: Workflow, change: Why, rest: str) -> Decision:
    why = Why(reason=change.reason, message=f"{change.message}{rest}")
    again = queue_again(phase, why)
    return Decision(phase=again, act=Stop(run=run, reason=why.reason, message=why.message))


def _counting(phase: UnderWay, run: Workflow) -> UnderWay:
    """Return the sync with the number of attempts of its Workflow."""
    return replace(phase, run=replace(phase.run, attempt=run.attempt))


def _suspended(phase: UnderWay, run: Workflow, inputs: Inputs, view: ForgeView) -> Decision:
    phase = replace(phase, tries=replace(phase.tries, failures=0))  # The problem is over.
    if change := inputs.what_changed(phase):
        rest = ": the sync starts over; the conflict's pull request stays."
        return _starting_over(phase, run, change, rest)
    found = view.conflict
    if found is None:
        return _unasked(phase, run, inputs)
    question = _question(phase, run, found, view)
    match found.state:
        case PullRequestState.OPEN:
            return _waiting(phase, run, question, view.files)
        case PullRequestState.MERGED:
            return _resolved(phase, run, found, question)
        case PullRequestState.CLOSED:
            return _closed(phase, run, question, inputs)
    assert_never(found.state)


def _question(phase: UnderWay, run: Workflow, found: PullRequest, view: ForgeView) -> Question:
    """Return the question; keep the authors of colliding commits from the attempt that asked first."""
    before = phase.question
    authors = Authors.parse(run.report.lines if run.report else ())
    if authors == Authors() and before is not None and before.number == found.number:
        authors = before.authors
    files = view.files[:MAX_FILES]
    return Question(url=found.url, number=found.number, files=files, authors=authors)


def _unasked(phase: UnderWay, run: Workflow, inputs: Inputs) -> Decision:
    if inputs.may_lag:
        message = "Suspended at a conflict; the forge does not show its pull request yet."
        why = Why(reason=LOOKING_FOR_PULL_REQUEST, message=message)
        return Decision(phase=in_conflict(phase, why, None))
    message = (
        "The run reported a conflict, but there is no pull request for it: "
        "a step may have forged the outcome."
    )
    failed = fail(phase, Why(reason=PULL_REQUEST_MISSING, message=message), inputs.now)
    return Decision(phase=failed, act=Stop(run=run, reason=PULL_REQUEST_MISSING, message=message))


def _waiting(
    phase: UnderWay, run: Workflow, question: Question, files: tuple[str, ...]
) -> Decision:
    message = f"Waiting for {question.url}: {_named(files)} in conflict."
    description = f"[Pull request {question.number}]({question.url}) waits for a resolution"
    shown = f"Resolve #{question.number}: {_short(files)} - {message}"
    explained = run.node_message == run.status_message == shown
    act = None if explained else Explain(run=run, message=shown, description=description)
    why = Why(reason=WAITING_FOR_RESOLUTION, message=message)
    return Decision(phase=in_conflict(phase, why, question), act=act)


def _resolved(phase: UnderWay, run: Workflow, found: PullRequest, question: Question) -> Decision:
    if found.number in run.resumed:
        report = run.report.message if run.report else ""
        message = f"{found.url} was merged, but that does not resolve the conflict: {report}"
        why = Why(reason=NOT_RESOLVED, message=message)
        return Decision(phase=in_conflict(phase, why, question))
    why = Why(reason=RESOLVED, message=f"{found.url} was merged: the sync goes on.")
    resume = Resume(run=run, pull_request=found)
    return Decision(phase=in_conflict(phase, why, question), act=resume)


def _closed(phase: UnderWay, run: Workflow, question: Question, inputs: Inputs) -> Decision:
    message = f"The conflict's pull request {question.url} was closed without a merge."
    asked = in_conflict(phase, phase.why, question)
    skipped = skip(asked, Why(reason=ABANDONED, message=message), inputs.now)
    return Decision(phase=skipped, act=Stop(run=run, reason=ABANDONED, message=message))


def _short(files: tuple[str, ...]) -> str:
    """Return the first file's name, for lists that show twenty characters."""
    more = ", …" if len(files) > 1 else ""
    return f"{files[0].rpartition('/')[2]}{more}" if files else "conflict"


def _named(files: tuple[str, ...]) -> str:
    """Return a phrase with the number of files and the first of their names."""
    shown = ", ".join(files[:MAX_NAMED])
    more = ", …" if len(files) > MAX_NAMED else ""
    noun = "file" if len(files) == 1 else "files"
    return f"{len(files)} {noun} ({shown}{more})"


def _finished(phase: Finished, inputs: Inputs, view: ForgeView) -> Decision:
    if view.final is None or phase.review is None or phase.review.merged:
        return Decision(phase=phase)
    if inputs.standing.reason == MOVED_ON and view.final.state is PullRequestState.OPEN:
        why = Why(reason=MOVED_ON, message=inputs.standing.message)
        return Decision(phase=skip(phase, why, inputs.now))
    found = reviewed(phase, view.final, inputs.now)
    if not is_in_review(found):
        return Decision(phase=found)
    if inputs.spec.rebuild > phase.tries.rebuild:
        return Decision(phase=queue_again(found, BEING_DELETED))
    return keep_fresh(found, inputs, view.final)


def _idle(phase: Queued | Failed | Skipped, inputs: Inputs, view: ForgeView) -> Decision:
    """Return the phase of a sync without an active Workflow."""
    standing = inputs.standing
    if isinstance(phase, Skipped) and (reopened := _reopened(phase, inputs, view)):
        return Decision(phase=reopened)
    if view.final is not None and is_blocked(phase):
        if view.final.state is not PullRequestState.OPEN:
            return Decision(phase=unblocked(phase, view.final, inputs))
        found = reviewed(phase, view.final, inputs.now)
        phase = fail(phase, phase.why, inputs.now, review=found.review)
    change = inputs.what_changed(phase) if isinstance(phase, Failed) else None
    if change is not None and standing.action != "Skip":
        why = Why(reason=change.reason, message=f"{change.message}: the sync starts over.")
        return Decision(phase=queue_again(phase, why))
    if isinstance(phase, Failed) and (again := tried_again(phase, inputs)) is not None:
        return Decision(phase=again)
    if isinstance(phase, Queued) and inputs.contained is not None and not standing.force:
        return Decision(phase=already_synced(phase, inputs, inputs.contained))
    return _by_standing(phase, inputs, view)


def _reopened(phase: Skipped, inputs: Inputs, view: ForgeView) -> Phase | None:
    if phase.why.reason != ABANDONED:
        return None
    if view.final is not None and view.final.state != PullRequestState.CLOSED:
        return reviewed(phase, view.final, inputs.now)
    if view.conflict is not None and view.conflict.state != PullRequestState.CLOSED:
        return queue_again(
            phase, Why(reason=REOPENED, message=f"{view.conflict.url} was reopened.")
        )
    return None


def _by_standing(phase: Queued | Failed | Skipped, inputs: Inputs, view: ForgeView) -> Decision:
    standing = inputs.standing
    why = Why(reason=standing.reason or phase.why.reason, message=standing.message)
    match standing.action:
        case "Submit":
            return _submitted(phase, inputs, view)
        case "Record":
            return Decision(phase=already_synced(phase, inputs, inputs.version))
        case "Wait":
            is_queued = isinstance(phase, Queued) and not must_wait(phase, inputs)
            if is_queued or phase.why.reason in TAKEN_BACK:
                return Decision(phase=queue_again(phase, why))
        case "Skip":
            return Decision(phase=skip(phase, why, inputs.now))
        case "Keep":
            pass
    return Decision(phase=phase)


def _submitted(phase: Queued | Failed | Skipped, inputs: Inputs, view: ForgeView) -> Decision:
    if isinstance(phase, Queued) and view.final is not None and never_ran(phase):
        return Decision(phase=reviewed(phase, view.final, inputs.now))
    if inputs.spec.rebuild > phase.tries.rebuild and not inputs.is_cleared:
        return Decision(phase=queue_again(phase, BEING_DELETED))
    if must_wait(phase, inputs):
        return Decision(phase=phase)
    if inputs.chosen.trouble is not None:
        return Decision(phase=queue_again(phase, inputs.chosen.trouble))
    tries = _heard(next_tries(phase), inputs)
    if is_asked_again(phase, inputs):
        tries = replace(tries, failures=0)
    act = Submit(tries=tries, force=inputs.standing.force, values=inputs.chosen.values)
    return Decision(phase=phase, act=act)


def _heard(tries: Tries, inputs: Inputs) -> Tries:
    """Return the tries with every request for another one marked as executed."""
    spec = inputs.spec
    return replace(tries, retry=spec.retry, rebuild=spec.rebuild, refresh=spec.refresh)
