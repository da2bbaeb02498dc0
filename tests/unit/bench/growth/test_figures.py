"""Each target figure comes from the right rows."""

from collections.abc import Mapping
from typing import Any

from tests.bench.growth.figures import AIMS, NOT_MEASURED, figures, told
from tests.bench.growth.rounds import (
    CLEAN_SYNC,
    CONFLICT_ASKED,
    CONFLICT_KNOWN,
    MIRRORED,
    OURS,
    SECOND_ATTEMPT,
)

FILES = (1_000, 10_000, 36_000)
RATIO = {"seconds": 0.5, "cpu_seconds": 0.25}


def cost(seconds: float) -> dict[str, Mapping[str, float]]:
    """Return our cost of an operation."""
    rest = {"fetched_bytes": 2e6, "memory_mib": 3.0, "disk_mib": 4.0}
    return {OURS: {"seconds": seconds, "cpu_seconds": seconds**2, **rest}}


def row(files: int, *, mirrored: bool = False) -> dict[str, Any]:
    """Return a row whose seconds equal its number of files."""
    acts = [CONFLICT_KNOWN, CONFLICT_ASKED, CLEAN_SYNC, SECOND_ATTEMPT]
    compared = [*acts, f"{SECOND_ATTEMPT} beside {CLEAN_SYNC}", *([MIRRORED] if mirrored else [])]
    return {
        "name": f"{files // 1000}k_files_1k_commits",
        "files": files,
        "commits": 1_000,
        "costs": {act: cost(files) for act in acts},
        "ratios": dict.fromkeys(compared, RATIO),
    }


def test_ratios_are_those_at_the_size_of_kubernetes() -> None:
    found = figures([row(it) for it in FILES])

    assert found["conflict_asked_to_script_ratio"] == 0.5
    assert found["clean_sync_to_script_cpu_ratio"] == 0.25


def test_an_absent_mirror_is_not_measured() -> None:
    assert figures([row(36_000)])["clean_sync_with_mirror_to_script_ratio"] == NOT_MEASURED
    measured = figures([row(36_000, mirrored=True)])
    assert measured["clean_sync_with_mirror_to_script_ratio"] == 0.5


def test_growth_is_along_one_dimension() -> None:
    longer = {**row(10_000), "name": "10k_files_100k_commits", "commits": 100_000}
    found = figures([*(row(it) for it in FILES), longer])

    assert found["clean_sync_exponent_in_files"] == 1.0
    assert found["clean_sync_cpu_exponent_in_files"] == 2.0
    assert found["clean_sync_exponent_in_commits"] == 0.0


def test_every_target_has_a_figure() -> None:
    longer = {**row(10_000), "name": "10k_files_10k_commits", "commits": 10_000}

    assert figures([*(row(it) for it in FILES), longer]).keys() >= AIMS.keys()


def test_a_line_shows_the_cost_of_an_operation() -> None:
    line = told([row(36_000)])["36k_files_1k_commits: clean sync, ours"]

    assert "2.0 MB" in line
    assert "disk 4 MiB" in line
