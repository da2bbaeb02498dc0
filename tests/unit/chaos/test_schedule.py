"""One seed gives one schedule, and every schedule has every kind of fault."""

import pytest

from tests.chaos.schedule import LASTING, schedule


def test_a_seed_decides_the_whole_schedule() -> None:
    first, again, other = (schedule(seed, seconds=60, syncs=3) for seed in (1, 1, 2))

    assert first == again
    assert first != other


@pytest.mark.parametrize("seed", range(20))
def test_every_kind_comes_in_a_minute_and_nothing_after_the_end(seed: int) -> None:
    found = schedule(seed, seconds=65, syncs=3)

    assert {fault.kind for fault in found.faults} == set(LASTING)
    assert [fault.at for fault in found.faults] == sorted(fault.at for fault in found.faults)
    assert all(0 < at < 65 for at in (*found.applied, *found.answered))
    assert all(fault.at < 65 for fault in found.faults)
