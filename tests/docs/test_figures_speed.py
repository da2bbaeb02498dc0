"""docs/figures-speed.md shows the figures that lie beside it, each aim with whether it is met."""

import json

from tests.bench.growth.figures import LIMITS, figures
from tests.bench.growth.rounds import ACTS, MIRRORED, OURS, SCRIPT, SECOND_TO_CLEAN
from tests.bench.growth.rows import REAL, SHAPES
from tests.docs.figures_speed import AIMS, FIGURES, PAGE, page

FOUND = json.loads(FIGURES.read_text())
MEASURED = [row for row in FOUND["rows"] if "costs" in row]
ASKED = "conflict_asked_to_script_ratio"


def aim(text: str, name: str) -> str:
    """Return an aim's line of a page."""
    return next(line for line in text.splitlines() if line.startswith(f"| {AIMS[name]} |"))


def test_the_page_is_what_is_generated() -> None:
    text = PAGE.read_text()

    assert text == page(text, FOUND), "run `make docs` and commit docs/figures-speed.md"


def test_the_figures_are_those_of_the_rows() -> None:
    assert FOUND["figures"] == figures(FOUND["rows"])
    assert MEASURED
    for row in MEASURED:
        assert row["machine"]
        assert list(row["costs"]) == list(ACTS)
        assert row["ratios"].keys() == {*ACTS, SECOND_TO_CLEAN}
        assert all({OURS, MIRRORED} <= row["costs"][act].keys() for act in ACTS)
        assert all(SCRIPT in costs for act, costs in row["costs"].items() if act != ACTS[1])


def test_each_aim_and_each_size_is_on_the_page() -> None:
    text = PAGE.read_text()

    assert AIMS.keys() == LIMITS.keys()
    assert all(aim(text, name) for name in AIMS)
    sizes = [f"\n## {it.files:,} files, {it.commits:,} commits\n" for it in SHAPES.values()]
    assert all(size in text for size in (*sizes, "\n## kubernetes/autoscaler"))


def test_an_aim_is_met_or_missed_or_not_measured() -> None:
    text = PAGE.read_text()

    def shown(ratio: float | str) -> str:
        measured = {**FOUND["figures"], ASKED: ratio}
        return aim(page(text, {**FOUND, "figures": measured}), ASKED)

    assert shown(0.2).endswith("| yes |")
    assert shown(0.21).endswith("| no |")
    assert shown("not measured").endswith("| not measured |")


def test_a_size_that_was_not_measured_says_so() -> None:
    name = next(iter(SHAPES))
    failed = {"name": name, "files": 1000, "commits": 1000, "error": "OSError", "machine": "any"}
    text = page(PAGE.read_text(), {"figures": figures([failed]), "rows": [failed]})

    assert text.count("\nNot measured.\n") == len((*SHAPES, REAL)) - 1
    assert "## 1,000 files, 1,000 commits\n\nNot measured: it failed (OSError).\n" in text
