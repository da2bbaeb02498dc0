"""Measures how syncs grow with a repository: `python -m tests.bench growth`, or `python -m tests.bench.growth`.

Repositories of 1,000 to 100,000 files and 1,000 to 100,000 commits are made once (`history`) and
served by git over HTTP. Our program and a bare script sync each, side by side (`rounds`). A real
pair is measured, too, if you give its clones (`real`). `rows` has all figures, `figures` those with
targets.
"""

from typing import Any

from tests.bench.growth.figures import figures, told
from tests.bench.growth.rows import rows


def measure() -> dict[str, Any]:
    """Return ratios and exponents, the cost of each operation, and under `rows` all underlying figures."""
    found = rows()
    return {**figures(found), **told(found), "rows": found}
