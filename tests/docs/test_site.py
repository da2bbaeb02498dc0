"""The pages build as a site, whose links and anchors lead somewhere and which loads nothing from other hosts."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REPOSITORY = "https://git.example.com/team/resync-argo"


def build(place: Path, **environment: str) -> Path:
    """Build the site strictly; return its folder."""
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", place],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return place


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("site"))


def test_every_page_is_there(site: Path) -> None:
    names = {it.stem for it in (ROOT / "docs").glob("*.md")} | {
        "index",
        "contributing",
        "changelog",
    }

    assert names - {it.stem for it in site.glob("*.html")} == set()


def test_nothing_is_loaded_from_another_host(site: Path) -> None:
    for page in site.glob("*.html"):
        loaded = re.findall(
            r"<(?:script|img|source)[^>]* src=\"([^\"]+)\"|<link rel=\"(?:stylesheet|icon|preconnect)\""
            r" href=\"([^\"]+)\"",
            page.read_text(),
        )

        assert loaded
        assert [it for pair in loaded for it in pair if it.startswith(("http", "//"))] == []
        assert 'class="mermaid"' not in page.read_text(), "its program comes from another host"


def test_blocks_that_are_marked_for_tests_are_blocks(site: Path) -> None:
    text = (site / "install.html").read_text()

    assert "```" not in text
    assert "sh run" not in text


def test_a_file_outside_of_the_docs_can_be_read_on_the_site(site: Path) -> None:
    target = "source/workflow-templates/gallery/vendor/plan.yaml"

    assert f'href="{target}.txt"' in (site / "gallery.html").read_text()
    assert (site / f"{target}.txt").read_text() == (
        ROOT / target.removeprefix("source/")
    ).read_text()


def test_it_is_linked_in_the_repository_where_that_has_an_address(tmp_path: Path) -> None:
    site = build(tmp_path, RESYNC_DOCS_REPOSITORY=REPOSITORY)

    linked = f'href="{REPOSITORY}/blob/main/workflow-templates/gallery/vendor/plan.yaml"'
    assert linked in (site / "gallery.html").read_text()
    assert not (site / "source").exists()
