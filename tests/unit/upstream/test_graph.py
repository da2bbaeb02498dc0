"""A downstream branch's next release follows from the current objects, never from when they arrived."""

import itertools
import random
from typing import Any

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.api.naming import Naming
from resync_argo.upstream.candidate import Candidate, CandidateKey
from resync_argo.upstream.graph import Action, Standing, decide, link_next
from resync_argo.upstream.versions import Version

SOURCE = ("github.com/a/b", Naming())


def candidate(version: str, phase: Any = None, *, plan: str = "z", **more: Any) -> Candidate:
    key = CandidateKey(plan=ObjectKey("ns", plan), tag=ObjectKey("ns", f"b-{version}"))
    known: dict[str, Any] = {"key": key, "source": SOURCE, "phase": phase}
    return Candidate(version=Version.parse(version), **(known | more))


def outcome(*candidates: Candidate) -> dict[str, str]:
    """Return `Action Reason` for each version."""
    standings = decide(candidates)
    return {str(c.version): say(standings[c.key]) for c in candidates}


def say(standing: Standing) -> str:
    return f"{standing.action} {standing.reason}".strip()


def test_the_oldest_release_goes_first() -> None:
    assert outcome(candidate("1.10.0"), candidate("1.9.0"), candidate("1.9.0-rc.1")) == {
        "1.9.0-rc.1": "Submit Next",
        "1.9.0": "Wait OlderFirst",
        "1.10.0": "Wait OlderFirst",
    }


def test_nothing_starts_while_a_workflow_is_under_way() -> None:
    assert outcome(candidate("1.1.0", "Running"), candidate("1.0.0"), candidate("1.2.0")) == {
        "1.0.0": "Wait BranchBusy",
        "1.1.0": "Keep",
        "1.2.0": "Wait OlderFirst",
    }


@pytest.mark.parametrize(
    ("phase", "said"), [("Conflict", "waits for a resolution"), ("Running", "is running")]
)
def test_a_waiting_release_names_the_one_at_work(phase: str, said: str) -> None:
    standings = decide([candidate("1.0.0", phase), candidate("1.1.0")])

    assert [it.message for it in standings.values()] == ["", f"1.0.0 (Plan z) {said}."]
    assert not any(it.force for it in standings.values())


@pytest.mark.parametrize("order", ["Sequential", "Latest"])
def test_a_sync_that_waits_for_people_is_never_overtaken(order: str) -> None:
    conflict = candidate("1.0.0", "Conflict", order=order)

    assert outcome(conflict, candidate("1.1.0", order=order))["1.1.0"] == "Wait BranchBusy"


@pytest.mark.parametrize("order", ["Sequential", "Latest"])
def test_an_open_pull_request_holds_up_the_next(order: str) -> None:
    proposed = candidate("1.0.0", "Finished", open_pull_request=True, order=order)

    assert outcome(proposed, candidate("1.1.0", order=order)) == {
        "1.0.0": "Keep",
        "1.1.0": "Wait EarlierPullRequestOpen",
    }


def test_the_next_one_starts_when_the_last_was_merged() -> None:
    merged = candidate("1.0.0", "Finished", merged=True)

    assert outcome(merged, candidate("1.1.0"))["1.1.0"] == "Submit Next"


def test_the_next_one_starts_when_the_last_was_abandoned() -> None:
    abandoned = candidate("1.0.0", "Skipped", reason="Abandoned")

    assert outcome(abandoned, candidate("1.1.0")) == {
        "1.0.0": "Keep Abandoned",
        "1.1.0": "Submit Next",
    }


def test_a_reopened_pull_request_is_taken_up_again() -> None:
    reopened = candidate("1.0.0", "Skipped", reason="Abandoned", open_pull_request=True)

    assert outcome(reopened, candidate("1.1.0"))["1.1.0"] == "Wait EarlierPullRequestOpen"


def test_a_failure_holds_up_what_is_newer() -> None:
    assert outcome(candidate("1.1.0", "Failed", reason="StepFailed"), candidate("1.2.0")) == {
        "1.1.0": "Keep StepFailed",
        "1.2.0": "Wait BlockedByFailure",
    }


@pytest.mark.parametrize("reason", ["InternalError", "GitError"])
def test_a_bug_of_this_program_holds_nothing_up(reason: str) -> None:
    assert outcome(candidate("1.1.0", "Failed", reason=reason), candidate("1.2.0")) == {
        "1.1.0": f"Keep {reason}",
        "1.2.0": "Submit Next",
    }


def test_a_late_release_older_than_the_failed_one_goes_first() -> None:
    assert outcome(candidate("1.1.0", "Failed"), candidate("1.0.9"))["1.0.9"] == "Submit Next"


def test_a_retry_of_the_failed_one_starts_it_again() -> None:
    assert outcome(candidate("1.1.0", "Failed", retry=True), candidate("1.2.0")) == {
        "1.1.0": "Submit Next",
        "1.2.0": "Wait OlderFirst",
    }


def test_skipping_the_failed_one_lets_the_next_go() -> None:
    assert outcome(candidate("1.1.0", "Failed", skip=True), candidate("1.2.0")) == {
        "1.1.0": "Skip SkipRequested",
        "1.2.0": "Submit Next",
    }


@pytest.mark.parametrize("phase", [None, "Pending", "Running", "Conflict", "Failed"])
def test_a_persons_skip_is_obeyed_in_every_unfinished_phase(phase: str | None) -> None:
    assert outcome(candidate("1.0.0", phase, skip=True)) == {"1.0.0": "Skip SkipRequested"}


def test_withdrawing_a_skip_makes_the_release_due_again() -> None:
    skipped = candidate("1.0.0", "Skipped", reason="SkipRequested")

    assert outcome(skipped) == {"1.0.0": "Submit Next"}


def test_a_late_release_waits_while_a_newer_ones_pull_request_is_open() -> None:
    proposed = candidate("1.2.0", "Finished", open_pull_request=True)

    assert outcome(candidate("1.1.0"), proposed)["1.1.0"] == "Wait EarlierPullRequestOpen"


def test_a_retry_after_an_abandoned_pull_request_needs_no_force() -> None:
    retried = candidate("1.0.0", "Skipped", reason="Abandoned", retry=True)

    standing = decide([retried])[retried.key]

    assert (standing.action, standing.force) == ("Submit", False)


@pytest.mark.parametrize("phase", ["Finished", "Running", "Conflict"])
def test_a_retry_does_not_affect_a_sync_that_did_not_fail(phase: str) -> None:
    assert outcome(candidate("1.0.0", phase, retry=True)) == {"1.0.0": "Keep"}


def test_latest_skips_a_release_that_a_newer_one_overtakes() -> None:
    due = [candidate(version, order="Latest") for version in ("1.0.0", "1.1.0", "1.2.0")]

    assert outcome(*due) == {
        "1.0.0": "Skip NewerVersion",
        "1.1.0": "Skip NewerVersion",
        "1.2.0": "Submit Next",
    }


def test_latest_lets_a_newer_release_go_past_a_failed_one() -> None:
    failed = candidate("1.0.0", "Failed", order="Latest", reason="StepFailed")

    assert outcome(failed, candidate("1.1.0", order="Latest")) == {
        "1.0.0": "Keep StepFailed",
        "1.1.0": "Submit Next",
    }


def test_latest_syncs_an_older_release_that_a_person_requests() -> None:
    retried = candidate("1.0.0", "Skipped", order="Latest", reason="NewerVersion", retry=True)

    assert outcome(retried, candidate("1.1.0", order="Latest")) == {
        "1.0.0": "Submit Next",
        "1.1.0": "Wait OlderFirst",
    }


def test_two_plans_on_one_branch_take_turns() -> None:
    standings = decide([candidate("1.0.0", plan="b"), candidate("1.0.0", plan="a")])

    assert {key.plan.name: say(s) for key, s in standings.items()} == {
        "a": "Submit Next",
        "b": "Wait OlderFirst",
    }


def test_nothing_starts_before_the_upstream_was_read() -> None:
    assert outcome(candidate("1.0.0", complete=False)) == {"1.0.0": "Wait UpstreamNotRead"}


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ({"suspended": True}, "PlanSuspended"),
        ({"ready": False}, "PlanNotReady"),
        ({"available": False}, "TagUnavailable"),
    ],
)
def test_a_release_that_cannot_start_waits_and_holds_up_nobody(
    why: dict[str, bool], reason: str
) -> None:
    held = candidate("1.0.0", plan="a", **why)
    failed = candidate("1.1.0", "Failed", plan="a", **why)

    assert outcome(held, failed, candidate("1.2.0", plan="b")) == {
        "1.0.0": f"Wait {reason}",
        "1.1.0": "Keep",
        "1.2.0": "Submit Next",
    }


def test_a_suspended_plans_run_goes_on_and_still_occupies_the_branch() -> None:
    running = candidate("1.0.0", "Running", plan="a", suspended=True)

    assert outcome(running, candidate("1.1.0", plan="b"))["1.1.0"] == "Wait BranchBusy"


PHASES = [None, "Pending", "Running", "Conflict", "Finished", "Failed", "Skipped"]


def _random_candidate(dice: random.Random, number: int) -> Candidate:
    phase = dice.choice(PHASES)
    return candidate(
        f"1.{number}.{dice.randrange(3)}",
        phase,
        plan=dice.choice("ab"),
        order=dice.choice(["Sequential", "Latest"]),
        reason=dice.choice(["", "SkipRequested", "AlreadySynced", "Abandoned"]),
        open_pull_request=phase == "Finished" and dice.random() < 0.2,
        merged=phase == "Finished" and dice.random() < 0.4,
        retry=dice.random() < 0.2,
        skip=dice.random() < 0.1,
        suspended=dice.random() < 0.1,
        available=dice.random() < 0.9,
    )


@pytest.mark.parametrize("seed", range(200))
def test_the_decision_depends_only_on_the_current_objects(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - a test's dice
    candidates = [_random_candidate(dice, number) for number in range(dice.randrange(1, 7))]
    decided = decide(candidates)

    for _ in range(10):
        dice.shuffle(candidates)
        assert decide(candidates) == decided

    submitted = [c for c in candidates if decided[c.key].action == "Submit"]
    occupied = any(c.open_pull_request or (c.is_running and not c.skip) for c in candidates)
    assert len(submitted) <= (0 if occupied else 1)
    assert all(c.is_due and c.available and not c.suspended for c in submitted)
    assert all(s.action == "Keep" or (s.reason and s.message) for s in decided.values())


@pytest.mark.parametrize("arrival", [*itertools.permutations(["1.0.0", "1.1.0", "1.1.1", "2.0.0"])])
def test_a_backlog_is_synced_in_order_however_it_arrived(arrival: tuple[str, ...]) -> None:
    entries = {version: candidate(version) for version in arrival}
    synced: list[str] = []

    while submitted := [v for v, s in outcome(*entries.values()).items() if s == "Submit Next"]:
        synced += submitted
        entries[submitted[0]] = candidate(submitted[0], "Finished", merged=True)

    assert synced == ["1.0.0", "1.1.0", "1.1.1", "2.0.0"]


def test_each_release_links_to_the_next() -> None:
    versions = map(Version.parse, ["1.10.0", "1.9.0", "1.10.0-rc.1"])

    assert link_next(versions) == {"1.9.0": "1.10.0-rc.1", "1.10.0-rc.1": "1.10.0", "1.10.0": None}


def test_actions_are_the_five_that_a_controller_knows() -> None:
    assert set(Action.__args__) == {"Submit", "Record", "Wait", "Skip", "Keep"}  # type: ignore[attr-defined]  # a Literal


def test_without_versions_there_is_no_next() -> None:
    assert link_next([]) == {}


def test_builds_and_candidates_of_one_version_are_ordered_by_number() -> None:
    contained = candidate("17.0.1+9", "Finished", reason="AlreadySynced")
    rc = candidate("4.4.0-rc9", "Finished", reason="AlreadySynced")

    assert outcome(contained, candidate("17.0.1+12"))["17.0.1+12"] == "Submit Next"
    assert outcome(rc, candidate("4.4.0-rc10"))["4.4.0-rc10"] == "Submit Next"
