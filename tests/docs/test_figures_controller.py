"""docs/figures-controller.md shows the figures that lie beside it."""

import json

from tests.docs.figures_controller import FIGURES, PAGE, page

FOUND = json.loads(FIGURES.read_text())


def test_the_page_is_what_is_generated() -> None:
    text = PAGE.read_text()

    assert text == page(text, FOUND), "run `make docs` and commit docs/figures-controller.md"


def test_the_figures_are_of_the_sizes_that_the_page_names() -> None:
    assert [(row["plans"], row["tags"]) for row in FOUND["rows"]] == [
        (100, 1_000),
        (500, 5_000),
        (1_000, 10_000),
    ]
    assert FOUND["machine"]


def test_a_queue_and_a_restart_cost_what_the_page_says() -> None:
    for row in FOUND["rows"]:
        assert row["writes_per_tag_in_queue"] == 1
        assert row.get("writes_after_restart", 0) == row.get("writes_in_idle_minute", 0) == 0


def test_figures_that_changed_change_the_page() -> None:
    text = PAGE.read_text()
    other = {"machine": "another one", "rows": FOUND["rows"][:1]}
    changed = page(text, other)

    assert "another one" in changed
    assert changed != text
    assert page(changed, FOUND) == text
