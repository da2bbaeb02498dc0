"""The tables of `make bench` have each size, and what was not measured."""

from rich.console import Console

from tests.bench.__main__ import WIDE, by_size, table
from tests.bench.growth.figures import figures
from tests.unit.bench.growth.test_figures import row

FAILED = {"name": "100k_files_1k_commits", "error": "OSError"}


def text_of(shown: object) -> str:
    """Return what is printed where nobody looks at a terminal."""
    console = Console(width=WIDE)
    with console.capture() as captured:
        console.print(shown)
    return captured.get()


def test_each_size_stands_with_ours_beside_the_scripts() -> None:
    lines = text_of(by_size([row(36_000), FAILED])).splitlines()

    (ours,) = (it for it in lines if "clean sync" in it and " ours " in it)
    assert "36k_files_1k_commits" in ours
    assert "0.50" in ours
    (failed,) = (it for it in lines if "100k_files_1k_commits" in it)
    assert "not measured" in failed


def test_a_figure_stands_beside_its_aim_and_its_name_is_whole() -> None:
    lines = text_of(table({"growth": figures([row(36_000)])})).splitlines()

    (line,) = (it for it in lines if "second_attempt_to_clean_sync_ratio" in it)
    assert "<= 1.0" in line
