"""Edge cases of the limits: one more or less, a second too early, a run that never began."""

import pytest

from resync_argo.controller.order.fair_queue import Claim
from resync_argo.controller.order.limits import GRANT_SECONDS
from tests.unit.controller.order.test_limits import Lab, claim, keys

ONE = Claim(namespace="a", token="t", writes=1)


def test_a_sync_that_asks_twice_gets_one_place_and_keeps_it() -> None:
    lab = Lab(max_runs_per_namespace=2)
    first, second, third = keys(3)
    for _ in range(2):
        assert lab.begin(first, claim()) is None

    assert lab.begin(second, claim()) is None
    assert lab.begin(third, claim()) is not None


def test_a_run_that_ended_frees_one_place_in_its_namespace() -> None:
    lab = Lab(max_runs_per_namespace=2)
    first, second, third, fourth = keys(4)
    lab.begin(first, claim())
    lab.begin(second, claim())
    lab.limits.ended(first)

    assert lab.begin(third, claim()) is None
    assert lab.begin(fourth, claim()) is not None


def test_a_queued_sync_whose_run_began_is_no_longer_queued() -> None:
    lab = Lab(max_runs=1)
    first, second, third = keys(3)
    for key in (first, second, third):
        lab.begin(key, claim())
    lab.limits.began(second, claim())
    lab.limits.ended(first)
    lab.limits.ended(second)

    assert lab.told[-1] == (third, 0.0)
    assert [lab.limits.knows(key) for key in (first, second, third)] == [False, False, True]


def test_a_queued_sync_whose_run_began_gets_no_second_place() -> None:
    lab = Lab(max_runs=2)
    first, second, third, fourth = keys(4)
    for key in (first, second, third, fourth):
        lab.begin(key, claim())
    lab.limits.began(third, claim())
    lab.limits.ended(first)
    lab.limits.ended(second)

    assert (third, 0.0) not in lab.told
    assert lab.told[-1] == (fourth, 0.0)


def test_a_sync_that_waits_for_a_place_is_notified_when_one_is_free_and_periodically() -> None:
    lab = Lab(max_runs=1)
    first, second = keys(2)
    lab.begin(first, claim(account="t"))
    lab.begin(second, claim(account="u"))

    assert lab.told[-1] == (second, GRANT_SECONDS)


def test_syncs_that_wait_for_a_token_are_notified_when_the_first_may_begin() -> None:
    lab = Lab(forge_writes_per_minute=2)
    first, second, third, fourth = keys(4)
    for key, account, at in ((first, "t", 0.0), (second, "u", 20.0)):
        lab.clock.now = at
        lab.begin(key, claim(account=account))
        lab.limits.ended(key)
    lab.clock.now = 30.0
    lab.begin(third, claim(account="u"))
    lab.begin(fourth, claim(account="t"))

    assert lab.told[-1] == (third, 30.0), "the first in the row looks when the soonest may go"


def test_a_token_whose_run_is_under_way_is_checked_periodically() -> None:
    lab = Lab(forge_writes_per_minute=2)
    first, second = keys(2)
    lab.begin(first, claim())

    assert "have as many runs" in (lab.begin(second, claim()) or "")
    assert lab.told[-1] == (second, GRANT_SECONDS)


@pytest.mark.parametrize("seconds", [0.5, 1.0, 30.0])
def test_no_run_begins_a_moment_too_early(seconds: float) -> None:
    lab, (key, *_) = Lab(), keys(1)
    lab.closed = seconds

    assert lab.begin(key, claim()) == "The forge asked these credentials to wait."
    assert lab.told[-1] == (key, seconds)


def test_a_run_without_credentials_waits_for_no_forge() -> None:
    lab, (key, *_) = Lab(), keys(1)
    lab.closed, lab.left = 30.0, 0

    assert lab.begin(key, Claim(namespace="a")) is None
    lab.limits.ended(key)
    assert not lab.limits.knows(key)


@pytest.mark.parametrize(
    ("wanted", "in_conflict", "begins"),
    [
        (claim(), False, True),
        (claim(), True, False),
        (claim(), None, False),
        (Claim(namespace="a", token="t", writes=2, conflict_writes=1), True, True),
        (Claim(namespace="a", token="t", writes=2, conflict_writes=1), False, False),
        (Claim(namespace="a", token="t", writes=2, conflict_writes=1), None, False),
    ],
)
def test_a_runs_writes_follow_from_its_outcome(
    wanted: Claim, *, in_conflict: bool | None, begins: bool
) -> None:
    lab = Lab(forge_writes_per_minute=3)
    first, second = keys(2)
    lab.begin(first, wanted)
    lab.limits.ended(first, in_conflict=in_conflict)

    assert (lab.begin(second, wanted) is None) is begins


@pytest.mark.parametrize("is_ended", [True, False], ids=["ended", "forgotten"])
def test_a_run_that_was_never_begun_wrote_nothing(*, is_ended: bool) -> None:
    lab = Lab(forge_writes_per_minute=2)
    first, second, third = keys(3)
    assert lab.limits.admit(first, claim()) is None
    if is_ended:
        lab.limits.ended(first, in_conflict=True)
    else:
        lab.clock.now = GRANT_SECONDS

    assert lab.begin(second, claim()) is None
    assert lab.begin(third, ONE) is not None


def test_nothing_is_kept_of_runs_that_no_longer_count() -> None:
    lab = Lab()
    first, second = keys(1, "a")[0], keys(1, "b")[0]
    lab.begin(first, claim("a", "t"))
    lab.limits.ended(first)
    lab.clock.now = 3600.0
    lab.begin(second, claim("b", "u"))
    lab.limits.ended(second)
    lab.clock.now = 7200.0
    lab.begin(first, Claim(namespace="a"))
    lab.limits.ended(first)

    assert not lab.limits._places
    assert not lab.limits._namespaces
    assert not lab.limits._quotas
