"""A sync that starts over gets a new name and keeps the decided reason, even after a crash."""

import pytest

from resync_argo.contract import Report
from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.sync.decision.decide import decide
from resync_argo.controller.sync.decision.inputs import NOTHING_SEEN, Inputs, Stop, Submit
from resync_argo.controller.sync.decision.phases import Phase, run_of
from resync_argo.forge.interface import PullRequestState
from tests.unit.controller.builders import (
    WORKFLOW,
    failed,
    in_conflict,
    inputs,
    pull,
    run,
    running,
    standing,
    stands,
    suspended,
)

CLOSED = PullRequestState.CLOSED


def submitted_after(phase: Phase) -> Submit:
    """Return the submission when the sync's turn has come."""
    now = decide(phase, inputs(standing=standing("Submit")), NOTHING_SEEN)
    assert isinstance(now.act, Submit)
    return now.act


def test_a_plan_that_is_changed_back_does_not_meet_the_workflow_that_was_stopped() -> None:
    changed = inputs(run=suspended(), template_hash="hash-0")

    phase = decide(in_conflict(), changed, NOTHING_SEEN).phase

    assert submitted_after(phase).tries.number == 1


def test_a_skip_that_is_withdrawn_does_not_meet_the_workflow_that_was_stopped() -> None:
    skipped = decide(running(), inputs(run=run(), skip=True), NOTHING_SEEN).phase
    seen = inputs(
        run=run("Stopped", shutdown=True),
        standing=standing("Wait", "BranchBusy"),
    )

    waits = decide(skipped, seen, NOTHING_SEEN).phase

    assert stands(waits) == ("Pending", "BranchBusy")
    assert submitted_after(waits).tries.number == 1


@pytest.mark.parametrize(
    ("was", "seen", "view"),
    [
        (in_conflict(), inputs(run=suspended()), ForgeView(conflict=pull(CLOSED))),
        (in_conflict(), inputs(run=suspended(), template_hash="hash-2"), NOTHING_SEEN),
        (running(), inputs(run=run(), skip=True), NOTHING_SEEN),
    ],
    ids=["abandoned", "plan changed", "skipped"],
)
def test_a_crash_after_stopping_a_workflow_keeps_the_reason(
    was: Phase, seen: Inputs, view: ForgeView
) -> None:
    decision = decide(was, seen, view)
    assert isinstance(decision.act, Stop)
    why = Report(reason=decision.act.reason, message=decision.act.message)

    stopped = inputs(run=run("Stopped", shutdown=True, stopped=why))
    again = decide(was, stopped, NOTHING_SEEN)

    assert stands(again.phase) == stands(decision.phase)
    assert again.phase.why == decision.phase.why
    assert again.phase.tries == decision.phase.tries
    assert run_of(again.phase) == run_of(decision.phase)
    assert again.act is None


def test_a_premature_workflow_is_not_a_failure_and_waits_for_its_turn() -> None:
    why = Report(reason="BranchBusy", message="An older Workflow is at work on the same branch.")
    stopped = run("Stopped", name=WORKFLOW.workflow, shutdown=True, stopped=why)

    phase = decide(running(), inputs(run=stopped), NOTHING_SEEN).phase

    assert stands(phase) == ("Pending", "BranchBusy")


def test_a_failure_that_the_changed_plan_no_longer_wants_does_not_start_over() -> None:
    unwanted = inputs(template_hash="hash-2", standing=standing("Skip", "NotWanted"))

    now = decide(failed(), unwanted, NOTHING_SEEN).phase
    again = decide(now, inputs(standing=standing("Wait", "BranchBusy")), NOTHING_SEEN).phase

    assert stands(now) == ("Skipped", "NotWanted")
    assert stands(again) == ("Pending", "BranchBusy")
    assert submitted_after(again).tries.number == 1
