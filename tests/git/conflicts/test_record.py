"""The record of a conflict survives as a commit message, with names of any bytes."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from resync_argo.conflicts.quoting import quote, unquote
from resync_argo.conflicts.record import Conflict, ConflictPath, Entry, Kind, Record
from tests.git.repositories import git

NAMES = [
    b"plain",
    b"with space",
    b"-dash",
    b'"quoted"',
    b"back\\slash",
    b"new\nline",
    b"tab\tand\rmore\a\b\v\f\x01\x7f",
    b"latin-\xe9\xff",
    "žluťoučký".encode(),
    b"\\303\\251",
]


def record(*paths: bytes) -> Record:
    conflict = Conflict(
        operation="rebase",
        stop="f" * 40,
        step="git-rebase",
        paths=tuple(
            ConflictPath(
                path=path,
                ancestor=Entry("100644", "a" * 40),
                downstream={path: Entry("120000", "b" * 40)},
                upstream={b"other": Entry("100755", "c" * 40)},
                names=tuple(sorted([path, b"other"])),
                kind=Kind.SYMLINK,
            )
            for path in paths
        ),
    )
    return Record(key=conflict.key(), conflict=conflict, head="c" * 40, tag="d" * 40, run="run-1")


@pytest.mark.parametrize("name", NAMES)
def test_paths_are_quoted_as_git_quotes_them(tmp_path: Path, name: bytes) -> None:
    git(tmp_path, "init", "-q")
    blob = git(tmp_path, "hash-object", "-w", "--stdin")
    line = f"100644 {blob}\t".encode() + name + b"\0"
    git(tmp_path, "update-index", "-z", "--index-info", stdin=line)
    command = ["git", "-c", "core.quotePath=true", "ls-files"]

    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, text=True)

    assert printed.stdout == f"{quote(name)}\n"
    assert unquote(quote(name)) == name


@pytest.mark.parametrize("text", ["", '"', '"x', '"plain"', '"\\q"', '"\\777"', "a\x01", "é"])
def test_a_text_that_quoting_never_gives_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quoted path"):
        unquote(text)


def test_a_record_is_read_back_from_a_commit_message(tmp_path: Path) -> None:
    written = record(*sorted(NAMES))
    git(tmp_path, "init", "-q")
    tree = git(tmp_path, "hash-object", "-w", "-t", "tree", "--stdin")
    message = f"A conflict\n\nSome words.\n\n{written.text()}".encode()
    commit = git(tmp_path, "commit-tree", tree, stdin=message)

    assert Record.parse(git(tmp_path, "log", "-1", "--format=%B", commit)) == written


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("operation rebase", "operation $(id)"),
        lambda text: text.replace("side 120000", "side - 120000"),
        lambda text: text.replace("120000:", "777777:"),
        lambda text: text.replace("head ", "tail "),
        lambda text: text.replace("path SYMLINK", "path NOTHING"),
        lambda text: text.replace("resync-conflict 2", "resync-conflict 1"),
    ],
)
def test_an_invalid_record_is_ignored(spoil: Callable[[str], str]) -> None:
    assert Record.parse(spoil(record(b"f").text())) is None


def test_the_key_depends_on_everything_that_makes_a_conflict_the_same() -> None:
    one = record(b"f").conflict
    keys = {
        one.key(),
        one.key(1),
        record(b"g").conflict.key(),
        record(b"f", b"g").conflict.key(),
    }

    assert len(keys) == 4
    assert all(len(key) == 8 for key in keys)
    assert record(b"f").conflict.key() == one.key()
