"""Writes the tables of docs/figures.md, between two marks, from the summaries that are kept here. Pure but for reading them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.history.judgements import percent

KEPT = Path(__file__).parent
PAGE = Path(__file__).parents[3] / "docs" / "figures.md"
BEGIN = "<!-- Made by `python -m tests.history.figures`: change that, not this. -->"
END = "<!-- The end of what is made. -->"
STAGES = ("nothing", "untouched", "untouched-rules", "go", "untouched-rules-go")
LAST = STAGES[-1]


def page(text: str) -> str:
    """Return the page with current tables."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def tables() -> str:
    """Return the tables of all forks that are kept."""
    forks = {it.stem: json.loads(it.read_text()) for it in sorted(KEPT.glob("*.json"))}
    lines = [
        "| Fork | Plan | Bumps | Nobody needed | Of these, nothing differs | Files decided"
        " | Differs, in conflict | Differs, regenerated | Complete |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for fork, kept in forks.items():
        lines += _rows(fork, kept)
    lines += ["", f"These files of `{LAST}` differ, for these reasons:", ""]
    lines += ["| Fork | Releases (merge) | Files | Lines | Why |", "|---|---|---|---|---|"]
    for fork, kept in forks.items():
        lines += _reasons(fork, kept)
    return "\n".join(lines)


def _reasons(fork: str, kept: Mapping[str, Any]) -> Iterator[str]:
    """Yield a row for each reason, with all bumps that it explains."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for it in kept["otherwise"]:
        if it["plan"] == LAST:
            found.setdefault(it["why"], []).append(it)
    for why, bumps in found.items():
        releases = ", ".join(f"{it['release']} (`{it['merge']}`)" for it in bumps)
        lines = sum(it["lines"] for it in bumps)
        yield f"| {fork} | {releases} | {_named(bumps)} | {lines:,} | {why} |"


def _rows(fork: str, kept: Mapping[str, Any]) -> Iterator[str]:
    for name in STAGES:
        it = kept["plans"].get(name)
        if it is None:
            continue
        made = it["wrong"] - it["wrongInConflict"]
        yield (
            f"| {fork} | `{name}` | {it['bumps']} | {it['nobody']} ({percent(it['nobody'], it['bumps'])})"
            f" | {it['right']} ({percent(it['right'], it['bumps'])}) | {it['decided']:,}"
            f" | {it['wrongInConflict']} | {made} | {it['complete']} ({percent(it['complete'], it['bumps'])}) |"
        )


def _named(bumps: Sequence[Mapping[str, Any]]) -> str:
    paths = list(dict.fromkeys(path for it in bumps for path in it["paths"]))
    names = ", ".join(f"`{path}`" for path in paths)
    left = sum(it["files"] - len(it["paths"]) for it in bumps)
    return f"{names} and {left} more" if left else names
