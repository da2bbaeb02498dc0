"""A sync that starts over: under a name of its own, for the reason that was decided, also after a crash."""

import pytest

from resync_argo.api.tag import Sync
from resync_argo.contract import Report
from resync_argo.controller.sync.decide import advance
from resync_argo.controller.sync.inputs import Step, Stop, Submit
from resync_argo.forge.interface import PullRequestState
from tests.unit.controller.builders import pull, run, seen, standing, suspended, sync

CLOSED = PullRequestState.CLOSED


def submitted_after(step: Step) -> Submit:
    """Return what is submitted when an entry's turn has come."""
    now = advance(step.sync, seen(standing=standing("Submit")))
    assert isinstance(now.act, Submit)
    return now.act


def test_a_plan_that_is_changed_back_does_not_meet_the_workflow_that_was_stopped() -> None:
    was = sync("Conflict", workflow="w-1", template_hash="hash-0")

    assert submitted_after(advance(was, seen(run=suspended()))).retry == 1


def test_a_skip_that_is_withdrawn_does_not_meet_the_workflow_that_was_stopped() -> None:
    skipped = advance(sync("Running", workflow="w-1"), seen(run=run(), skip=True)).sync
    stopped = run("Stopped", shutdown=True)

    waits = advance(skipped, seen(run=stopped, standing=standing("Wait", "BranchBusy")))

    assert (waits.sync.phase, submitted_after(waits).retry) == ("Pending", 1)


@pytest.mark.parametrize(
    ("was", "observed"),
    [
        (sync("Conflict", workflow="w-1"), seen(run=suspended(), conflict=pull(CLOSED))),
        (sync("Conflict", workflow="w-1"), seen(run=suspended(), template_hash="hash-2")),
        (sync("Running", workflow="w-1"), seen(run=run(), skip=True)),
    ],
    ids=["abandoned", "plan changed", "skipped"],
)
def test_a_crash_after_a_workflow_was_stopped_forgets_not_why(was: Sync, observed: object) -> None:
    step = advance(was, observed)  # type: ignore[arg-type]
    assert isinstance(step.act, Stop)
    why = Report(reason=step.act.reason, message=step.act.message)

    again = advance(was, seen(run=run("Stopped", shutdown=True, stopped=why)))

    fields = ("phase", "reason", "message", "retry", "workflow")
    assert [getattr(again.sync, name) for name in fields] == [
        getattr(step.sync, name) for name in fields
    ]
    assert again.act is None


def test_a_workflow_that_came_too_early_is_no_failure_and_waits_for_its_turn() -> None:
    why = Report(reason="BranchBusy", message="An older Workflow is at work on the same branch.")
    was = sync("Running", workflow="by-hand")

    step = advance(was, seen(run=run("Stopped", name="by-hand", shutdown=True, stopped=why)))

    assert (step.sync.phase, step.sync.reason) == ("Pending", "BranchBusy")


def test_a_failure_that_the_changed_plan_does_not_want_any_more_does_not_start_over() -> None:
    failed = sync("Failed", "StepFailed", workflow="w-1")

    step = advance(failed, seen(template_hash="hash-2", standing=standing("Skip", "NotWanted")))
    again = advance(step.sync, seen(standing=standing("Wait", "BranchBusy")))

    assert (step.sync.phase, step.sync.reason) == ("Skipped", "NotWanted")
    assert (again.sync.phase, submitted_after(again).retry) == ("Pending", 1)
