"""A run's claim counts once the forge shows it; if it does not for a while, the sync fails."""

from dataclasses import replace

import pytest

from resync_argo.contract import Report
from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.state.workflow import Run, RunState
from resync_argo.controller.sync.decision.after_run import squashed
from resync_argo.controller.sync.decision.decide import decide
from resync_argo.controller.sync.decision.inputs import NOTHING_SEEN, Claim, Stop, Submit
from resync_argo.controller.sync.decision.phases import Finished, Skipped, Tries
from resync_argo.controller.sync.decision.stored import name_of
from tests.unit.controller.builders import (
    BEFORE,
    NOW,
    REVIEW,
    asking,
    finished,
    inputs,
    pull,
    run,
    running,
    standing,
    stands,
    suspended,
)

COMMIT = "c" * 40


def ended(exit_code: int) -> Run:
    """Return a Workflow that says that it succeeded, or that there was nothing to do."""
    report = Report(reason="AlreadySynced", message="1.0.4 is contained.") if exit_code else None
    return run("Succeeded", exit_code=exit_code, report=report, finished_at=NOW)


@pytest.mark.parametrize(
    ("exit_code", "reason", "said"),
    [
        (0, "PullRequestMissing", "there is no pull request of resync/z-1/1.0.0"),
        (11, "NotContained", "The run reported: 1.0.4 is contained."),
    ],
    ids=["success", "already synced"],
)
def test_an_outcome_that_the_forge_does_not_show_is_a_failure_after_a_while(
    exit_code: int, reason: str, said: str
) -> None:
    soon = decide(running(), inputs(run=ended(exit_code), seen_seconds=0.0), NOTHING_SEEN).phase
    late = decide(soon, inputs(run=ended(exit_code)), NOTHING_SEEN).phase

    assert stands(soon) == ("Running", "CheckingOutcome")
    assert stands(late) == ("Failed", reason)
    assert said in late.why.message
    assert "forged" in late.why.message


def test_a_git_tag_without_a_commit_is_skipped_and_holds_up_nothing() -> None:
    report = Report(reason="NotACommit", message="Upstream's tag v1.0.0 names no commit.")
    failed = run("Failed", exit_code=1, report=report, finished_at=NOW, message=report.message)

    phase = decide(running(), inputs(run=failed), NOTHING_SEEN).phase

    assert stands(phase) == ("Skipped", "NotACommit")
    assert "names no commit" in phase.why.message


def test_a_conflict_without_a_pull_request_is_a_failure_after_a_while() -> None:
    soon = decide(running(), inputs(run=suspended(), seen_seconds=0.0), NOTHING_SEEN)
    late = decide(soon.phase, inputs(run=suspended()), NOTHING_SEEN)

    assert (stands(soon.phase), soon.act) == (("Conflict", "LookingForPullRequest"), None)
    assert stands(late.phase) == ("Failed", "PullRequestMissing")
    assert "forged" in late.phase.why.message
    assert isinstance(late.act, Stop)


def test_a_pull_request_that_appears_late_finishes_the_sync() -> None:
    waiting = decide(running(), inputs(run=ended(0), seen_seconds=0.0), NOTHING_SEEN).phase

    phase = decide(waiting, inputs(run=ended(0)), ForgeView(final=pull())).phase

    assert isinstance(phase, Finished)
    assert (phase.why.reason, phase.review) == ("PullRequestOpen", REVIEW)


@pytest.mark.parametrize(
    ("contained", "phase", "reason"),
    [("1.0.0", "Finished", "AlreadySynced"), ("1.0.4", "Skipped", "Superseded")],
)
def test_a_release_in_the_branch_is_not_synced_once_the_forge_confirms_it(
    contained: str, phase: str, reason: str
) -> None:
    seen = inputs(run=ended(11), claim=Claim(version=contained, commit=COMMIT))

    confirmed = decide(running(), seen, ForgeView(contains=True)).phase
    denied = decide(running(), seen, ForgeView(contains=False)).phase

    assert stands(confirmed) == (phase, reason)
    assert stands(denied) == ("Failed", "NotContained")


def test_a_reverted_merge_is_reported_in_the_runs_words() -> None:
    told = "1.0.0 is contained, but abc reverted its merge: `git revert abc`."
    ended_so = replace(ended(11), report=Report(reason="AlreadySynced", message=told))
    seen = inputs(run=ended_so, claim=Claim(version="1.0.0", commit=COMMIT))

    phase = decide(running(), seen, ForgeView(contains=True)).phase

    assert stands(phase) == ("Finished", "AlreadySynced")
    assert phase.why.message == told


def test_a_newer_release_found_in_the_branch_is_recorded() -> None:
    seen = inputs(run=ended(11), claim=Claim(version="1.0.4", commit=COMMIT))

    phase = decide(running(), seen, ForgeView(contains=True)).phase

    assert isinstance(phase, Skipped)
    assert phase.contains == "1.0.4"


def test_an_irrelevant_release_in_the_branch_skips_nothing() -> None:
    seen = inputs(run=ended(11), claim=Claim(version="9.0.0", commit=None))

    phase = decide(running(), seen, ForgeView(contains=True)).phase

    assert stands(phase) == ("Failed", "NotContained")


def test_without_a_forge_the_run_is_believed() -> None:
    claim = Claim(version="1.0.0", commit=COMMIT)

    phase = decide(
        running(), inputs(run=ended(11), claim=claim, has_forge=False), NOTHING_SEEN
    ).phase

    assert stands(phase) == ("Finished", "AlreadySynced")


def test_a_plan_that_opens_no_pull_request_succeeds_without_one() -> None:
    phase = decide(running(), inputs(run=ended(0), opens_pull_request=False), NOTHING_SEEN).phase

    assert stands(phase) == ("Finished", "Succeeded")


def test_a_forged_outcome_holds_up_newer_releases_until_a_person_retries() -> None:
    now = decide(running(), inputs(run=ended(0)), NOTHING_SEEN).phase
    asked = inputs(run=ended(0), standing=standing("Submit"), spec=asking(retry=1))

    again = decide(now, asked, NOTHING_SEEN)

    assert name_of(now) == "Failed"
    assert again.act == Submit(tries=Tries(number=1, retry=1), force=False)


def test_a_workflow_that_argo_has_not_begun_needs_no_second_write() -> None:
    once = decide(running(), inputs(run=run(message="")), NOTHING_SEEN).phase

    assert decide(once, inputs(run=run(message="")), NOTHING_SEEN).phase == once
    assert once.why.reason == "Submitted"


@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_squash_is_reported_and_changes_nothing_else(*, is_recorded: bool) -> None:
    merged = finished("Merged", review=REVIEW)

    phase = squashed(merged, REVIEW, COMMIT, is_recorded=is_recorded)

    assert (stands(phase), phase.ended, phase.review) == (
        ("Finished", "SquashMerged"),
        BEFORE,
        REVIEW,
    )
    assert COMMIT in phase.why.message
    assert ("same conflicts again" in phase.why.message) is not is_recorded


def test_a_failure_has_the_message_of_main() -> None:
    report = Report(reason="StepFailed", message="Step `Go mod tidy` ended with 2.")
    ended = run("Failed", report=report, exit_code=2, message=report.message)

    phase = decide(running(), inputs(run=ended), NOTHING_SEEN).phase

    assert stands(phase) == ("Failed", "StepFailed")
    assert "Go mod tidy" in phase.why.message


def test_a_workflow_that_somebody_stopped_is_reported_as_a_failure() -> None:
    phase = decide(running(), inputs(run=run("Stopped")), NOTHING_SEEN).phase

    assert stands(phase) == ("Failed", "Stopped")


@pytest.mark.parametrize("state", ["Failed", "Succeeded"])
def test_an_end_that_argo_keeps_in_its_database_is_reported(state: RunState) -> None:
    seen = inputs(run=run(state, attempt=None, offloaded=True, finished_at=NOW))

    phase = decide(running(), seen, NOTHING_SEEN).phase

    assert stands(phase) == ("Failed", "NodesOffloaded")
    assert "ALWAYS_OFFLOAD_NODE_STATUS" in phase.why.message
