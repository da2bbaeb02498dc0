"""Measures how syncs grow with a repository, or writes the figures that the documentation publishes."""

import argparse
import json
from pathlib import Path

from tests.bench.growth.figures import figures
from tests.bench.growth.rows import SHAPES, rows


def main() -> None:
    """Measure what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--figures", type=Path, help="write them into this file")
    parser.add_argument("--machine", default="", help="what the docs say of this machine")
    parser.add_argument(
        "--largest", type=int, default=100_000, help="files, or commits, to measure"
    )
    arguments = parser.parse_args()
    found = rows([it for it in SHAPES if max(it.files, it.commits) <= arguments.largest])
    whole = {"machine": arguments.machine, "figures": figures(found), "rows": found}
    text = json.dumps(whole, indent=2) + "\n"
    if arguments.figures:
        arguments.figures.write_text(text)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
