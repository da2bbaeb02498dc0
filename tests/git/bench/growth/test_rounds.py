"""A round executes each operation of our program and of the script, and measures both."""

from pathlib import Path

import pytest

from tests.bench.growth import peer
from tests.bench.growth.ground import ground
from tests.bench.growth.history import Shape, pair_of
from tests.bench.growth.rounds import (
    ACTS,
    CLEAN_SYNC,
    CONFLICT_ASKED,
    CONFLICT_KNOWN,
    MIRRORED,
    OURS,
    REBASEBOT,
    SCRIPT,
    SECOND_ATTEMPT,
    measured,
)


def test_all_acts_go_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "PYTHON", "false")  # a peer that fails

    with ground(pair_of(Shape(files=60, commits=300), tmp_path)) as place:
        found = measured(place, 1)

    costs = found["costs"]
    assert list(costs) == list(ACTS)
    for act in (CONFLICT_KNOWN, CLEAN_SYNC, SECOND_ATTEMPT):
        assert all(costs[act][who]["fetched_bytes"] > 0 for who in (OURS, MIRRORED, SCRIPT))
        assert all(costs[act][who]["cpu_seconds"] > 0 for who in (OURS, MIRRORED, SCRIPT))
    known, asked, synced = (
        costs[act][OURS] for act in (CONFLICT_KNOWN, CONFLICT_ASKED, CLEAN_SYNC)
    )
    assert known["cpu_seconds"] <= asked["cpu_seconds"]
    # A question needs no files on disk.
    assert asked["disk_mib"] < synced["disk_mib"]
    # The mirror has what the release before this one needed.
    assert costs[CLEAN_SYNC][MIRRORED]["fetched_bytes"] < synced["fetched_bytes"]
    assert found["mirror_mib"] > 0
    # A peer that cannot do it takes nothing away from the others.
    assert REBASEBOT not in costs[CLEAN_SYNC]
    assert not list(tmp_path.glob("work-*"))
