"""A release that is too young waits with its successors, and never blocks the branch for long."""

from datetime import UTC, datetime

import pytest

from resync_argo.api.naming import Naming
from resync_argo.upstream.graph import decide
from tests.unit.upstream.test_graph import candidate, outcome

DUE = datetime(2026, 1, 3, 12, tzinfo=UTC)
OTHER_SOURCE = ("github.com/c/d", Naming())


def test_a_release_waits_until_it_is_old_enough_and_says_until_when() -> None:
    young = candidate("1.0.0", matures=DUE)

    standing = decide([young])[young.key]

    assert (standing.action, standing.reason) == ("Wait", "TooYoung")
    assert standing.due_time == "2026-01-03T12:00:00Z"
    assert "2026-01-03T12:00:00Z" in standing.message


def test_no_release_of_the_plan_overtakes_an_older_one_that_is_too_young() -> None:
    young, old = candidate("1.0.0", matures=DUE), candidate("1.1.0")

    assert outcome(young, old) == {"1.0.0": "Wait TooYoung", "1.1.0": "Wait OlderFirst"}


def test_the_latest_that_is_old_enough_is_taken_however_many_younger_ones_there_are() -> None:
    stream = [candidate(f"1.{n}.0", order="Latest", matures=DUE) for n in (2, 3)]
    old = [candidate(f"1.{n}.0", order="Latest") for n in (0, 1)]

    assert outcome(*old, *stream) == {
        "1.0.0": "Skip NewerVersion",
        "1.1.0": "Submit Next",
        "1.2.0": "Wait TooYoung",
        "1.3.0": "Wait TooYoung",
    }


@pytest.mark.parametrize(
    "other", [{"plan": "other"}, {"source": OTHER_SOURCE}], ids=["Plan", "upstream"]
)
def test_releases_of_another_plan_or_upstream_do_not_wait_for_it(other: dict[str, str]) -> None:
    young = candidate("1.0.0", matures=DUE)

    assert outcome(young, candidate("1.1.0", **other))["1.1.0"] == "Submit Next"


def test_a_persons_request_overrides_the_age() -> None:
    asked = candidate("1.0.0", matures=DUE, retry=True)
    newer = candidate("1.1.0", matures=DUE, retry=True)

    assert outcome(asked)["1.0.0"] == "Submit Next"
    assert outcome(candidate("1.0.0", matures=DUE), newer)["1.1.0"] == "Submit Next"


def test_a_sync_that_has_begun_goes_on_whatever_its_age() -> None:
    for phase in ("Running", "Conflict", "Failed"):
        assert outcome(candidate("1.0.0", phase, matures=DUE)) == {"1.0.0": "Keep"}


def test_a_failure_holds_up_newer_releases_even_if_the_minimum_age_rises() -> None:
    failed = candidate("1.0.0", "Failed", matures=DUE)

    assert outcome(failed, candidate("1.1.0"))["1.1.0"] == "Wait BlockedByFailure"


def test_a_skipped_or_superseded_release_does_not_wait_and_holds_up_nothing() -> None:
    skipped = candidate("1.0.0", matures=DUE, skip=True)
    merged = candidate("1.1.0", "Finished", merged=True)
    passed = candidate("1.0.5", matures=DUE)

    assert outcome(skipped, passed, merged, candidate("1.2.0")) == {
        "1.0.0": "Skip SkipRequested",
        "1.0.5": "Skip Superseded",
        "1.1.0": "Keep",
        "1.2.0": "Submit Next",
    }


def test_a_suspended_plan_gives_its_suspend_reason() -> None:
    said = [
        decide([one])[one.key].message
        for one in (
            candidate("1.0.0", suspended=True, suspend_reason="CI is down"),
            candidate("1.0.0", suspended=True),
        )
    ]

    assert said == ["Plan z is suspended: CI is down", "Plan z is suspended."]


def test_releases_that_wait_behind_it_hold_up_no_other_plan() -> None:
    """`1.1.0` waits for `1.0.0`, so it is not before `1.2.0` in the queue."""
    young, behind = candidate("1.0.0", matures=DUE), candidate("1.1.0")

    assert outcome(young, behind, candidate("1.2.0", plan="other")) == {
        "1.0.0": "Wait TooYoung",
        "1.1.0": "Wait OlderFirst",
        "1.2.0": "Submit Next",
    }
