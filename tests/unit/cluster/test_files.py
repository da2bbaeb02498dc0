"""A file that others read is complete or absent."""

from pathlib import Path

import pytest

from tests.cluster.files import write_whole


def test_a_file_is_written_with_its_mode_and_leaves_no_other_file(tmp_path: Path) -> None:
    file = tmp_path / "accounts.json"
    write_whole(file, "old", mode=0o600)
    write_whole(file, "new", mode=0o600)

    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_process_that_dies_while_writing_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "accounts.json"
    write_whole(file, "old")

    def die(self: Path, text: str) -> int:
        with self.open("w") as half:
            half.write(text[: len(text) // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", die)
    with pytest.raises(KeyboardInterrupt):
        write_whole(file, "new and longer")

    assert file.read_text() == "old"
