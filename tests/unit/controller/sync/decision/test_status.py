"""A Sync's conditions and Events for each of its phases."""

import pytest

from resync_argo.api.conditions import Condition, find
from resync_argo.api.sync import SyncStatus
from resync_argo.controller.sync.decision.phases import Freshness, Phase, Review, Why
from resync_argo.controller.sync.decision.status import (
    cleanup_condition,
    conditions_of,
    events_of,
    is_cleaned_up,
)
from resync_argo.errors import ResyncError, Stalled, Transient
from tests.unit.controller.builders import (
    BEFORE,
    NOW,
    REVIEW,
    failed,
    finished,
    in_conflict,
    queued,
    running,
    skipped,
    sync,
)

STALE = Freshness(base="a" * 40, why=Why(reason="Held", message="Ann."))
MERGED = Review(url="url/7", number=7, merged=True)
REFUSED = Transient("The forge does not answer.")
FORBIDDEN = Stalled("CredentialsRefused", "The host does not accept the token.")


def told(phase: Phase) -> dict[str, tuple[str, str]]:
    """Return status and reason of each condition by its type."""
    return {c.type: (c.status, c.reason) for c in conditions_of(phase, sync(), NOW)}


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (
            queued("Next"),
            {
                "Succeeded": ("Unknown", "Next"),
                "Conflicted": ("False", "NoConflict"),
                "Reconciling": ("True", "Next"),
            },
        ),
        (
            running(),
            {
                "Succeeded": ("Unknown", "Running"),
                "Conflicted": ("False", "NoConflict"),
                "Reconciling": ("True", "Running"),
            },
        ),
        (
            in_conflict(),
            {
                "Succeeded": ("Unknown", "WaitingForResolution"),
                "Conflicted": ("True", "WaitingForResolution"),
                "Reconciling": ("True", "WaitingForResolution"),
            },
        ),
        (
            finished("PullRequestOpen", review=REVIEW),
            {
                "Succeeded": ("True", "PullRequestOpen"),
                "Conflicted": ("False", "NoConflict"),
                "Merged": ("False", "PullRequestOpen"),
                "Reconciling": ("True", "PullRequestOpen"),
            },
        ),
        (
            finished("PullRequestOpen", review=REVIEW, freshness=STALE),
            {
                "Succeeded": ("True", "PullRequestOpen"),
                "Conflicted": ("False", "NoConflict"),
                "Merged": ("False", "PullRequestOpen"),
                "UpToDate": ("False", "Held"),
                "Reconciling": ("True", "PullRequestOpen"),
            },
        ),
        (
            running(review=REVIEW, freshness=Freshness(base="a" * 40)),
            {
                "Succeeded": ("Unknown", "Running"),
                "Conflicted": ("False", "NoConflict"),
                "Merged": ("False", "Running"),
                "Reconciling": ("True", "Running"),
            },
        ),
        (
            finished("Merged", review=MERGED, freshness=STALE),
            {
                "Succeeded": ("True", "Merged"),
                "Conflicted": ("False", "NoConflict"),
                "Merged": ("True", "Merged"),
            },
        ),
        (
            failed("StepFailed"),
            {
                "Succeeded": ("False", "StepFailed"),
                "Conflicted": ("False", "NoConflict"),
                "Stalled": ("True", "StepFailed"),
            },
        ),
        (
            skipped("Superseded"),
            {"Succeeded": ("False", "Superseded"), "Conflicted": ("False", "NoConflict")},
        ),
    ],
    ids=[
        "queued",
        "running",
        "conflict",
        "in review",
        "held",
        "refreshed",
        "merged",
        "failed",
        "skipped",
    ],
)
def test_conditions_show_a_syncs_phase(phase: Phase, expected: dict[str, tuple[str, str]]) -> None:
    assert told(phase) == expected


def test_a_phase_without_a_reason_has_its_name_as_reason() -> None:
    assert told(running(why=Why(reason="")))["Succeeded"] == ("Unknown", "Running")


def test_an_unreachable_forge_is_shown_while_that_lasts() -> None:
    found = find(conditions_of(running(), sync(), NOW, forge=REFUSED), "ForgeReachable")

    assert found is not None
    assert (found.status, found.reason, found.message) == (
        "False",
        "Unreachable",
        "The forge does not answer.",
    )
    assert "ForgeReachable" not in told(running())


def test_an_unchanged_condition_keeps_its_time() -> None:
    before = conditions_of(running(), sync(), BEFORE)
    was = sync(phase="Running", conditions=[c.dump() for c in before])

    now = {c.type: c.last_transition_time for c in conditions_of(in_conflict(), was, NOW)}

    assert now == {"Succeeded": BEFORE, "Conflicted": NOW, "Reconciling": BEFORE}


@pytest.mark.parametrize(
    ("phase", "error", "expected"),
    [
        (queued("EarlierPullRequestOpen"), None, {"Reconciling": "EarlierPullRequestOpen"}),
        (queued("BlockedByFailure"), None, {"Reconciling": "BlockedByFailure"}),
        (queued("Unreachable"), None, {"Reconciling": "Unreachable"}),
        (queued("NotOurs"), None, {"Stalled": "NotOurs"}),
        (queued("CredentialsRefused"), None, {"Stalled": "CredentialsRefused"}),
        (running(), REFUSED, {"Reconciling": "Running"}),
        (running(), FORBIDDEN, {"Stalled": "CredentialsRefused"}),
        (in_conflict(), FORBIDDEN, {"Stalled": "CredentialsRefused"}),
        (finished("PullRequestOpen", review=REVIEW), FORBIDDEN, {"Stalled": "CredentialsRefused"}),
        (finished("Merged", review=MERGED), FORBIDDEN, {}),
        (finished("AlreadySynced"), None, {}),
        (skipped("Abandoned", review=REVIEW), FORBIDDEN, {}),
        (failed("Unreachable"), None, {"Stalled": "Unreachable"}),
        (queued("OfALaterRelease"), None, {"Reconciling": "OfALaterRelease"}),
    ],
)
def test_questions_to_people_do_not_stall_a_sync_and_problems_do(
    phase: Phase, error: ResyncError | None, expected: dict[str, str]
) -> None:
    told = {c.type: c.reason for c in conditions_of(phase, sync(), NOW, forge=error)}

    assert {kind: told[kind] for kind in ("Reconciling", "Stalled") if kind in told} == expected


def pending(error: Transient | None = None) -> Condition:
    return cleanup_condition(error)


def test_leftover_branches_are_shown_until_they_are_deleted() -> None:
    waiting = conditions_of(finished("Merged"), sync(), NOW, cleanup=pending(REFUSED))
    status = SyncStatus(conditions=waiting)

    assert "The forge does not answer." in pending(REFUSED).message
    assert (pending().status, pending().reason) == ("False", "CleanupPending")
    assert not is_cleaned_up(status)
    assert is_cleaned_up(SyncStatus(conditions=conditions_of(finished("Merged"), sync(), NOW)))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (None, "Pending", []),
        (None, "Skipped", []),
        (None, "Running", ["Normal SyncRunning"]),
        ("Running", "Running", []),
        ("Running", "Conflict", ["Warning SyncConflict"]),
        ("Running", "Failed", ["Warning SyncFailed"]),
        ("Running", "Finished", ["Normal SyncFinished"]),
        ("Failed", "Pending", ["Normal SyncPending"]),
    ],
)
def test_each_change_of_phase_has_an_event(old: str | None, new: str, expected: list[str]) -> None:
    was = sync(phase=old, workflow="w-1") if old else sync()
    status = SyncStatus.model_validate({"phase": new, "reason": "Because", "message": "It is so."})

    events = list(events_of(was, status))

    assert [f"{event.type} {event.reason}" for event in events] == expected
    assert [event.note for event in events] == ["It is so."] * len(expected)


def test_the_same_change_in_another_try_is_another_event() -> None:
    was = sync(phase="Running")
    first, second = (
        next(events_of(was, SyncStatus(phase="Failed", reason="StepFailed", tries=tries)))
        for tries in (0, 1)
    )

    assert first.occasion != second.occasion


def test_failed_follow_up_work_is_shown_and_stalls_nothing() -> None:
    """A commit status that cannot be set does not keep people from resolving the conflict."""
    told = {
        c.type: c.reason for c in conditions_of(in_conflict(), sync(), NOW, aftermath=FORBIDDEN)
    }

    assert told["ForgeReachable"] == "CredentialsRefused"
    assert told["Reconciling"] == "WaitingForResolution"
    assert "Stalled" not in told


WRONG = Why(reason="InvalidValue", message="JIRA must match `[A-Z]+`.")


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (queued("InvalidValue"), "InvalidValue"),
        (running(), "InvalidValue"),
        (in_conflict(), "InvalidValue"),
        (finished("PullRequestOpen", review=REVIEW), "InvalidValue"),
        (finished("Merged", review=MERGED), None),
        (skipped("Superseded"), None),
    ],
)
def test_an_invalid_value_is_shown_while_a_run_may_need_it(
    phase: Phase, expected: str | None
) -> None:
    shown = {c.type: c for c in conditions_of(phase, sync(), NOW, values=WRONG)}

    found = shown.get("ParametersValid")
    assert (found and found.reason) == expected
    assert found is None or (found.status, found.message) == ("False", WRONG.message)


def test_a_sync_that_waits_for_a_value_is_stalled() -> None:
    shown = {c.type: c.status for c in conditions_of(queued("ValueMissing"), sync(), NOW)}

    assert shown["Stalled"] == "True"
    assert "Reconciling" not in shown
