"""A round executes each operation of our program and of the script, and measures both."""

from pathlib import Path

from tests.bench.growth.ground import ground
from tests.bench.growth.history import Shape, pair_of
from tests.bench.growth.rounds import (
    CLEAN_SYNC,
    CONFLICT_ASKED,
    CONFLICT_KNOWN,
    OURS,
    SCRIPT,
    SECOND_ATTEMPT,
    measured,
)


def test_all_operations_succeed(tmp_path: Path) -> None:
    with ground(pair_of(Shape(files=60, commits=300), tmp_path)) as place:
        found = measured(place, 1)

    costs = found["costs"]
    assert costs.keys() >= {CONFLICT_KNOWN, CONFLICT_ASKED, CLEAN_SYNC, SECOND_ATTEMPT}
    for act in (CONFLICT_KNOWN, CLEAN_SYNC, SECOND_ATTEMPT):
        assert all(costs[act][who]["fetched_bytes"] > 0 for who in (OURS, SCRIPT))
        assert all(costs[act][who]["cpu_seconds"] > 0 for who in (OURS, SCRIPT))
    known, asked, synced = (
        costs[act][OURS] for act in (CONFLICT_KNOWN, CONFLICT_ASKED, CLEAN_SYNC)
    )
    assert known["cpu_seconds"] <= asked["cpu_seconds"]
    # A question needs no files on disk.
    assert asked["disk_mib"] < synced["disk_mib"]
    assert not list(tmp_path.glob("work-*"))
