"""Measures how syncs grow with a repository: `python -m tests.bench growth`, or `python -m tests.bench.growth`.

Repositories of 1,000 to 100,000 files and 1,000 to 100,000 commits are made once (`history`), served by git over HTTP, and each
is synced by us and by a bare script, side by side (`rounds`). A real pair is measured, too, where its clones are given
(`real`). `rows` has all figures, `figures` what is aimed at.
"""

from typing import Any

from tests.bench.growth.figures import figures, told
from tests.bench.growth.rows import rows


def measure() -> dict[str, Any]:
    """Return ratios and exponents, what each act cost, and under `rows` all figures that they are made of."""
    found = rows()
    return {**figures(found), **told(found), "rows": found}
