"""Writes the tables of docs/figures-controller.md from the figures beside it: `python -m tests.docs.figures_controller`.

`python -m tests.bench.controller --figures docs/figures-controller.json --machine "…"` measures them.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.docs.tables import between, table

DOCS = Path(__file__).parents[2] / "docs"
PAGE, FIGURES = DOCS / "figures-controller.md", DOCS / "figures-controller.json"

BEGIN = "<!-- Generated from figures-controller.json by `make docs`: change that, not this. -->\n"

Row = Mapping[str, Any]


def page(text: str, figures: Mapping[str, Any]) -> str:
    """Return the page with its figures between the markers.

    Args:
        text: the page as it is.
        figures: as the bench writes them.
    """
    return between(text, BEGIN, _tables(figures))


def _tables(figures: Mapping[str, Any]) -> str:
    rows: list[Row] = figures["rows"]
    machine = figures["machine"]
    sentence = ""
    if len(rows) > 1:
        sentence = f"From the first row to the last, memory grows by {_growth(rows)} KiB for each Tag, with its tenth of a Plan.\n\n"
    return "".join(
        (
            "\n",
            table(("Plans", "Tags", "Duration", "Memory", "Machine"), _first(rows, machine)),
            sentence,
            table(
                (
                    *("Plans", "Tags", "Writes", "Writes per queued Tag", "CPU seconds: ours"),
                    *(
                        "kube-apiserver",
                        "etcd",
                        "Time beside bare writes",
                        "CPU beside bare writes",
                    ),
                ),
                map(_costs, rows),
            ),
            table(
                (
                    *("Plans", "Tags", "Restart", "Writes after it", "Pages listed", "CPU seconds"),
                    *("A changed Plan is applied after", "Writes in an idle minute"),
                ),
                map(_restart, rows),
            ),
        )
    )


def _first(rows: Iterable[Row], machine: str) -> Iterable[Iterable[object]]:
    for it in rows:
        duration, memory = it["seconds_to_steady_state"], it["memory_mib"]
        yield it["plans"], it["tags"], _seconds(duration), f"{memory:.0f} MiB", machine


def _costs(row: Row) -> Iterable[object]:
    cpu = row["cpu_seconds_to_steady_state"]
    return (
        *(row["plans"], row["tags"], row["writes_to_steady_state"], row["writes_per_tag_in_queue"]),
        *(f"{cpu[name]:.0f}" for name in ("controller", "kube-apiserver", "etcd")),
        *(_told(row, "seconds_to_bare_ratio"), _told(row, "cpu_to_bare_ratio")),
    )


def _restart(row: Row) -> Iterable[object]:
    return (
        *(row["plans"], row["tags"], _told(row, "seconds_to_steady_state_after_restart", _seconds)),
        *(_told(row, "writes_after_restart"), _told(row, "lists_after_restart")),
        _told(row, "cpu_seconds_after_restart", round),
        _told(row, "seconds_until_changed_plan_is_applied", _seconds),
        _told(row, "writes_in_idle_minute"),
    )


def _told(row: Row, name: str, shown: Callable[[Any], object] = lambda it: it) -> object:
    """Return a figure; a dash where that part of the run was not measured."""
    return shown(row[name]) if name in row else "-"


def _growth(rows: list[Row]) -> str:
    first, last = rows[0], rows[-1]
    grown = (last["memory_mib"] - first["memory_mib"]) * 1024
    return f"{grown / (last['tags'] - first['tags']):.1f}"


def _seconds(seconds: float) -> str:
    """Return a duration as people read it."""
    minutes, rest = divmod(seconds, 60)
    if minutes:
        return f"{minutes:.0f} m {rest:.0f} s"
    return f"{rest:.0f} s" if rest >= 1 else f"{rest:.1f} s"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(PAGE.read_text(), json.loads(FIGURES.read_text())))


if __name__ == "__main__":
    main()
