"""Writes the tables of docs/figures-speed.md from the figures beside it: `python -m tests.docs.figures_speed`.

`python -m tests.bench.growth --figures docs/figures-speed.json --machine "…"` measures them.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.bench.growth.figures import KUBERNETES, LIMITS, TITLES, lines
from tests.bench.growth.rows import REAL, SHAPES
from tests.docs.tables import between, table

DOCS = Path(__file__).parents[2] / "docs"
PAGE, FIGURES = DOCS / "figures-speed.md", DOCS / "figures-speed.json"

BEGIN = "<!-- Generated from figures-speed.json by `make docs`: change that, not this. -->\n"

AIMS = {
    "conflict_asked_to_script_ratio": f"Conflict asked, beside the script's conflict ({KUBERNETES:,} files)",
    "clean_sync_to_script_ratio": f"Clean sync, beside the script's ({KUBERNETES:,} files)",
    "clean_sync_with_mirror_to_script_ratio": f"Clean sync with a mirror, beside the script's ({KUBERNETES:,} files)",
    "second_attempt_to_clean_sync_ratio": f"Second attempt, beside our own clean sync ({KUBERNETES:,} files)",
    "conflict_asked_exponent_in_files": "Conflict asked, exponent of growth in files",
    "clean_sync_exponent_in_files": "Clean sync, exponent of growth in files",
    "conflict_asked_exponent_in_commits": "Conflict asked, exponent of growth in commits",
    "clean_sync_exponent_in_commits": "Clean sync, exponent of growth in commits",
}
"""What readers see of each aim."""

Row = Mapping[str, Any]


def page(text: str, measured: Mapping[str, Any]) -> str:
    """Return the page with its figures between the markers.

    Args:
        text: the page as it is.
        measured: as the bench writes it.
    """
    rows = {row["name"]: row for row in measured["rows"]}
    sections = "".join(_section(name, rows.get(name)) for name in (*SHAPES, REAL))
    return between(text, BEGIN, f"\n## Aims\n\n{_aims(measured['figures'])}{sections}")


def _aims(figures: Mapping[str, float | str]) -> str:
    titles = ("Aim", "At most", "Time", "CPU time", "Met")
    return table(titles, (_aim(name, figures) for name in LIMITS), words=1)


def _aim(name: str, figures: Mapping[str, float | str]) -> Iterable[object]:
    found = figures[name]
    met = "not measured" if isinstance(found, str) else "yes" if found <= LIMITS[name] else "no"
    return AIMS[name], LIMITS[name], _ratio(found), _ratio(figures[_of_cpu(name)]), met


def _of_cpu(name: str) -> str:
    """Return the name of the same figure of processor time."""
    for kind in ("_ratio", "_exponent"):
        name = name.replace(kind, f"_cpu{kind}")
    return name


def _section(name: str, row: Row | None) -> str:
    if row is None or "costs" not in row:
        return f"## {_title(name, row)}\n\nNot measured{_reason(row)}.\n\n"
    rounds = "One round" if row["rounds"] == 1 else f"The median of {row['rounds']} rounds"
    facts = (
        f"{rounds} on {row['machine']}; load average at the end {row['load_average']}."
        f" The mirror, filled by an earlier release, takes {row['mirror_mib']:.0f} MiB."
    )
    note = f" {row['note']}" if "note" in row else ""
    return f"## {_title(name, row)}\n\n{facts}{note}\n\n{table(TITLES, lines(row), words=2)}"


def _title(name: str, row: Row | None) -> str:
    if name in SHAPES:
        return _size(SHAPES[name].files, SHAPES[name].commits)
    fork = "kubernetes/autoscaler and openshift's fork"
    return f"{fork}: {_size(row['files'], row['commits'])}" if row and "files" in row else fork


def _size(files: int, commits: int) -> str:
    return f"{files:,} files, {commits:,} commits"


def _reason(row: Row | None) -> str:
    return f": it failed ({row['error']})" if row and "error" in row else ""


def _ratio(found: float | str) -> str:
    return "-" if isinstance(found, str) else f"{found:.2f}"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text(), json.loads(FIGURES.read_text())))


if __name__ == "__main__":
    main()
