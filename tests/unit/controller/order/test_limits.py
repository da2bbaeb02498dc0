"""A thousand Plans that want one release get it, and the forge never refuses a request."""

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.order.fair_queue import Claim
from resync_argo.controller.order.limits import GRANT_SECONDS, Limits
from resync_argo.settings import Settings
from tests.unit.controller.builders import Clock
from tests.unit.controller.order.simulated_forge import (
    AT_A_TIME,
    Simulation,
    least_seconds,
)


def keys(count: int, namespace: str = "a") -> list[ObjectKey]:
    return [ObjectKey(namespace, f"z-{number}.project-1.0.0") for number in range(count)]


def claim(namespace: str = "a", account: str = "t", writes: int = 1) -> Claim:
    return Claim(namespace=namespace, token=account, writes=writes, conflict_writes=writes + 1)


class Lab:
    """Limits with a clock that a test moves, and a record of their messages."""

    def __init__(self, **settings: int) -> None:
        self.clock = Clock()
        self.told: list[tuple[ObjectKey, float]] = []
        self.closed = 0.0
        self.left: int | None = None
        self.limits = Limits(
            Settings(**settings),  # type: ignore[arg-type]  # numbers by name
            clock=self.clock,
            tell=lambda key, seconds: self.told.append((key, seconds)),
            must_wait=lambda _token: self.closed,
            requests_left=lambda _token: self.left,
        )

    def begin(self, key: ObjectKey, wanted: Claim) -> str | None:
        """Let a run begin if it may; return why not."""
        refusal = self.limits.admit(key, wanted)
        if refusal is None:
            self.limits.began(key, wanted)
        return refusal


def test_one_release_for_a_thousand_plans_takes_the_least_time_and_no_refusal() -> None:
    claims = {key: claim(f"team-{number % 20}") for number, key in enumerate(keys(1000))}
    simulation = Simulation(claims, Settings())

    simulation.run()

    assert set(simulation.opened.values()) == {1}
    assert len(simulation.opened) == 1000
    assert simulation.forge.refused == {}
    assert simulation.most_at_once <= AT_A_TIME
    assert simulation.now <= 1.1 * least_seconds(1000)


@pytest.mark.parametrize("conflicts", [0.3, 1.0])
def test_with_conflicts_each_limit_is_met_once_at_most(conflicts: float) -> None:
    claims = {key: claim() for key in keys(1000)}
    simulation = Simulation(claims, Settings(max_runs_per_namespace=100), conflicts=conflicts)

    simulation.run()

    assert set(simulation.opened.values()) == {1}
    assert len(simulation.opened) == 1000
    assert all(times <= 1 for times in simulation.forge.refused.values())


def test_without_these_limits_the_simulated_forge_refuses() -> None:
    claims = {key: claim() for key in keys(1000)}
    free = Settings(
        max_runs=1000,
        max_runs_per_namespace=1000,
        forge_writes_per_minute=10_000,
        forge_writes_per_hour=10_000,
    )
    simulation = Simulation(claims, free)

    simulation.run()

    assert simulation.forge.refused.total() > 100


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("max_runs", "RESYNC_MAX_RUNS`"),
        ("max_runs_per_namespace", "RESYNC_MAX_RUNS_PER_NAMESPACE`"),
    ],
)
def test_no_more_run_at_once_than_the_setting_allows(setting: str, named: str) -> None:
    lab = Lab(**{setting: 2})
    first, second, third = keys(3)

    assert (lab.begin(first, claim()), lab.begin(second, claim())) == (None, None)
    assert named in (lab.begin(third, claim()) or "")
    lab.limits.ended(first)

    assert lab.told[-1] == (third, 0.0)
    assert lab.begin(third, claim()) is None


def test_a_full_namespace_does_not_hold_up_another() -> None:
    lab = Lab(max_runs_per_namespace=1)
    first, second = keys(2, "a")
    lab.begin(first, claim("a"))

    assert lab.begin(second, claim("a")) is not None
    assert lab.begin(keys(1, "b")[0], claim("b")) is None


def test_namespaces_take_turns_however_much_one_of_them_asks() -> None:
    lab = Lab(max_runs=1)
    crowd, single = keys(100, "crowd"), keys(1, "single")[0]
    for key in crowd:
        lab.begin(key, claim("crowd", "t"))
    lab.begin(single, claim("single", "u"))

    lab.limits.ended(crowd[0])
    lab.begin(crowd[1], claim("crowd", "t"))
    lab.limits.ended(crowd[1])

    assert lab.begin(single, claim("single", "u")) is None


def test_a_used_up_token_does_not_hold_up_another_of_its_namespace() -> None:
    lab = Lab(forge_writes_per_minute=2)
    first, second, third = keys(3)
    lab.begin(first, claim(account="t"))

    assert "credentials" in (lab.begin(second, claim(account="t")) or "")
    assert lab.begin(third, claim(account="u")) is None


def test_writes_count_for_a_minute_and_an_hour_after_the_end() -> None:
    lab = Lab(forge_writes_per_minute=3, forge_writes_per_hour=4)
    first, second, third = keys(3)
    lab.begin(first, claim())
    lab.limits.ended(first, in_conflict=True)

    assert lab.begin(second, claim()) is not None
    assert lab.told[-1] == (second, 60.0)
    lab.clock.now = 60.0
    assert lab.begin(second, claim()) is None
    lab.limits.ended(second, in_conflict=False)
    lab.clock.now = 120.0
    assert lab.begin(third, claim()) is not None
    lab.clock.now = 3600.0
    assert lab.begin(third, claim()) is None


def test_a_run_that_needs_more_than_the_forge_allows_goes_alone() -> None:
    lab = Lab(forge_writes_per_minute=2)
    first, second = keys(2)

    assert lab.begin(first, claim(writes=9)) is None
    assert lab.begin(second, claim(writes=9)) is not None


def test_runs_wait_as_long_as_a_forge_asks() -> None:
    lab, (key, *_) = Lab(), keys(1)
    lab.closed = 30.0

    assert lab.begin(key, claim()) == "The forge asked these credentials to wait."
    assert lab.told[-1] == (key, 30.0)
    lab.closed = 0.0
    assert lab.begin(key, claim()) is None


@pytest.mark.parametrize(("left", "begins"), [(None, True), (5000, True), (110, False), (0, False)])
def test_the_last_requests_of_an_hour_are_for_polling(left: int | None, *, begins: bool) -> None:
    lab = Lab()
    lab.left = left

    assert (lab.begin(keys(1)[0], claim()) is None) is begins


def test_an_unused_place_goes_to_the_next() -> None:
    lab = Lab(max_runs=1)
    first, second = keys(2)
    assert lab.limits.admit(first, claim()) is None
    assert lab.limits.admit(second, claim()) is not None

    lab.clock.now = GRANT_SECONDS

    assert lab.limits.admit(second, claim()) is None


def test_a_run_that_people_began_counts_too() -> None:
    lab = Lab(max_runs=1)
    first, second = keys(2)
    lab.limits.began(first, claim())

    assert lab.begin(second, claim()) is not None


def test_a_sync_that_no_longer_waits_is_not_notified() -> None:
    lab = Lab(max_runs=1)
    first, second, third = keys(3)
    for key in (first, second, third):
        lab.begin(key, claim())
    lab.limits.ended(second)
    lab.told.clear()

    lab.limits.ended(first)

    assert lab.told[0] == (third, 0.0)
    assert not lab.limits.knows(second)
