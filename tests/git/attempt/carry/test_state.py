"""A dropped patch leaves nothing behind, wherever later patches moved its file."""

from pathlib import Path

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import Fork, changed, make_fork, picked
from tests.git.repositories import git


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    return make_fork(tmp_path)


def test_a_dropped_patch_is_gone_from_a_file_that_was_moved_later(fork: Fork) -> None:
    fork.carry("UPSTREAM: <drop>: five", {"f.txt": changed(5, by="dropped")})
    moved = {"f.txt": None, "moved.txt": changed(5, by="dropped")}
    fork.carry("UPSTREAM: <carry>: move", moved)
    more = changed(5, by="dropped").replace("line 25\n", "line 25, kept\n")
    fork.carry("UPSTREAM: <carry>: more", {"moved.txt": more})
    fork.release("1.1.0", {"new.txt": "new\n"})
    clone = fork.rebase()
    assert picked(clone) == ["UPSTREAM: <carry>: move", "UPSTREAM: <carry>: more"]
    assert git(clone, "show", "HEAD:moved.txt") == changed(25, by="kept").rstrip("\n")
    assert fork.ledger().rest is None


def test_a_dropped_move_leaves_the_file_in_place(fork: Fork) -> None:
    fork.carry("UPSTREAM: <drop>: move", {"f.txt": None, "moved.txt": changed(by="")})
    fork.carry("UPSTREAM: <carry>: five", {"moved.txt": changed(5, by="kept")})
    fork.release("1.1.0", {"f.txt": changed(25, by="theirs")})
    clone = fork.rebase()
    assert "moved.txt" not in git(clone, "ls-tree", "--name-only", "HEAD").split()
    both = changed(5, by="kept").replace("line 25\n", "line 25, theirs\n")
    assert fork.downstream.show(BRANCH, "f.txt") == both.rstrip("\n")
