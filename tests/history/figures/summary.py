"""Makes a small summary of all that was counted for a fork. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.history.reasons import Reasons


def summarized(counted: Mapping[str, Any], reasons: Reasons) -> dict[str, Any]:
    """Return the counts for each Plan, and for each reason how many files of a release differ."""
    return {
        "bumps": counted["bumps"],
        "unreadable": [it["tag"] for it in counted["unreadable"]],
        "clean": counted["clean"],
        "files": counted["files"],
        "plans": counted["plans"],
        "otherwise": list(_otherwise(counted, reasons)),
    }


def _otherwise(counted: Mapping[str, Any], reasons: Reasons) -> Iterator[dict[str, Any]]:
    found: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for it in counted["each"]:
        for plan, way in it["plans"].items():
            for wrong in way["wrong"]:
                key = plan, it["tag"], reasons.of(it["tag"], wrong["path"])
                found.setdefault(key, []).append(wrong)
    for (plan, tag, why), files in found.items():
        yield {
            "plan": plan,
            "release": tag,
            "files": len(files),
            "lines": sum(it["lines"] for it in files),
            "paths": [it["path"] for it in files[:3]],
            "why": why,
        }
