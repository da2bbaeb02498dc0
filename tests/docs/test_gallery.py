"""docs/gallery.md shows every Plan of the gallery, as it is there."""

from tests.docs.gallery import GALLERY, PAGE, page


def test_the_page_is_what_is_generated() -> None:
    text = PAGE.read_text()

    assert text == page(text), "run `make docs` and commit docs/gallery.md"


def test_the_table_names_every_plan() -> None:
    table = PAGE.read_text().partition("<!--")[0]

    missing = [
        it.parent for it in GALLERY.glob("*/plan.yaml") if f"/{it.parent.name}/" not in table
    ]

    assert missing == []
