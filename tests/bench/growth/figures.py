"""Computes the figures with targets from the rows: ratios at the size of kubernetes, and the growth of costs."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.bench.growth.rounds import (
    CLEAN_SYNC,
    CONFLICT_ASKED,
    MIRRORED,
    OURS,
    SECOND_ATTEMPT,
    SECOND_TO_CLEAN,
    WHO,
)

Row = Mapping[str, Any]

KUBERNETES = 36_000
"""Files, about as many as kubernetes has."""

NOT_MEASURED = "not measured"

LIMITS = {
    "conflict_asked_to_script_ratio": 0.2,
    "clean_sync_to_script_ratio": 1.0,
    "clean_sync_with_mirror_to_script_ratio": 0.5,
    "second_attempt_to_clean_sync_ratio": 1.0,
    "conflict_asked_exponent_in_files": 1.0,
    "clean_sync_exponent_in_files": 1.0,
    "conflict_asked_exponent_in_commits": 0.5,
    "clean_sync_exponent_in_commits": 0.5,
}
"""The most that is aimed at, of seconds; the same figures of processor time stand beside them."""

AIMS = {name: f"<= {limit}" for name, limit in LIMITS.items()}

TITLES = (
    *("Act", "Who", "Seconds", "CPU seconds", "The server's", "MB fetched", "Memory, MiB"),
    *("Disk, MiB", "Time beside the script", "CPU beside the script"),
)
"""The columns of `lines`."""

_RATIOS = {
    "conflict_asked_to_script": (CONFLICT_ASKED, OURS),
    "clean_sync_to_script": (CLEAN_SYNC, OURS),
    "clean_sync_with_mirror_to_script": (CLEAN_SYNC, MIRRORED),
    "second_attempt_to_script": (SECOND_ATTEMPT, OURS),
    "second_attempt_with_mirror_to_script": (SECOND_ATTEMPT, MIRRORED),
    "second_attempt_to_clean_sync": (SECOND_TO_CLEAN, OURS),
}
_GROWING = {
    "conflict_asked": CONFLICT_ASKED,
    "clean_sync": CLEAN_SYNC,
    "second_attempt": SECOND_ATTEMPT,
}
_FIGURES = {"": "seconds", "_cpu": "cpu_seconds"}
"""What a figure's name says of what it is made of."""


def figures(rows: Sequence[Row]) -> dict[str, float | str]:
    """Return the figures that are aimed at, and the same of processor time; see `LIMITS`."""
    measured = [it for it in rows if "costs" in it]
    return {
        **_at_the_size_of_kubernetes(measured),
        **_growth(measured, "files", {"commits": 1_000}),
        **_growth(measured, "commits", {"files": 10_000}),
    }


def _at_the_size_of_kubernetes(rows: Sequence[Row]) -> dict[str, float | str]:
    large = next((it for it in rows if it["files"] == KUBERNETES), None)
    return {
        f"{name}{kind}_ratio": large["ratios"][act][who][figure] if large else NOT_MEASURED
        for name, (act, who) in _RATIOS.items()
        for kind, figure in _FIGURES.items()
    }


def _growth(rows: Sequence[Row], size: str, fixed: Mapping[str, int]) -> dict[str, float | str]:
    """Return the exponents along the made rows that differ in one size alone."""
    made = [it for it in rows if it["name"].endswith("k_commits") and fixed.items() <= it.items()]
    return {
        f"{name}{kind}_exponent_in_{size}": (
            grown(made, size, act, figure) if len(made) > 1 else NOT_MEASURED
        )
        for name, act in _GROWING.items()
        for kind, figure in _FIGURES.items()
    }


def grown(series: Sequence[Row], size: str, act: str, figure: str, who: str = OURS) -> float:
    """Return the exponent with which an operation's figure grows along a series of rows."""
    values = [it["costs"][act][who][figure] for it in series]
    return round(exponent([it[size] for it in series], values), 2)


def exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return the slope of the least squares line through the logarithms: 1.0 is linear, 0.5 the square root.

    Args:
        sizes: two or more that differ, above zero.
        values: one for each, above zero.
    """
    xs, ys = ([math.log(it) for it in them] for them in (sizes, values))
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    covered = sum((it - x) ** 2 for it in xs)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / covered


def lines(row: Row) -> Iterator[tuple[str, ...]]:
    """Yield a row's lines for a table, one for each act and who did it, as `TITLES` names the columns."""
    for act, costs in row["costs"].items():
        for who in (it for it in WHO if it in costs):
            yield act, who, *_cost(costs[who]), *_beside(row["ratios"][act].get(who))


def _cost(cost: Mapping[str, float]) -> Iterator[str]:
    yield format(cost["seconds"], ".1f")
    yield format(cost["cpu_seconds"], ".1f")
    yield _known(cost["server_cpu_seconds"], ".1f")
    yield format(cost["fetched_bytes"] / 1e6, ".1f")
    yield _known(cost["memory_mib"], ".0f")
    yield _known(cost["disk_mib"], ".0f")


def _known(value: float, form: str) -> str:
    """Return a figure; a dash for zero, which it is where nobody can know it: in the middle of an act."""
    return format(value, form) if value else "-"


def _beside(ratios: Mapping[str, float] | None) -> tuple[str, str]:
    return (f"{ratios['seconds']:.2f}", f"{ratios['cpu_seconds']:.2f}") if ratios else ("-", "-")
