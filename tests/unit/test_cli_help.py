"""The exact output of `--help`; read a page in `help/` when it changes.

`RESYNC_REGENERATE=1` writes the pages again.
"""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from resync_argo.cli import cli

GOLDEN = Path(__file__).parent / "help"
PAGES = {"resync-argo": [], **{name: [name] for name, it in cli.commands.items() if not it.hidden}}


def printed(words: list[str]) -> str:
    result = CliRunner().invoke(cli, [*words, "--help"], terminal_width=80, prog_name="resync-argo")
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize("name", PAGES)
def test_a_help_page_is_as_last_reviewed(name: str) -> None:
    page, file = printed(PAGES[name]), GOLDEN / f"{name}.txt"
    if os.environ.get("RESYNC_REGENERATE"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(page)

    assert page == file.read_text()


def test_no_page_is_left_of_a_removed_command() -> None:
    assert {file.stem for file in GOLDEN.glob("*.txt")} == set(PAGES)


def test_the_list_of_commands_cuts_off_no_sentence() -> None:
    assert "..." not in printed([]).partition("Commands:")[2]
