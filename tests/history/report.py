"""Counts what was replayed, and shows it as tables and as JSON. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.history.replay import Replayed
from tests.history.squashed import Squashed

_WAYS = {
    "whole": "with its history",
    "without": "squashed",
    "recorded": "squashed, with its record",
    "repaired": "squashed, with what `doctor` writes",
}


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A bump that could not be replayed, and why."""

    tag: str
    merge: str
    why: str


def summary(results: Sequence[Replayed | Failed]) -> dict[str, Any]:
    """Return the counts, and what is known of each bump."""
    replayed = [it for it in results if isinstance(it, Replayed)]
    in_conflict = [it for it in replayed if it.conflicts]
    by_rules = [it for it in in_conflict if it.outcome == "Synced"]
    return {
        "bumps": len(results),
        "unreadable": failed(results),
        "clean": len(replayed) - len(in_conflict),
        "byRules": len(by_rules),
        "byPerson": len(in_conflict) - len(by_rules),
        "reproduced": sum(it.reproduced for it in replayed),
        "agreed": sum(it.agreed for it in replayed),
        "hunks": sum(it.hunks for it in replayed),
        "differing": sum(it.differing for it in replayed),
        "filesByRules": sum(len(it.ruled) for it in replayed),
        "wrong": sum(len(it.wrong) for it in replayed),
        "each": [_one(it) for it in replayed],
    }


def table(counted: dict[str, Any]) -> str:
    """Return the table that the documentation shows."""
    lines = [
        "| Release | Conflicts | Other files changed | Forecast agrees | Reproduced | By rules | Otherwise |"
    ]
    lines.append("|---|---|---|---|---|---|---|")
    lines += [
        f"| {it['tag']} | {len(it['conflicts'])} | {it['beside']} | {_yes(it['agreed'])}"
        f" | {_yes(it['reproduced'])} | {len(it['ruled'])} | {len(it['wrong'])} |"
        for it in counted["each"]
    ]
    lines += [
        "",
        f"{counted['bumps']} bumps: {len(counted['unreadable'])} unreadable, {counted['clean']} clean, {counted['byRules']} settled by rules,"
        f" {counted['byPerson']} by a person; {counted['reproduced']} reproduced;"
        f" {counted['hunks']} hunks, {counted['differing']} of them otherwise than git's;"
        f" rules decided {counted['filesByRules']} files, {counted['wrong']} of them otherwise than people.",
        *unreadable_lines(counted),
    ]
    return "\n".join(lines)


def squashed_summary(results: Sequence[Squashed | Failed]) -> dict[str, Any]:
    """Return the counts of the three ways, and what is known of each bump."""
    replayed = [it for it in results if isinstance(it, Squashed)]
    ways = {name: [getattr(it, name) for it in replayed] for name in _WAYS}
    return {
        "bumps": len(results),
        "unreadable": failed(results),
        "files": {name: sum(map(len, each)) for name, each in ways.items()},
        "clean": {name: sum(not it for it in each) for name, each in ways.items()},
        "same": sum(it.recorded == it.whole for it in replayed),
        "repaired": sum(it.repaired == it.whole for it in replayed),
        "each": [
            {
                "tag": it.bump.tag,
                "before": it.before,
                **{name: list(getattr(it, name)) for name in _WAYS},
            }
            for it in replayed
        ],
    }


def squashed_table(counted: dict[str, Any]) -> str:
    """Return the table of bumps whose predecessor was squashed."""
    lines = ["| Release | Before it | With history | Squashed | With record | By `doctor` |"]
    lines.append("|---|---|---|---|---|---|")
    lines += [
        f"| {it['tag']} | {it['before']} | {' | '.join(str(len(it[name])) for name in _WAYS)} |"
        for it in counted["each"]
    ]
    lines += ["", f"{counted['bumps']} bumps, files in conflict and clean bumps:"]
    lines += [
        f"- the release before it {way}: {counted['files'][name]:,} files, {counted['clean'][name]} clean"
        for name, way in _WAYS.items()
    ]
    lines.append(
        "People are asked about the very files of the whole history"
        f" with the record in {counted['same']}, with what `doctor` writes in {counted['repaired']} of them."
    )
    return "\n".join([*lines, *unreadable_lines(counted)])


def failed(results: Iterable[object]) -> list[dict[str, str]]:
    return [asdict(it) for it in results if isinstance(it, Failed)]


def unreadable_lines(counted: dict[str, Any]) -> list[str]:
    if not counted["unreadable"]:
        return []
    return ["", "Unreadable:", *(f"- {it['tag']}: {it['why']}" for it in counted["unreadable"])]


def _one(it: Replayed) -> dict[str, Any]:
    return {
        "version": it.bump.version,
        "tag": it.bump.tag,
        "merge": it.bump.merge,
        "conflicts": list(it.conflicts),
        "beside": it.beside,
        "agreed": it.agreed,
        "hunks": it.hunks,
        "differing": it.differing,
        "reproduced": it.reproduced,
        "outcome": it.outcome,
        "ruled": list(it.ruled),
        "wrong": list(it.wrong),
    }


def _yes(value: object) -> str:
    return "yes" if value else "**no**"
