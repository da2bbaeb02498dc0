"""Each target figure comes from the right rows."""

from collections.abc import Mapping
from typing import Any

from tests.bench.growth.figures import AIMS, NOT_MEASURED, TITLES, figures, lines
from tests.bench.growth.rounds import ACTS, MIRRORED, OURS, SCRIPT, SECOND_TO_CLEAN

FILES = (1_000, 10_000, 36_000)
RATIOS = {
    OURS: {"seconds": 0.5, "cpu_seconds": 0.25},
    MIRRORED: {"seconds": 0.4, "cpu_seconds": 0.125},
}


def cost(seconds: float) -> dict[str, Mapping[str, float]]:
    """Return what an act costs us and the script."""
    rest = {"server_cpu_seconds": 0.0, "fetched_bytes": 2e6, "memory_mib": 3.0, "disk_mib": 4.0}
    one = {"seconds": seconds, "cpu_seconds": seconds**2, **rest}
    return {OURS: one, SCRIPT: one}


def row(files: int) -> dict[str, Any]:
    """Return a row in which seconds are as the files."""
    return {
        "name": f"{files // 1000}k_files_1k_commits",
        "files": files,
        "commits": 1_000,
        "costs": {act: cost(files) for act in ACTS},
        "ratios": dict.fromkeys((*ACTS, SECOND_TO_CLEAN), RATIOS),
    }


def test_ratios_are_those_at_the_size_of_kubernetes() -> None:
    found = figures([row(it) for it in FILES])

    assert found["conflict_asked_to_script_ratio"] == 0.5
    assert found["clean_sync_to_script_cpu_ratio"] == 0.25


def test_what_a_mirror_saves_is_a_figure_of_its_own() -> None:
    assert figures([row(36_000)])["clean_sync_with_mirror_to_script_ratio"] == 0.4


def test_what_was_not_measured_has_no_number() -> None:
    failed = {"name": "36k_files_1k_commits", "files": 36_000, "commits": 1_000, "error": "OSError"}
    found = figures([row(1_000), failed])

    assert found.keys() >= AIMS.keys()
    assert set(found.values()) == {NOT_MEASURED}


def test_growth_is_along_one_dimension() -> None:
    longer = {**row(10_000), "name": "10k_files_100k_commits", "commits": 100_000}
    found = figures([*(row(it) for it in FILES), longer])

    assert found["clean_sync_exponent_in_files"] == 1.0
    assert found["clean_sync_cpu_exponent_in_files"] == 2.0
    assert found["clean_sync_exponent_in_commits"] == 0.0


def test_every_target_has_a_figure() -> None:
    longer = {**row(10_000), "name": "10k_files_10k_commits", "commits": 10_000}

    assert figures([*(row(it) for it in FILES), longer]).keys() >= AIMS.keys()


def test_a_line_has_what_an_act_cost_and_ours_beside_the_scripts() -> None:
    found = list(lines(row(36_000)))

    assert all(len(line) == len(TITLES) for line in found)
    assert [line[:2] for line in found[:2]] == [
        ("conflict known", OURS),
        ("conflict known", SCRIPT),
    ]
    assert found[0][2:] == ("36000.0", "1296000000.0", "-", "2.0", "3", "4", "0.50", "0.25")
    assert found[1][2:] == ("36000.0", "1296000000.0", "-", "2.0", "3", "4", "-", "-")
