"""A failed refresh leaves the open pull request as it was, and a successful one replaces its state."""

from dataclasses import replace

import pytest

from resync_argo.contract import Report
from resync_argo.controller.forge.view import BaseView, ForgeView
from resync_argo.controller.sync.decision.decide import decide
from resync_argo.controller.sync.decision.inputs import NOTHING_SEEN, Claim, Inputs, Stop
from resync_argo.controller.sync.decision.phases import (
    Finished,
    Freshness,
    InConflict,
    Phase,
    Review,
    Running,
    Tries,
    freshness_of,
    review_of,
    run_of,
)
from resync_argo.forge.interface import PullRequestState
from tests.unit.controller.builders import (
    NOW,
    QUESTION,
    REVIEW,
    asking,
    finished,
    in_conflict,
    inputs,
    pull,
    run,
    running,
    stands,
    suspended,
)

TIP = "a" * 40
REFRESHED = running(review=REVIEW, freshness=Freshness(base=TIP))
ASKING = in_conflict(review=REVIEW, question=QUESTION, freshness=Freshness(base=TIP))
MERGED, CLOSED = PullRequestState.MERGED, PullRequestState.CLOSED
IN_REVIEW = ("Finished", "PullRequestOpen")


def ended(reason: str) -> Inputs:
    """Return the inputs of a run that ended with a reason."""
    report = Report(reason=reason, message="It said so.")
    return inputs(run=run("Failed", exit_code=1, report=report, message="It said so."))


def told(phase: Phase) -> str | None:
    why = freshness_of(phase).why
    return why.reason if why is not None else None


def test_a_successful_refresh_is_in_review_again_and_remembers_its_base() -> None:
    seen = inputs(run=run("Succeeded", exit_code=0))

    phase = decide(REFRESHED, seen, ForgeView(final=pull())).phase

    assert isinstance(phase, Finished)
    assert (stands(phase), phase.ended, phase.freshness) == (IN_REVIEW, NOW, Freshness(base=TIP))


@pytest.mark.parametrize("reason", ["StepFailed", "NothingToPropose", "PermissionMissing"])
def test_a_failed_refresh_leaves_the_pull_request_as_it_was(reason: str) -> None:
    phase = decide(REFRESHED, ended(reason), NOTHING_SEEN).phase

    assert isinstance(phase, Finished)
    assert (stands(phase), phase.review, phase.ended) == (IN_REVIEW, REVIEW, NOW)
    assert (told(phase), phase.freshness.base, phase.freshness.next_try) == (
        "RefreshFailed",
        TIP,
        None,
    )
    assert "It said so." in (phase.freshness.why.message if phase.freshness.why else "")


def test_a_persons_commit_that_the_run_met_is_reported() -> None:
    assert told(decide(REFRESHED, ended("ForeignCommit"), NOTHING_SEEN).phase) == "ForeignCommit"


def test_a_temporary_problem_is_retried_automatically() -> None:
    phase = decide(REFRESHED, ended("PodLost"), NOTHING_SEEN).phase

    assert isinstance(phase, Finished)
    assert (stands(phase), told(phase), phase.tries.failures) == (IN_REVIEW, "PodLost", 1)
    assert phase.freshness.next_try is not None
    assert phase.freshness.next_try > NOW
    assert phase.freshness.base is None, "it was not made again"


def test_a_bug_is_retried_much_later() -> None:
    tired = replace(REFRESHED, tries=Tries(failures=2))

    phase = decide(tired, ended("GitError"), NOTHING_SEEN).phase

    assert (stands(phase), told(phase)) == (IN_REVIEW, "RefreshFailed")
    assert freshness_of(phase).next_try == "2026-01-02T06:00:00Z"


def test_a_lost_workflow_is_replaced_at_once() -> None:
    phase = decide(REFRESHED, inputs(), NOTHING_SEEN).phase

    assert (stands(phase), told(phase), run_of(phase)) == (IN_REVIEW, "WorkflowLost", None)
    assert freshness_of(phase).next_try == NOW


def test_a_conflict_asks_as_usual_and_the_pull_request_stays_open() -> None:
    seen = inputs(run=suspended())

    phase = decide(REFRESHED, seen, ForgeView(final=pull(), conflict=pull(number=8))).phase

    assert isinstance(phase, InConflict)
    assert (phase.review, phase.freshness.base) == (REVIEW, TIP)


def test_a_closed_question_leaves_the_pull_request_as_it_was() -> None:
    seen = inputs(run=suspended())
    view = ForgeView(final=pull(), conflict=pull(CLOSED, 8))

    decision = decide(ASKING, seen, view)

    assert (stands(decision.phase), told(decision.phase)) == (IN_REVIEW, "RefreshFailed")
    assert isinstance(decision.act, Stop)


def test_a_plan_changed_meanwhile_refreshes_it_with_the_new_steps() -> None:
    seen = inputs(run=suspended(), template_hash="hash-2")

    decision = decide(ASKING, seen, ForgeView(final=pull(), conflict=pull(number=8)))

    assert (stands(decision.phase), told(decision.phase)) == (IN_REVIEW, "PlanChanged")
    assert isinstance(decision.act, Stop)
    assert freshness_of(decision.phase).next_try == NOW


@pytest.mark.parametrize(
    ("state", "expected"),
    [(MERGED, ("Finished", "Merged")), (CLOSED, ("Skipped", "Abandoned"))],
    ids=["merged", "closed"],
)
@pytest.mark.parametrize(
    ("phase", "seen"),
    [(REFRESHED, inputs(run=run())), (ASKING, inputs(run=suspended()))],
    ids=["running", "asking"],
)
def test_a_merge_or_close_during_the_refresh_counts_at_once(
    phase: Phase, seen: Inputs, state: PullRequestState, expected: tuple[str, str]
) -> None:
    decision = decide(phase, seen, ForgeView(final=pull(state), conflict=pull(number=8)))

    assert stands(decision.phase) == expected
    assert isinstance(decision.act, Stop)


def test_a_release_that_reached_the_branch_another_way_is_reported() -> None:
    seen = inputs(run=run("Succeeded", exit_code=11), claim=Claim(version="1.0.0", commit="c" * 40))

    phase = decide(REFRESHED, seen, ForgeView(contains=True)).phase

    assert (stands(phase), told(phase), review_of(phase)) == (IN_REVIEW, "RefreshFailed", REVIEW)


def test_a_skip_is_a_skip() -> None:
    decision = decide(ASKING, inputs(run=suspended(), skip=True), ForgeView(final=pull()))

    assert stands(decision.phase) == ("Skipped", "SkipRequested")


def test_a_workflow_forgotten_in_a_crash_is_recognised_as_the_refresh() -> None:
    proposed = finished("PullRequestOpen", review=REVIEW)
    seen = inputs(run=run(name="w-2"), spec=asking(refresh=4), base=BaseView(tip=TIP))

    phase = decide(proposed, seen, ForgeView(final=pull())).phase

    assert isinstance(phase, Running)
    assert (phase.review, phase.tries) == (REVIEW, Tries(number=1, refresh=4))


@pytest.mark.parametrize("reason", ["StepFailed", "PodLost"])
def test_without_an_open_pull_request_nothing_is_different(reason: str) -> None:
    merged = Review(url="url/7", number=7, merged=True)

    first = decide(running(), ended(reason), NOTHING_SEEN).phase
    adopted = decide(finished("Merged", review=merged), inputs(run=run(name="w-2")), NOTHING_SEEN)

    assert stands(first)[0] != "Finished"
    assert review_of(adopted.phase) is None
