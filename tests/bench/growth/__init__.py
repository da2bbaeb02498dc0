"""Measures how syncs grow with a repository: `python -m tests.bench growth`, or `python -m tests.bench.growth`.

Repositories of 1,000 to 100,000 files and 1,000 to 100,000 commits are made once (`history`), served by git over HTTP, and each
is synced by us and by a bare script, side by side (`rounds`). A real pair is measured, too, where one was taken
(`real`). `rows` has all figures, `figures` what is aimed at.
"""

import logging
import os
from typing import Any

LARGEST = int(os.environ.get("RESYNC_BENCH_LARGEST", "36000"))
"""Files, or commits, up to which is measured where nobody says more: the larger sizes take long to make and to measure."""


def measure() -> dict[str, Any]:
    """Return ratios and exponents, and under `rows` all figures that they are made of.

    Where sizes could not be measured, `error` names them.
    """
    # The attempt that is measured is a module of this package, and must not have to load all of it.
    from tests.bench.growth.figures import figures  # noqa: PLC0415
    from tests.bench.growth.rows import names, rows  # noqa: PLC0415

    logging.basicConfig(level="INFO", format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    found = list(rows(names(LARGEST)))
    failed = [row["name"] for row in found if "error" in row]
    errors = {"error": f"not measured: {', '.join(failed)}"} if failed else {}
    return {**errors, **figures(found), "rows": found}
