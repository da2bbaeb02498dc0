"""Counts how each Plan synced the bumps of a fork, and shows it as a table and as JSON. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from resync_argo.local.history.bumps import Bump
from tests.history.reasons import Reasons
from tests.history.report import Failed, unreadable_lines
from tests.history.share import Judged

_REFUSED = ("403 Forbidden", "404 Not Found", "410 Gone")
"""What Go says when its proxy refuses a module."""
_MOST_NAMED = 4


@dataclass(kw_only=True)
class Judgements:
    """How the bumps were synced, in the order of the history.

    Attributes:
        each: the bump, its conflicts and each Plan's result, by tag and merge.
        unreadable: bumps that could not be synced, and why.
    """

    each: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    unreadable: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> "Judgements":
        """Read what `summary` wrote as JSON."""
        told = json.loads(text)
        each = {(it["tag"], it["merge"]): it for it in told["each"]}
        return cls(
            each=each, unreadable={(it["tag"], it["merge"]): it for it in told["unreadable"]}
        )

    def plans_of(self, bump: Bump) -> set[str]:
        """Return the Plans by which a bump was synced."""
        one = self.each.get((bump.tag, bump.merge))
        return set(one["plans"]) if one else set()

    def add(self, result: Judged | Failed) -> None:
        """Add the results of Plans that have not synced this bump before."""
        if isinstance(result, Failed):
            self.unreadable[result.tag, result.merge] = asdict(result)
            return
        bump = result.bump
        self.unreadable.pop((bump.tag, bump.merge), None)
        told = {name: getattr(bump, name) for name in ("version", "tag", "merge", "end")}
        told |= {"conflicts": list(result.conflicts), "plans": {}}
        one = self.each.setdefault((bump.tag, bump.merge), told)
        one["plans"] |= {name: asdict(way) for name, way in result.ways.items()}

    def summary(self) -> dict[str, Any]:
        """Return each bump and, for each Plan, how many needed nobody and how many files it decided otherwise."""
        each = list(self.each.values())
        plans = dict.fromkeys(name for it in each for name in it["plans"])
        return {
            "bumps": len(each) + len(self.unreadable),
            "unreadable": list(self.unreadable.values()),
            "clean": sum(not it["conflicts"] for it in each),
            "files": sum(len(it["conflicts"]) for it in each),
            "plans": {
                name: _share([it["plans"][name] for it in each if name in it["plans"]])
                for name in plans
            },
            "each": each,
        }


def _share(ways: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    nobody = [it for it in ways if it["outcome"] == "Synced"]
    return {
        "bumps": len(ways),
        "nobody": len(nobody),
        "right": sum(not it["wrong"] for it in nobody),
        "refused": sum(any(word in it["message"] for word in _REFUSED) for it in ways),
        "decided": sum(len(it["decided"]) for it in ways),
        "wrong": sum(len(it["wrong"]) for it in ways),
        "wrongInConflict": sum(one["was_in_conflict"] for it in ways for one in it["wrong"]),
        "wrongBumps": sum(bool(it["wrong"]) for it in ways),
        "complete": sum(it["is_complete"] for it in nobody),
    }


def share_table(counted: dict[str, Any], reasons: Reasons) -> str:
    """Return the table of the Plans, and below it each file that was decided otherwise, with the reason."""
    lines = [
        f"{counted['bumps']} bumps: {len(counted['unreadable'])} unreadable, {counted['clean']} clean;"
        f" {counted['files']} files in conflict.",
        "",
        "| Plan | Bumps | Nobody needed | Of these with nothing otherwise | Module refused | Files decided"
        " | Otherwise (in conflict; bumps) | Complete |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {it['bumps']} | {it['nobody']} ({percent(it['nobody'], it['bumps'])})"
        f" | {it['right']} ({percent(it['right'], it['bumps'])}) | {it['refused']} | {it['decided']}"
        f" | {it['wrong']} ({it['wrongInConflict']}; {it['wrongBumps']})"
        f" | {it['complete']} ({percent(it['complete'], it['bumps'])}) |"
        for name, it in counted["plans"].items()
    ]
    otherwise = list(_otherwise(counted["each"], reasons))
    if otherwise:
        lines += ["", "Decided otherwise than people:", *otherwise]
    return "\n".join([*lines, *unreadable_lines(counted)])


def _otherwise(each: Iterable[Mapping[str, Any]], reasons: Reasons) -> Iterator[str]:
    for it in each:
        for name, way in it["plans"].items():
            found: dict[str, list[str]] = {}
            for wrong in way["wrong"]:
                why = reasons.of(it["tag"], wrong["path"])
                found.setdefault(why, []).append(f"{wrong['path']} ({wrong['lines']} lines)")
            for why, files in found.items():
                more = f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
                yield f"- {name}, {it['tag']}: {', '.join(files[:_MOST_NAMED])}{more}: {why}"


def percent(part: int, whole: int) -> str:
    """Return a share as a percentage."""
    return f"{100 * part / whole:.0f} %" if whole else "none"
