"""The state machine of a sync: from the earlier phase and the facts to the next phase and action."""

import pytest

from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.sync.decision.decide import decide
from resync_argo.controller.sync.decision.inputs import (
    NOTHING_SEEN,
    Claim,
    Inputs,
    Stop,
    Submit,
)
from resync_argo.controller.sync.decision.phases import Phase, Tries, review_of, run_of
from resync_argo.controller.sync.decision.stored import NEW, name_of
from resync_argo.forge.interface import PullRequestState
from tests.unit.controller.builders import (
    REVIEW,
    asking,
    failed,
    finished,
    in_conflict,
    inputs,
    pull,
    queued,
    run,
    running,
    skipped,
    standing,
    stands,
    suspended,
)

OPEN, MERGED, CLOSED = PullRequestState.OPEN, PullRequestState.MERGED, PullRequestState.CLOSED


def test_a_new_sync_waits_with_the_reason_of_its_standing() -> None:
    decision = decide(NEW, inputs(standing=standing("Wait", "OlderFirst")), NOTHING_SEEN)

    assert (stands(decision.phase), decision.act) == (("Pending", "OlderFirst"), None)


def test_a_release_whose_turn_it_is_gets_submitted() -> None:
    decision = decide(queued(), inputs(standing=standing("Submit")), NOTHING_SEEN)

    assert decision.act == Submit(tries=Tries(), force=False)


@pytest.mark.parametrize(
    ("state", "phase", "reason", "merged"),
    [
        (OPEN, "Finished", "PullRequestOpen", False),
        (MERGED, "Finished", "Merged", True),
        (CLOSED, "Skipped", "Abandoned", False),
    ],
    ids=["open", "merged", "closed"],
)
@pytest.mark.parametrize("was", [NEW, queued("WorkflowLost", started="2026-01-01T00:00:00Z")])
def test_a_pull_request_from_before_a_lost_cluster_or_workflow_counts(
    was: Phase, state: PullRequestState, phase: str, reason: str, *, merged: bool
) -> None:
    view = ForgeView(final=pull(state))

    decision = decide(was, inputs(standing=standing("Submit")), view)

    review = review_of(decision.phase)
    assert (stands(decision.phase), decision.act) == ((phase, reason), None)
    assert review is not None
    assert (review.number, review.merged) == (7, merged)


def test_a_workflow_whose_nodes_argo_keeps_elsewhere_is_reported() -> None:
    seen = inputs(run=run(offloaded=True, attempt=None, message="Running."))

    phase = decide(running(), seen, NOTHING_SEEN).phase

    assert stands(phase) == ("Running", "NodesOffloaded")
    assert "ALWAYS_OFFLOAD_NODE_STATUS" in phase.why.message


def test_a_running_workflow_is_followed_whoever_submitted_it() -> None:
    seen = inputs(run=run(name="by-hand", attempt=2, message="Running x."))

    phase = decide(queued(), seen, NOTHING_SEEN).phase

    found = run_of(phase)
    assert stands(phase) == ("Running", "Running")
    assert found is not None
    assert (found.workflow, found.attempt) == ("by-hand", 2)


def test_a_workflow_that_was_submitted_before_a_crash_is_not_submitted_again() -> None:
    seen = inputs(run=run(name="w-2"), spec=asking(retry=9), standing=standing("Submit"))

    decision = decide(failed(), seen, NOTHING_SEEN)

    found = run_of(decision.phase)
    assert found is not None
    assert (found.workflow, decision.phase.tries) == ("w-2", Tries(number=1, retry=9))
    assert decision.act is None


def test_a_success_finishes_with_its_pull_request() -> None:
    seen = inputs(run=run("Succeeded", exit_code=0))

    phase = decide(running(), seen, ForgeView(final=pull())).phase

    assert (stands(phase), review_of(phase)) == (("Finished", "PullRequestOpen"), REVIEW)


@pytest.mark.parametrize(
    ("contained", "phase", "reason"),
    [("1.0.0", "Finished", "AlreadySynced"), ("1.0.4", "Skipped", "Superseded")],
)
def test_a_release_that_another_sync_found_in_the_branch_is_not_synced(
    contained: str, phase: str, reason: str
) -> None:
    seen = inputs(contained=contained, standing=standing("Submit"))

    decision = decide(queued(), seen, NOTHING_SEEN)

    assert (stands(decision.phase), decision.act) == ((phase, reason), None)


def test_a_person_can_have_it_synced_nevertheless() -> None:
    seen = inputs(contained="1.0.4", standing=standing("Submit", force=True))

    assert decide(queued(), seen, NOTHING_SEEN).act == Submit(tries=Tries(), force=True)


def test_the_release_that_an_attempt_found_in_the_branch_is_recorded() -> None:
    phase = decide(NEW, inputs(standing=standing("Record")), NOTHING_SEEN).phase

    assert stands(phase) == ("Finished", "AlreadySynced")


def test_a_lost_workflow_starts_over() -> None:
    phase = decide(in_conflict(), inputs(), NOTHING_SEEN).phase

    assert (stands(phase), run_of(phase)) == (("Pending", "WorkflowLost"), None)


def test_a_reopened_final_pull_request_is_taken_up_again() -> None:
    abandoned = skipped("Abandoned", review=REVIEW)

    phase = decide(abandoned, inputs(), ForgeView(final=pull(OPEN))).phase

    assert stands(phase) == ("Finished", "PullRequestOpen")


@pytest.mark.parametrize(
    ("was", "seen", "phase", "stops"),
    [
        (failed(), inputs(template_hash="hash-2"), "Pending", False),
        (in_conflict(), inputs(template_hash="hash-2", run=suspended()), "Pending", True),
        (finished("Merged"), inputs(template_hash="hash-2"), "Finished", False),
        (skipped("Superseded"), inputs(template_hash="hash-2"), "Skipped", False),
        (running(), inputs(template_hash="hash-2", run=run()), "Running", False),
    ],
    ids=["failed", "suspended", "finished", "skipped", "running"],
)
def test_a_changed_plan_restarts_only_failed_and_waiting_syncs(
    was: Phase, seen: Inputs, phase: str, *, stops: bool
) -> None:
    decision = decide(was, seen, NOTHING_SEEN)

    assert name_of(decision.phase) == phase
    assert isinstance(decision.act, Stop) is stops


def test_a_template_that_is_not_applied_does_not_count_as_a_change() -> None:
    assert decide(failed(), inputs(template_hash=None), NOTHING_SEEN).phase == failed()


def test_a_skip_stops_a_run() -> None:
    decision = decide(running(), inputs(run=run(), skip=True), NOTHING_SEEN)

    assert stands(decision.phase) == ("Skipped", "SkipRequested")
    assert isinstance(decision.act, Stop)


def test_a_skip_leaves_a_finished_sync_alone() -> None:
    done = finished("Merged", review=REVIEW)

    assert decide(done, inputs(skip=True), NOTHING_SEEN).phase == done


def test_a_retry_is_a_new_try_under_a_new_number() -> None:
    was = failed(tries=Tries(number=1, retry=3))
    seen = inputs(standing=standing("Submit", force=True), spec=asking(retry=4))

    decision = decide(was, seen, NOTHING_SEEN)

    assert decision.act == Submit(tries=Tries(number=2, retry=4), force=True)


def test_a_rebuild_waits_until_the_branch_is_deleted() -> None:
    seen = inputs(standing=standing("Submit"), spec=asking(rebuild=5))
    cleared = inputs(standing=standing("Submit"), spec=asking(rebuild=5), is_cleared=True)

    waiting = decide(failed("ForeignCommit"), seen, NOTHING_SEEN)
    still = decide(waiting.phase, seen, NOTHING_SEEN)
    now = decide(still.phase, cleared, NOTHING_SEEN)

    assert (stands(waiting.phase), waiting.act) == (("Pending", "Rebuilding"), None)
    assert (still.phase, still.act) == (waiting.phase, None)
    assert now.act == Submit(tries=Tries(number=1, rebuild=5), force=False)


def test_a_retry_of_a_release_abandoned_before_any_run_is_submitted() -> None:
    abandoned = skipped("Abandoned", review=REVIEW, run=None, started=None)

    decision = decide(abandoned, inputs(standing=standing("Submit")), ForgeView(final=pull(CLOSED)))

    assert decision.act == Submit(tries=Tries(), force=False)


def test_a_failure_that_waits_for_its_retry_stays_a_failure() -> None:
    seen = inputs(standing=standing("Wait", "BranchBusy"))

    assert decide(failed(), seen, NOTHING_SEEN).phase == failed()


@pytest.mark.parametrize(
    ("state", "phase"), [(OPEN, "Failed"), (MERGED, "Finished"), (CLOSED, "Skipped")]
)
def test_a_foreign_commit_blocks_until_its_pull_request_is_settled(
    state: PullRequestState, phase: str
) -> None:
    now = decide(failed("ForeignCommit"), inputs(), ForgeView(final=pull(state))).phase

    review = review_of(now)
    assert review is not None
    assert (name_of(now), review.number) == (phase, 7)


def test_a_finished_sync_keeps_its_time_when_it_is_merged() -> None:
    proposed = finished("PullRequestOpen", review=REVIEW)

    phase = decide(proposed, inputs(), ForgeView(final=pull(MERGED))).phase

    assert stands(phase) == ("Finished", "Merged")
    assert phase == finished("Merged", why=phase.why, review=review_of(phase))


@pytest.mark.parametrize(
    "was",
    [
        NEW,
        queued(),
        running(),
        in_conflict(),
        finished("Merged", review=REVIEW),
        failed(),
        skipped("Abandoned", review=REVIEW),
    ],
    ids=name_of,
)
@pytest.mark.parametrize(
    ("seen", "view"),
    [
        (inputs(standing=standing("Wait")), NOTHING_SEEN),
        (inputs(standing=standing("Skip", "Superseded")), NOTHING_SEEN),
        (inputs(standing=standing("Record")), NOTHING_SEEN),
        (inputs(run=run()), NOTHING_SEEN),
        (inputs(run=suspended()), ForgeView(conflict=pull())),
        (inputs(run=run("Failed")), NOTHING_SEEN),
        (inputs(run=run("Succeeded", exit_code=0)), ForgeView(final=pull())),
        (
            inputs(
                run=run("Succeeded", exit_code=11), claim=Claim(version="1.0.0", commit="c" * 40)
            ),
            ForgeView(contains=True),
        ),
        (inputs(run=run("Succeeded", exit_code=11)), NOTHING_SEEN),
        (inputs(run=run("Succeeded", exit_code=0)), NOTHING_SEEN),
        (inputs(), ForgeView(final=pull(MERGED))),
        (inputs(), ForgeView(final=pull(CLOSED))),
        (inputs(skip=True), NOTHING_SEEN),
        (inputs(standing=standing("Submit"), spec=asking(rebuild=1)), NOTHING_SEEN),
    ],
    ids=lambda part: (
        f"{part.standing.action} {part.run and part.run.state}"
        if isinstance(part, Inputs)
        else str(part.final and part.final.state)
    ),
)
def test_a_repeated_observation_changes_nothing(was: Phase, seen: Inputs, view: ForgeView) -> None:
    once = decide(was, seen, view).phase
    twice = decide(once, seen, view).phase
    thrice = decide(twice, seen, view).phase

    assert thrice == twice
