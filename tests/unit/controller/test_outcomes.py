"""What a run says of itself: taken once the forge shows it, looked for again for a while, then a failure."""

import pytest

from resync_argo.contract import Report
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.decide import advance
from resync_argo.controller.sync.inputs import Observation, Stop
from resync_argo.controller.sync.lookups import Wanted, wanted
from tests.unit.controller.builders import NOW, pull, run, seen, standing, suspended, sync

LONG_AGO = "2026-01-01T23:50:00Z"
WAS = sync("Running", workflow="w-1")


def ended(exit_code: int, finished_at: str | None = LONG_AGO) -> Run:
    """Return a Workflow that says that it succeeded, or that there was nothing to do."""
    report = Report(reason="AlreadySynced", message="1.0.4 is contained.") if exit_code else None
    return run("Succeeded", exit_code=exit_code, report=report, finished_at=finished_at)


@pytest.mark.parametrize(
    ("exit_code", "reason", "said"),
    [
        (0, "PullRequestMissing", "there is no pull request of resync/z-1/1.0.0"),
        (11, "NotContained", "The run said: 1.0.4 is contained."),
    ],
    ids=["success", "already synced"],
)
def test_what_the_forge_does_not_show_is_looked_for_again_and_then_a_failure(
    exit_code: int, reason: str, said: str
) -> None:
    soon = advance(WAS, seen(run=ended(exit_code, NOW))).sync
    late = advance(soon, seen(run=ended(exit_code))).sync

    assert (soon.phase, soon.reason, soon.finish_time) == ("Running", "CheckingOutcome", None)
    assert (late.phase, late.reason, late.finish_time) == ("Failed", reason, NOW)
    assert said in late.message
    assert "forged" in late.message


def test_a_conflict_that_nobody_is_asked_about_is_looked_for_and_then_a_failure() -> None:
    soon = advance(WAS, seen(run=suspended(suspended_at=NOW)))
    late = advance(soon.sync, seen(run=suspended(suspended_at=LONG_AGO)))

    assert (soon.sync.phase, soon.sync.reason, soon.act) == (
        "Conflict",
        "LookingForPullRequest",
        None,
    )
    assert (late.sync.phase, late.sync.reason) == ("Failed", "PullRequestMissing")
    assert "forged" in late.sync.message
    assert isinstance(late.act, Stop)


def test_a_run_of_which_nobody_knows_when_it_ended_is_not_waited_for() -> None:
    step = advance(WAS, seen(run=ended(0, None)))

    assert (step.sync.phase, step.sync.reason) == ("Failed", "PullRequestMissing")


def test_a_pull_request_that_shows_late_finishes_the_sync() -> None:
    waiting = advance(WAS, seen(run=ended(0, NOW))).sync

    step = advance(waiting, seen(run=ended(0, NOW), final=pull()))

    assert (step.sync.phase, step.sync.reason, step.sync.number) == (
        "Finished",
        "PullRequestOpen",
        7,
    )


def test_a_plan_that_opens_no_pull_request_succeeds_without_one() -> None:
    step = advance(WAS, seen(run=ended(0), opens_pull_request=False))

    assert (step.sync.phase, step.sync.reason) == ("Finished", "Succeeded")


def test_a_forged_outcome_holds_up_what_is_newer_until_a_person_retries() -> None:
    failed = advance(WAS, seen(run=ended(0))).sync

    again = advance(failed, seen(run=ended(0), standing=standing("Submit"), retry_token="again"))

    assert (again.sync.phase, again.sync.retry) == ("Running", 1)


@pytest.mark.parametrize(
    ("observed", "expected"),
    [
        (seen(run=ended(0)), Wanted(final=True)),
        (seen(run=ended(11)), Wanted(claim=True)),
        (seen(run=ended(11), proven=True), Wanted()),
        (seen(run=run("Failed", exit_code=1)), Wanted()),
        (seen(run=ended(0), opens_pull_request=False), Wanted()),
    ],
    ids=["success", "already synced", "proven", "failure", "no pull request"],
)
def test_the_forge_is_asked_for_what_would_show_the_outcome(
    observed: Observation, expected: Wanted
) -> None:
    assert wanted(WAS, observed) == expected


def test_a_workflow_that_argo_has_not_begun_needs_no_second_write() -> None:
    submitted = advance(sync("Pending"), seen(standing=standing("Submit"))).sync
    written = submitted.model_copy(update={"workflow": "w-1"})

    assert advance(written, seen(run=run(message=""))).sync == written
