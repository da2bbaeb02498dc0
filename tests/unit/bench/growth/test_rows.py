"""What cannot be measured takes nothing away from the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.bench.growth import rows as module
from tests.bench.growth.history import Shape
from tests.bench.growth.rows import REAL, names, rows

SMALL, LARGER = list(module.SHAPES)[:2]


@contextmanager
def nowhere(_: Path) -> Iterator[Any]:
    """Stand for a place to measure."""
    yield SimpleNamespace()


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a cache of our own, nothing to make, and nothing to measure."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(module, "pair_of", lambda shape: tmp_path / shape.name)
    monkeypatch.setattr(module, "ground", nowhere)
    monkeypatch.setattr(module, "measured", lambda _, rounds: {"costs": {}, "rounds_seen": rounds})
    return tmp_path


def test_each_row_has_its_size_and_what_was_found() -> None:
    (row,) = rows([SMALL])

    assert (row["name"], row["files"], row["commits"], row["rounds_seen"]) == (SMALL, 1000, 1000, 3)
    assert "error" not in row


def test_a_row_that_fails_names_the_kind_of_error_and_the_next_one_is_measured(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(shape: Shape) -> Path:
        if shape.name == SMALL:
            raise OSError("/home/ada has no space left")
        return Path()

    monkeypatch.setattr(module, "pair_of", failing)

    failed, measured = rows([SMALL, LARGER])

    assert failed == {"name": SMALL, "error": "OSError"}
    assert measured["costs"] == {}
    assert "/home/ada has no space left" in caplog.text


def test_rows_come_one_by_one() -> None:
    coming = rows([SMALL, LARGER])

    assert next(coming)["name"] == SMALL


def test_the_real_pair_is_measured_where_it_was_taken(kept: Path) -> None:
    assert REAL not in names(100_000)
    (missing,) = rows([REAL])
    assert missing == {"name": REAL, "error": "LookupError"}

    folder = kept / "resync-argo" / "bench" / "real"
    folder.mkdir(parents=True)
    taken = '{"shape": {"files": 35000, "commits": 9000}, "note": "As of 2025."}'
    (folder / "pair.json").write_text(taken)

    assert names(1_000) == [SMALL]
    assert REAL in names(36_000)
    (row,) = rows([REAL])
    assert (row["files"], row["note"]) == (35000, "As of 2025.")
