"""How much one token's runs may still write, exact to the request and the second."""

import math

import pytest

from resync_argo.controller.order.quota import (
    HOUR_SECONDS,
    KEPT_REQUESTS,
    LEARNED_FROM,
    MINUTE_SECONDS,
    REQUESTS_OF_RUN,
    TokenQuota,
)


@pytest.fixture
def quota() -> TokenQuota:
    return TokenQuota(a_minute=10, an_hour=15)


def wrote(quota: TokenQuota, writes: int, now: float) -> None:
    """Let a run begin and end that writes so much."""
    quota.end(quota.begin(writes), writes, writes, now)


def test_the_possible_writes_of_a_run_are_reserved_until_it_ends(quota: TokenQuota) -> None:
    assert quota.wait_seconds(10, 0.0) == 0.0
    first, second = quota.begin(3), quota.begin(4)

    assert (first, second) == (3.0, 4.0)
    assert (quota.wait_seconds(3, 0.0), quota.wait_seconds(4, 0.0)) == (0.0, math.inf)
    quota.end(first, 0, 3, 0.0)
    assert (quota.wait_seconds(6, 0.0), quota.wait_seconds(7, 0.0)) == (0.0, math.inf)
    quota.end(second, 0, 4, 0.0)
    assert quota.wait_seconds(10, 0.0) == 0.0


def test_a_run_waits_until_enough_writes_are_a_minute_old(quota: TokenQuota) -> None:
    wrote(quota, 3, 0.0)
    wrote(quota, 4, 20.0)

    assert [quota.wait_seconds(most, 30.0) for most in (3, 4, 6, 7)] == [0.0, 30.0, 30.0, 50.0]
    assert quota.wait_seconds(6, MINUTE_SECONDS) == 0.0
    assert quota.wait_seconds(7, MINUTE_SECONDS) == 20.0
    assert quota.wait_seconds(8, 20.0 + MINUTE_SECONDS) == 0.0


def test_writes_count_for_an_hour(quota: TokenQuota) -> None:
    for number in range(3):
        wrote(quota, 5, 100.0 * number)

    assert quota.wait_seconds(1, 1000.0) == HOUR_SECONDS - 1000.0
    assert quota.wait_seconds(6, 1000.0) == HOUR_SECONDS + 100.0 - 1000.0
    assert quota.wait_seconds(5, HOUR_SECONDS) == 0.0


def test_old_writes_delay_nobody_and_are_forgotten(quota: TokenQuota) -> None:
    for now in range(0, 50 * 60, 60):
        wrote(quota, 10, float(now))

    assert quota.wait_seconds(10, 2 * HOUR_SECONDS) == 0.0
    wrote(quota, 10, 2 * HOUR_SECONDS)
    for now in range(60, 100 * 60, 60):
        wrote(quota, 1, 2 * HOUR_SECONDS + now)
        quota.wait_seconds(1, 2 * HOUR_SECONDS + now)
    assert [len(window._written) for window in quota._windows] == [1, 60]


def test_a_run_that_needs_more_than_a_minutes_quota_runs_alone(
    quota: TokenQuota,
) -> None:
    assert quota.wait_seconds(99, 0.0) == 0.0
    quota.begin(1)
    assert quota.wait_seconds(99, 0.0) == math.inf


def test_each_run_leaves_requests_to_the_controller(quota: TokenQuota) -> None:
    least = KEPT_REQUESTS + REQUESTS_OF_RUN
    for _ in range(2):
        assert quota.wait_seconds(1, 0.0, left=least) == 0.0
        assert quota.wait_seconds(1, 0.0, left=least - 1) == MINUTE_SECONDS
        quota.begin(1)
        least += REQUESTS_OF_RUN
    quota.end(1.0, 0, 1, 0.0)
    assert quota.wait_seconds(1, 0.0, left=least - REQUESTS_OF_RUN) == 0.0


def test_the_reservation_is_learned_from_runs_that_wrote_something(quota: TokenQuota) -> None:
    for _ in range(LEARNED_FROM):
        quota.end(quota.begin(0), 0, 0, 0.0)
        assert quota.begin(8) == 8.0
        quota.end(8.0, 2, 8, 0.0)

    assert quota.begin(8) == 2.0
    assert quota.begin(4) == 1.0


def test_a_quota_is_idle_when_no_write_counts(quota: TokenQuota) -> None:
    assert quota.is_idle(0.0)
    reserved = quota.begin(1)
    assert not quota.is_idle(0.0)
    quota.end(reserved, 1, 1, 0.0)

    assert not quota.is_idle(MINUTE_SECONDS)
    assert quota.is_idle(HOUR_SECONDS)
    quota.end(quota.begin(1), 0, 1, HOUR_SECONDS)
    assert quota.is_idle(HOUR_SECONDS)
