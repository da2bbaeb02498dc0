"""Editing a tree gives the tree that git's index makes of the same changes."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resync_argo.attempt.merge.edited import can_edit, edited
from resync_argo.conflicts.record import Entry
from resync_argo.git import Git
from tests.git.repositories import Repository

NAMES = st.sampled_from([b"a", b"a.b", b"a-b", b"*", b"x y", b"\xe4\n", b"ab"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(b"/".join)
MODES = st.sampled_from(["100644", "100755", "120000", "160000"])
OLD, NEW = ("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", "257cc5642cb1a054f08cc83f2d943e56fd3ebe99")
HELD = st.dictionaries(PATHS, MODES, max_size=6)
CHANGES = st.dictionaries(PATHS, st.none() | MODES, max_size=4)


def by_index(git: Git, tree: str, changes: dict[bytes, Entry | None]) -> str:
    """Return an index's result of changes, in order."""
    lines = b"".join(
        (f"{it.mode} {it.id}" if it else f"0 {'0' * 40}").encode() + b"\t" + path + b"\0"
        for path, it in sorted(changes.items(), key=lambda it: it[1] is not None)
    )
    git.run("read-tree", tree)
    git.run("update-index", "--replace", "-z", "--index-info", stdin=lines)
    return git.text("write-tree", "--missing-ok")


@settings(deadline=None)
@given(held=HELD, changes=CHANGES)
def test_the_result_is_that_of_an_index(
    held: dict[bytes, str], changes: dict[bytes, str | None]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        git = Git(directory=Repository(Path(folder) / "project").path)
        empty = git.run("mktree").decode().strip()
        tree = by_index(git, empty, {path: Entry(mode, OLD) for path, mode in held.items()})
        wanted = {path: Entry(mode, NEW) if mode else None for path, mode in changes.items()}

        assert edited(git, tree, wanted) == by_index(git, tree, wanted)


@pytest.mark.parametrize("path", [b"../a", b"a//b", b".git/config", b"a/.GIT", b"", b"a/" * 1000])
def test_difficult_changes_are_left_to_an_index(path: bytes) -> None:
    assert not can_edit({path: None})
    assert not can_edit({f"file{number}".encode(): None for number in range(1000)})
    assert can_edit({b"a/b.git/c..d": None})
