"""An attacker replaces files of the steps, and nothing bad happens."""

import errno
import os
from pathlib import Path

import pytest

from resync_argo.attempt.steps.control import Untrustworthy, read, read_commit, read_inside, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the steps' folder; a secret lies outside."""
    (tmp_path / "secret").write_bytes(b"s3cret")
    (tmp_path / "steps").mkdir()
    return tmp_path / "steps"


def test_nothing_is_written_to_a_file_that_a_step_puts_there_just_before(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink = os.unlink

    def and_a_step_is_quick(name: str, *, dir_fd: int) -> None:
        unlink(name, dir_fd=dir_fd)
        (folder / name).hardlink_to(folder.parent / "secret")

    (folder / "a").touch()
    monkeypatch.setattr(os, "unlink", and_a_step_is_quick)

    with pytest.raises(Untrustworthy, match="keeps `a` from being written"):
        write(folder / "a", b"overwritten")

    assert (folder.parent / "secret").read_bytes() == b"s3cret"


def test_nothing_is_written_through_a_folder_that_a_step_replaced(folder: Path) -> None:
    (folder.parent / "other").mkdir()
    (folder / "link").symlink_to("../other")

    for place in (folder / "link", folder / "nowhere"):
        with pytest.raises(Untrustworthy, match="replaced the folder"):
            write(place / "a", b"x")

    assert list((folder.parent / "other").iterdir()) == []


def test_a_full_disk_is_not_the_steps_fault(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_asked: object, **_more: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "unlink", no_room)

    with pytest.raises(OSError, match="No space left"):
        write(folder / "a", b"x")


def test_a_file_below_the_steps_own_folders_is_read(folder: Path) -> None:
    (folder / "b" / "c").mkdir(parents=True)
    (folder / "b" / "c" / "d").write_bytes(b"text")

    assert read_inside(folder, "b", "c", "d") == b"text"
    assert read_inside(folder, "b", "x", "d") is None
    assert read(folder / "nowhere" / "d") is None
    with pytest.raises(Untrustworthy, match="replaced the folder"):
        read_inside(folder, "b", "c", "d", "e")


@pytest.mark.parametrize("commit", ["a1" * 20, "0f" * 32])
def test_a_commit_is_read(folder: Path, commit: str) -> None:
    write(folder / "head", f"{commit}\n".encode())

    assert read_commit(folder / "head") == commit
    assert read_commit(folder / "nowhere") is None


def test_no_file_stays_open(folder: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))

    write(folder / "a", b"x")
    read(folder / "a")
    read(folder / "nowhere")

    assert len(os.listdir("/proc/self/fd")) == before
