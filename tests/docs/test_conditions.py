"""docs/conditions.md is what the table of reasons says."""

from tests.docs.conditions import PAGE, page


def test_the_page_is_what_is_generated() -> None:
    assert PAGE.read_text() == page(), "run `make docs` and commit docs/conditions.md"
