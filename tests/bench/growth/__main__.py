"""Measures how syncs grow with a repository, or writes the figures that the documentation publishes.

    python -m tests.bench.growth [--largest 36000] [--rows NAME …]
    python -m tests.bench.growth --figures docs/figures-speed.json --machine "…"

Progress goes to standard error. The file is written after each row and keeps rows that are not measured this time, so you can
measure a few at a time, and go on after an interruption with `--rows`. RESYNC_BENCH_ROUNDS=1 measures each size once, not three
times; RESYNC_BENCH_REBASEBOT names a Python that has rebasebot.
"""

import argparse
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench.growth import LARGEST
from tests.bench.growth.figures import figures
from tests.bench.growth.rows import REAL, SHAPES, names, rows

Row = Mapping[str, Any]


def main() -> None:
    """Measure what the command line asks for, and print it or write it into the file."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.growth",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--figures", type=Path, help="write them into this file")
    parser.add_argument("--machine", default="", help="what the docs say of this machine")
    known = [*SHAPES, REAL]
    parser.add_argument("--rows", nargs="+", choices=known, metavar="NAME", help=", ".join(known))
    parser.add_argument(
        "--largest", type=int, default=LARGEST, help="files, or commits, to measure without --rows"
    )
    arguments = parser.parse_args()
    logging.basicConfig(level="INFO", format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    wanted = arguments.rows or names(arguments.largest)
    found = kept(arguments.figures)
    for row in rows(wanted):
        found[row["name"]] = {**row, "machine": arguments.machine}
        if arguments.figures:
            arguments.figures.write_text(_text(found))
    if not arguments.figures:
        print(_text(found), end="")


def kept(file: Path | None) -> dict[str, Row]:
    """Return the rows of a file by name; none where there is no file."""
    if file is None or not file.exists():
        return {}
    return {row["name"]: row for row in json.loads(file.read_text())["rows"]}


def _text(found: Mapping[str, Row]) -> str:
    """Return what is written: the figures that are aimed at, and the rows in their order."""
    ordered = [found[name] for name in (*SHAPES, REAL) if name in found]
    return json.dumps({"figures": figures(ordered), "rows": ordered}, indent=2) + "\n"


if __name__ == "__main__":
    main()
