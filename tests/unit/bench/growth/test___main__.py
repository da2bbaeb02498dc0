"""The file of figures keeps what was measured earlier, and is written after each row."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.bench.growth import __main__ as program
from tests.bench.growth.rows import SHAPES

FIRST, SECOND, THIRD = list(SHAPES)[:3]


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """Run the program."""
    monkeypatch.setattr(sys, "argv", ["growth", *words])
    program.main()


def names_in(file: Path) -> list[str]:
    """Return the rows of a file."""
    return [row["name"] for row in json.loads(file.read_text())["rows"]]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where figures are written; rows that are measured cost nothing."""

    def rows(wanted: Sequence[str]) -> Iterator[dict[str, Any]]:
        for name in wanted:
            if name == THIRD:
                raise KeyboardInterrupt
            yield {"name": name, "error": "OSError"}

    monkeypatch.setattr(program, "rows", rows)
    return tmp_path / "figures.json"


def test_rows_may_be_measured_one_at_a_time(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, "--figures", str(file), "--machine", "a fast one", "--rows", SECOND)
    run(monkeypatch, "--figures", str(file), "--machine", "a slow one", "--rows", FIRST)

    assert names_in(file) == [FIRST, SECOND]
    assert [row["machine"] for row in json.loads(file.read_text())["rows"]] == [
        "a slow one",
        "a fast one",
    ]


def test_an_interruption_loses_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(monkeypatch, "--figures", str(file), "--rows", FIRST, SECOND, THIRD)

    assert names_in(file) == [FIRST, SECOND]


def test_without_a_file_all_is_printed(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch, "--rows", FIRST)

    assert [row["name"] for row in json.loads(capsys.readouterr().out)["rows"]] == [FIRST]
    assert not file.exists()
