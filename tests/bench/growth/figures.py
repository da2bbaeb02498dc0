"""Computes the figures with targets from the rows: ratios at the size of kubernetes, and the growth of costs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.growth.rounds import CLEAN_SYNC, CONFLICT_ASKED, MIRRORED, OURS, SECOND_ATTEMPT

Row = Mapping[str, Any]

KUBERNETES = 36_000
"""Files, about as many as kubernetes has."""

NOT_MEASURED = "not measured"

AIMS = {
    "conflict_asked_to_script_ratio": "<= 0.2",
    "clean_sync_to_script_ratio": "<= 1.0",
    "clean_sync_with_mirror_to_script_ratio": "<= 0.5",
    "second_attempt_to_clean_sync_ratio": "<= 1.0",
    "conflict_asked_exponent_in_files": "<= 1.0",
    "clean_sync_exponent_in_files": "<= 1.0",
    "conflict_asked_exponent_in_commits": "<= 0.5",
    "clean_sync_exponent_in_commits": "<= 0.5",
}
"""Of seconds; the same figures of processor time stand beside them."""

_RATIOS = {
    "conflict_asked_to_script": CONFLICT_ASKED,
    "clean_sync_to_script": CLEAN_SYNC,
    "clean_sync_with_mirror_to_script": MIRRORED,
    "second_attempt_to_script": SECOND_ATTEMPT,
    "second_attempt_to_clean_sync": f"{SECOND_ATTEMPT} beside {CLEAN_SYNC}",
}
_GROWING = {
    "conflict_asked": CONFLICT_ASKED,
    "clean_sync": CLEAN_SYNC,
    "second_attempt": SECOND_ATTEMPT,
}


def figures(rows: Sequence[Row]) -> dict[str, object]:
    """Return the figures with targets (`AIMS`), and the same for processor time."""
    found: dict[str, object] = {}
    large = next((it for it in rows if it["files"] == KUBERNETES), None)
    if large is not None:
        for name, act in _RATIOS.items():
            ratios = large["ratios"].get(act, {})
            found[f"{name}_ratio"] = ratios.get("seconds", NOT_MEASURED)
            found[f"{name}_cpu_ratio"] = ratios.get("cpu_seconds", NOT_MEASURED)
    for size, fixed in (("files", "commits"), ("commits", "files")):
        series = _series(rows, size, fixed)
        if len(series) > 1:
            for name, act in _GROWING.items():
                found[f"{name}_exponent_in_{size}"] = grown(series, size, act, "seconds")
                found[f"{name}_cpu_exponent_in_{size}"] = grown(series, size, act, "cpu_seconds")
    return found


def _series(rows: Sequence[Row], size: str, fixed: str) -> list[Row]:
    """Return the rows of generated repositories that differ in only one size."""
    common = {"commits": 1_000, "files": 10_000}[fixed]
    made = [it for it in rows if it["name"].endswith("k_commits")]
    return sorted((it for it in made if it[fixed] == common), key=lambda it: int(it[size]))


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


def told(rows: Sequence[Row]) -> dict[str, str]:
    """Return each row's costs as a line for the bench's table."""
    return {
        f"{row['name']}: {act}, {who}": (
            f"{cost['seconds']:.1f} s, CPU {cost['cpu_seconds']:.1f} s, {cost['fetched_bytes'] / 1e6:.1f} MB fetched,"
            f" memory {cost['memory_mib']:.0f} MiB, disk {cost['disk_mib']:.0f} MiB"
        )
        for row in rows
        for act, costs in row["costs"].items()
        for who, cost in costs.items()
    }
