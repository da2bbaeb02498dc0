"""`make bench`, or `python -m tests.bench [NAME …]`: measures, prints a table, writes bench.json.

Each part is a module beside this one whose `measure` returns its figures. Nothing is asserted: the table
shows what was aimed at beside what was found. A part that cannot be measured is listed with its reason,
the others go on, and the exit code is 1.

The part `growth` takes repositories of up to 36,000 files and 10,000 commits; RESYNC_BENCH_LARGEST=100000 adds the larger ones,
RESYNC_BENCH_ROUNDS=1 measures each once, and RESYNC_BENCH_REBASEBOT names a Python that has rebasebot.
"""

import argparse
import importlib
import json
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.growth.figures import AIMS as GROWTH
from tests.bench.growth.figures import TITLES, lines

AIMS: dict[str, dict[str, str]] = {
    "sync": {
        "tag_pushed_to_pull_request_seconds": "<= 40",
        "pods_per_attempt": "1",
        "forge_requests": "<= 7",
        "peak_memory_of_both_mib": "<= 150",
        "api_writes_in_idle_minute": "0",
        "objects_changed_in_idle_minute": "0",
        "forge_requests_in_idle_hour": "0",
    },
    "steps": {"our_attempt_to_pod_per_step_ratio": "<= 0.2"},
    "checkout": {"checkout_to_full_clone_ratio": "<= 0.5 on node_exporter"},
    "conflict": {
        "merged_to_resumed_by_webhook_seconds": "<= 2",
        "merged_to_resumed_by_poll_seconds": "<= 32 (interval + 2)",
        "forge_requests_of_waiting_hour": "<= 120; from the window",
        "share_answered_304": "all but a few",
        "second_to_first_attempt_ratio": "<= 1",
    },
    "webhooks": {
        "forged_mib_milliseconds": "<= 5",
        "forged_mib_ratio_of_thousand_teams": "<= 1.2",
        "forged_mib_on_common_path_milliseconds": "<= 40",
        "flooded_resume_seconds": "<= 5",
        "forged_per_second": "1000, or what the machine can send",
    },
    "many_files": {"forge_requests": "<= 15", "publish_seconds": "<= 10"},
    "local": {
        "run_to_script_ratio": "<= 1.3",
        "real_run_to_script_ratio": "<= 1.3",
        "real_run_fetched_bytes": "<= half of real_script_fetched_bytes",
        "help_seconds": "<= 0.15",
    },
    "growth": GROWTH,
    "controller": {
        "seconds_to_steady_state": "<= 60 on two quiet cores",
        "seconds_to_bare_ratio": "<= 1.2",
        "cpu_to_bare_ratio": "<= 1.2",
        "writes_per_tag_in_queue": "1",
        "memory_mib": "<= 200",
        "seconds_to_steady_state_after_restart": "<= 10",
        "writes_after_restart": "0",
        "seconds_until_changed_plan_is_applied": "<= 2",
        "writes_in_idle_minute": "0",
    },
}
"""Every part, in the order in which they are measured, with what is aimed at for its figures."""

RESULT = Path("bench.json")
WIDE = 180
"""Columns of the tables where nobody looks at a terminal."""

Figures = dict[str, Any]


def main() -> int:
    """Measure the parts that the command line names, all by default; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="NAME", help=", ".join(AIMS))
    wanted = parser.parse_args().parts or list(AIMS)
    if unknown := [name for name in wanted if name not in AIMS]:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(AIMS)}")
    console = Console() if sys.stdout.isatty() else Console(width=WIDE)
    results: dict[str, Figures] = {}
    for name in wanted:
        console.print(f"measuring {name} …")
        results[name] = measured(name)
        RESULT.write_text(json.dumps(results, indent=2) + "\n")
    console.print(table(results))
    if rows := results.get("growth", {}).get("rows"):
        console.print(by_size(rows))
    console.print(f"All figures are in {RESULT}.")
    return int(any("error" in figures for figures in results.values()))


def measured(name: str) -> Figures:
    """Return a part's figures, or why there are none."""
    try:
        figures: Figures = importlib.import_module(f"tests.bench.{name}").measure()
    except Exception as error:
        # Whatever the error is, the other parts' results must not be lost.
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}
    return figures


def table(results: dict[str, Figures]) -> Table:
    """Return the figures beside their targets."""
    made = Table(title="What was measured", title_justify="left")
    made.add_column("part")
    made.add_column("figure", overflow="fold")
    made.add_column("value", justify="right")
    made.add_column("aim")
    for part, figures in results.items():
        for figure, value in figures.items():
            if isinstance(value, list):  # rows, which have a table of their own
                continue
            shown = str(value).partition("\n")[0]
            made.add_row(part, figure, shown, AIMS[part].get(figure, ""))
        made.add_section()
    return made


def by_size(rows: Sequence[Figures]) -> Table:
    """Return what each size cost us and others, side by side."""
    made = Table(title="By size", title_justify="left")
    made.add_column("Size")
    for title in TITLES:
        made.add_column(title, justify="left" if title in TITLES[:2] else "right")
    for row in rows:
        for line in lines(row) if "costs" in row else [("not measured",)]:
            made.add_row(row["name"], *line)
        made.add_section()
    return made


if __name__ == "__main__":
    sys.exit(main())
