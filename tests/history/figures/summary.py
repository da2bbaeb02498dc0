"""Makes a small summary of all that was counted for a fork. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.history.reasons import Reasons

_SHORT = 10
"""Digits of a commit's id."""

_NAMED = 3
"""Files that are named at least, if there are as many; of those in conflict all are."""


def summarized(counted: Mapping[str, Any], reasons: Reasons) -> dict[str, Any]:
    """Return the counts for each Plan, and for each reason how many files of a release differ.

    A Plan by which not all bumps were synced yet is left out.
    """
    readable = counted["bumps"] - len(counted["unreadable"])
    plans = {name: it for name, it in counted["plans"].items() if it["bumps"] == readable}
    return {
        "bumps": counted["bumps"],
        "unreadable": [it["tag"] for it in counted["unreadable"]],
        "clean": counted["clean"],
        "files": counted["files"],
        "plans": plans,
        "otherwise": [it for it in _otherwise(counted, reasons) if it["plan"] in plans],
    }


def _otherwise(counted: Mapping[str, Any], reasons: Reasons) -> Iterator[dict[str, Any]]:
    found: dict[tuple[str, str, str, str], list[Mapping[str, Any]]] = {}
    for it in counted["each"]:
        for plan, way in it["plans"].items():
            for wrong in way["wrong"]:
                key = plan, it["tag"], it["merge"][:_SHORT], reasons.of(it["tag"], wrong["path"])
                found.setdefault(key, []).append(wrong)
    for (plan, tag, merge, why), files in found.items():
        files.sort(key=lambda it: not it["was_in_conflict"])
        named = max(_NAMED, sum(it["was_in_conflict"] for it in files))
        yield {
            "plan": plan,
            "release": tag,
            "merge": merge,
            "files": len(files),
            "lines": sum(it["lines"] for it in files),
            "paths": [it["path"] for it in files[:named]],
            "why": why,
        }
