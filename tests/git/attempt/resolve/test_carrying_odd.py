"""Unusual commits of a fork pass through `git carry` unchanged, whatever their contents, names or ancestors."""

from pathlib import Path

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import LINES, Fork, changed, make_fork, picked
from tests.git.clones import Moded
from tests.git.conflict_story import Files, put
from tests.git.repositories import git

NAMES = ("a\nb", ":(glob)*", "-x", "ü", "blank ", 'quo"te', "tab\t", "*.txt", "\udcff")
SUBMODULE = Moded("160000", "1" * 40)


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    return make_fork(tmp_path)


def tree(where: Path, revision: str) -> set[str]:
    return set(git(where, "ls-tree", "-r", "-z", revision).split("\0"))


@pytest.mark.parametrize(
    "files",
    [
        {"sub": SUBMODULE, ".gitmodules": '[submodule "sub"]\n\tpath = sub\n'},
        {"f.txt": Moded("100755", LINES)},
        {"link": Moded("120000", "f.txt")},
        {"f.txt": None, "f.txt/inner": "1\n"},
        {"f.txt": None, "moved/f.txt": changed(2, by="ours")},
        {"logo.bin": b"\0\1\2"},
        dict.fromkeys(NAMES, "1\n"),
    ],
    ids=["submodule", "mode", "link", "directory", "move", "binary", "names"],
)
def test_a_patchs_changes_are_repeated_and_a_dropped_ones_undone(fork: Fork, files: Files) -> None:
    before = tree(fork.downstream.path, BRANCH)
    put(fork.downstream, BRANCH, files, "UPSTREAM: <carry>: odd")
    odd = tree(fork.downstream.path, BRANCH)
    fork.release("1.1.0", {"new.txt": "new\n"})
    clone = fork.story.finish()
    new = tree(clone, "HEAD") & tree(fork.world.upstream.path, "main") - before
    assert picked(clone) == ["UPSTREAM: <carry>: odd"]
    assert tree(clone, "HEAD") == odd | new
    fork.configure(exclude=["UPSTREAM: <carry>: odd"])
    assert tree(fork.story.finish(), "HEAD") == before | new


@pytest.mark.parametrize(
    "subject",
    ["", "x" * 5_000, "UPSTREAM: <carry>: a|b`c` @team #12", "UPSTREAM: <carry>: \x1b[31m\x0b"],
)
def test_unusual_subjects_stay_unchanged(fork: Fork, subject: str) -> None:
    git_in, tip = fork.downstream.git, fork.carry("soon replaced", {"one.txt": "1\n"})
    made = git_in("commit-tree", f"{tip}^{{tree}}", "-p", f"{tip}^", stdin=subject.encode())
    git_in("update-ref", f"refs/heads/{BRANCH}", made)
    fork.release("1.1.0", {"new.txt": "new\n"})
    clone = fork.rebase()
    assert git(clone, "log", "-1", "--format=%B") == git_in("log", "-1", "--format=%B", made)
    assert [it.fate for it in fork.ledger().entries] == ["kept"]


def test_a_merged_unrelated_history_is_carried(fork: Fork) -> None:
    git_in, tip = fork.downstream.git, str(fork.downstream.tip(BRANCH))
    blob = git_in("hash-object", "-w", "--stdin", stdin=b"other\n")
    listing = f"100644 blob {blob}\tother.txt\n".encode()
    root = git_in("commit-tree", git_in("mktree", stdin=listing), "-m", "Begin another project")
    both = git_in("merge-tree", "--write-tree", "--allow-unrelated-histories", tip, root)
    merge = git_in("commit-tree", both, "-p", tip, "-p", root, "-m", "Take it in")
    git_in("update-ref", f"refs/heads/{BRANCH}", merge)
    fork.release("1.1.0", {"new.txt": "new\n"})
    clone = fork.rebase()
    assert picked(clone) == ["Begin another project"]
    assert git(clone, "show", "HEAD:other.txt") == "other"


def test_a_pull_request_merged_by_rebasing_duplicates_nothing(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"f.txt": changed(20, by="theirs")})
    clone = fork.story.finish()
    # As a host does it: every commit but merges, one by one on the branch.
    fork.carry("Upstream's work", {"f.txt": changed(20, by="theirs")})
    fork.carry("UPSTREAM: <carry>: one", {})
    assert picked(clone) == ["UPSTREAM: <carry>: one"]
    fork.release("1.2.0", {"f.txt": changed(20, 25, by="theirs")})
    assert picked(fork.rebase("1.2.0")) == ["UPSTREAM: <carry>: one"]
    assert fork.downstream.show(BRANCH, "f.txt") == changed(20, 25, by="theirs").rstrip("\n")
    assert [it.fate for it in fork.ledger().entries] == ["kept", "landed upstream", "dropped"]
