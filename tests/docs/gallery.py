"""Writes the Plans of workflow-templates/gallery into docs/gallery.md: `python -m tests.docs.gallery`."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE, GALLERY = ROOT / "docs" / "gallery.md", ROOT / "workflow-templates" / "gallery"

BEGIN = (
    "<!-- Generated from workflow-templates/gallery by `make docs`: change that, not this. -->\n"
)


def page(text: str) -> str:
    """Return the page with every Plan behind the marker; what stands before it is kept."""
    before, _, _ = text.partition(BEGIN)
    return "".join((before, BEGIN, *_plans()))


def _plans() -> Iterator[str]:
    """Yield a section for each Plan: its first line, which is a comment, and the Plan."""
    for path in sorted(GALLERY.glob("*/plan.yaml")):
        about, _, plan = path.read_text().partition("\n")
        yield f"\n## {path.parent.name}\n\n{about.removeprefix('# ')}\n\n```yaml\n{plan.strip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
