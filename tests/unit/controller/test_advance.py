"""The state machine of a sync: what was, what is seen, what is now, what is done."""

import pytest

from resync_argo.api.tag import Conflict
from resync_argo.contract import Report
from resync_argo.controller.sync.decide import advance
from resync_argo.controller.sync.inputs import Explain, Resume, Stop, Submit
from resync_argo.forge.interface import PullRequestState
from tests.unit.controller.builders import pull, run, seen, standing, suspended, sync

OPEN, MERGED, CLOSED = PullRequestState.OPEN, PullRequestState.MERGED, PullRequestState.CLOSED


def test_a_new_tag_waits_with_the_reason_of_its_standing() -> None:
    step = advance(None, seen(standing=standing("Wait", "OlderFirst")))

    assert (step.sync.phase, step.sync.reason, step.act) == ("Pending", "OlderFirst", None)


def test_a_tag_whose_turn_it_is_gets_submitted() -> None:
    step = advance(sync("Pending"), seen(standing=standing("Submit")))

    assert step.act == Submit(retry=0, force=False)
    assert (step.sync.phase, step.sync.template_hash) == ("Running", "hash-1")


@pytest.mark.parametrize(
    ("state", "phase", "reason", "merged"),
    [
        (OPEN, "Finished", "PullRequestOpen", None),
        (MERGED, "Finished", "Merged", True),
        (CLOSED, "Skipped", "Abandoned", None),
    ],
    ids=["open", "merged", "closed"],
)
def test_a_pull_request_from_before_a_lost_cluster_counts(
    state: PullRequestState, phase: str, reason: str, *, merged: bool | None
) -> None:
    step = advance(None, seen(standing=standing("Submit"), final=pull(state)))

    assert (step.sync.phase, step.sync.reason, step.sync.merged) == (phase, reason, merged)
    assert step.act is None


def test_a_running_workflow_is_followed_whoever_submitted_it() -> None:
    step = advance(sync("Pending"), seen(run=run(name="by-hand", attempt=2, message="Running x.")))

    assert (step.sync.phase, step.sync.workflow, step.sync.attempt) == ("Running", "by-hand", 2)


def test_a_workflow_that_was_submitted_before_a_crash_is_not_submitted_again() -> None:
    failed = sync("Failed", "StepFailed", workflow="w-1")

    step = advance(failed, seen(run=run(name="w-2"), retry_token="token-2"))

    assert (step.sync.workflow, step.sync.retry, step.sync.retry_token) == ("w-2", 1, "token-2")
    assert step.act is None


def test_a_success_finishes_with_its_pull_request() -> None:
    was = sync("Running", workflow="w-1")

    step = advance(was, seen(run=run("Succeeded", exit_code=0), final=pull()))

    assert (step.sync.phase, step.sync.number) == ("Finished", 7)


def test_a_failure_says_what_main_said() -> None:
    report = Report(reason="StepFailed", message="Step `Go mod tidy` ended with 2.")
    ended = run("Failed", report=report, exit_code=2, message=report.message)

    step = advance(sync("Running", workflow="w-1"), seen(run=ended))

    assert (step.sync.phase, step.sync.reason) == ("Failed", "StepFailed")
    assert "Go mod tidy" in step.sync.message


def test_a_workflow_that_somebody_stopped_is_a_failure_that_says_so() -> None:
    step = advance(sync("Running", workflow="w-1"), seen(run=run("Stopped")))

    assert (step.sync.phase, step.sync.reason) == ("Failed", "Stopped")


@pytest.mark.parametrize(
    ("contained", "phase", "reason"),
    [("1.0.0", "Finished", "AlreadySynced"), ("1.0.4", "Skipped", "Superseded")],
)
def test_what_the_branch_contains_is_not_synced(contained: str, phase: str, reason: str) -> None:
    ended = run("Succeeded", exit_code=11)

    was = sync("Running", workflow="w-1")
    step = advance(was, seen(run=ended, contained=contained, proven=True))

    assert (step.sync.phase, step.sync.reason) == (phase, reason)


@pytest.mark.parametrize(
    ("contained", "phase", "reason"),
    [("1.0.0", "Finished", "AlreadySynced"), ("1.0.4", "Skipped", "Superseded")],
)
def test_another_tags_attempt_tells_that_this_release_needs_none(
    contained: str, phase: str, reason: str
) -> None:
    step = advance(sync("Pending"), seen(contained=contained, standing=standing("Submit")))

    assert (step.sync.phase, step.sync.reason, step.act) == (phase, reason, None)


def test_a_lost_workflow_starts_over() -> None:
    step = advance(sync("Conflict", workflow="w-1"), seen())

    assert (step.sync.phase, step.sync.reason, step.sync.workflow) == (
        "Pending",
        "WorkflowLost",
        None,
    )


def test_a_conflict_waits_and_the_workflow_says_for_what() -> None:
    waiting = suspended()

    step = advance(
        sync("Running", workflow="w-1"), seen(run=waiting, conflict=pull(), files=("a", "b"))
    )

    assert (step.sync.phase, step.sync.conflict) == (
        "Conflict",
        Conflict(pull_request="url/7", number=7, files=("a", "b")),
    )
    assert isinstance(step.act, Explain)
    assert step.act.message == "Waiting for url/7: 2 files (a, b) in conflict."


def test_a_workflow_that_says_it_already_is_left_alone() -> None:
    message = "Waiting for url/7: 1 file (a) in conflict."
    waiting = suspended(node_message=message, status_message=message)

    step = advance(
        sync("Conflict", workflow="w-1"), seen(run=waiting, conflict=pull(), files=("a",))
    )

    assert step.act is None


def test_a_merged_conflict_resumes_once() -> None:
    was, merged = sync("Conflict", workflow="w-1"), pull(MERGED)

    first = advance(was, seen(run=suspended(), conflict=merged))
    again = advance(was, seen(run=suspended(resumed=frozenset({7})), conflict=merged))

    assert first.act == Resume(run=suspended(), pull_request=merged)
    assert (again.act, again.sync.reason) == (None, "NotResolved")


def test_a_conflict_that_was_closed_is_abandoned_and_the_workflow_stopped() -> None:
    step = advance(sync("Conflict", workflow="w-1"), seen(run=suspended(), conflict=pull(CLOSED)))

    assert (step.sync.phase, step.sync.reason) == ("Skipped", "Abandoned")
    assert isinstance(step.act, Stop)


def test_a_reopened_conflict_starts_over_under_a_new_name() -> None:
    known = Conflict(pull_request="url/7", number=7)
    abandoned = sync("Skipped", "Abandoned", workflow="w-1", conflict=known)

    step = advance(abandoned, seen(conflict=pull(OPEN)))

    assert (step.sync.phase, step.sync.reason, step.sync.retry) == ("Pending", "Reopened", 1)


def test_a_reopened_final_pull_request_is_taken_up_again() -> None:
    step = advance(sync("Skipped", "Abandoned", number=7), seen(final=pull(OPEN)))

    assert (step.sync.phase, step.sync.reason) == ("Finished", "PullRequestOpen")


@pytest.mark.parametrize(
    ("was", "observed", "phase", "stops"),
    [
        (
            sync("Failed", "StepFailed", workflow="w-1"),
            seen(template_hash="hash-2"),
            "Pending",
            False,
        ),
        (
            sync("Conflict", workflow="w-1"),
            seen(template_hash="hash-2", run=suspended()),
            "Pending",
            True,
        ),
        (sync("Finished", "Merged", merged=True), seen(template_hash="hash-2"), "Finished", False),
        (sync("Skipped", "Superseded"), seen(template_hash="hash-2"), "Skipped", False),
        (
            sync("Running", workflow="w-1"),
            seen(template_hash="hash-2", run=run()),
            "Running",
            False,
        ),
    ],
    ids=["failed", "suspended", "finished", "skipped", "running"],
)
def test_a_changed_plan_restarts_what_failed_or_waits_and_nothing_else(
    was: object, observed: object, phase: str, *, stops: bool
) -> None:
    step = advance(was, observed)  # type: ignore[arg-type]

    assert step.sync.phase == phase
    assert isinstance(step.act, Stop) is stops


def test_a_skip_stops_what_is_under_way() -> None:
    step = advance(sync("Running", workflow="w-1"), seen(run=run(), skip=True))

    assert (step.sync.phase, step.sync.reason) == ("Skipped", "SkipRequested")
    assert isinstance(step.act, Stop)


def test_a_retry_is_a_new_try_under_a_new_number() -> None:
    failed = sync("Failed", "StepFailed", workflow="w-1", retry=1)

    step = advance(failed, seen(standing=standing("Submit", force=True), retry_token="again"))

    assert step.act == Submit(retry=2, force=True)
    assert (step.sync.retry, step.sync.retry_token) == (2, "again")


def test_a_retry_of_what_was_abandoned_before_it_ever_ran_is_submitted() -> None:
    abandoned = sync("Skipped", "Abandoned", number=7, start_time=None)

    step = advance(abandoned, seen(standing=standing("Submit"), final=pull(CLOSED)))

    assert step.act == Submit(retry=0, force=False)


def test_a_failure_that_waits_for_its_retry_stays_a_failure() -> None:
    failed = sync("Failed", "StepFailed", workflow="w-1", message="Step 2 failed.")

    step = advance(failed, seen(standing=standing("Wait", "BranchBusy")))

    assert step.sync == failed


@pytest.mark.parametrize(
    ("state", "phase"), [(OPEN, "Failed"), (MERGED, "Finished"), (CLOSED, "Skipped")]
)
def test_a_foreign_commit_blocks_until_its_pull_request_is_settled(
    state: PullRequestState, phase: str
) -> None:
    blocked = sync("Failed", "ForeignCommit", workflow="w-1")

    step = advance(blocked, seen(final=pull(state)))

    assert (step.sync.phase, step.sync.number) == (phase, 7)


@pytest.mark.parametrize(
    "was",
    [
        None,
        sync("Pending"),
        sync("Running", workflow="w-1"),
        sync("Conflict", workflow="w-1"),
        sync("Finished", "Merged", merged=True, number=7),
        sync("Failed", "StepFailed", workflow="w-1"),
        sync("Skipped", "Abandoned", number=7),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "observed",
    [
        seen(standing=standing("Wait")),
        seen(standing=standing("Skip", "Superseded")),
        seen(run=run()),
        seen(run=suspended(), conflict=pull()),
        seen(run=run("Failed")),
        seen(run=run("Succeeded", exit_code=0), final=pull()),
        seen(run=run("Succeeded", exit_code=11), contained="1.0.0", proven=True),
        seen(run=run("Succeeded", exit_code=11)),
        seen(run=run("Succeeded", exit_code=0)),
        seen(final=pull(MERGED)),
        seen(final=pull(CLOSED)),
        seen(skip=True),
    ],
    ids=lambda o: f"{o.standing.action} {o.run and o.run.state} {o.final and o.final.state}",
)
def test_the_same_observation_again_changes_nothing_more(was: object, observed: object) -> None:
    once = advance(was, observed).sync  # type: ignore[arg-type]
    twice = advance(once, observed).sync  # type: ignore[arg-type]
    thrice = advance(twice, observed).sync  # type: ignore[arg-type]

    assert thrice == twice
