"""A tree's entries at any paths are found, few or many."""

from pathlib import Path

import pytest

from resync_argo.attempt.merge.conflicts import pick_entries
from resync_argo.attempt.merge.logical import DIRECTORY
from resync_argo.git import Git
from tests.git.repositories import Repository

ODD = ("*.go", ":(top)x", "-r", "a b/\nc", "d[1]/?", "~", "ä")
NAMES = [b"x.go", b"deep", b"deep/er", b"deep/er/est.txt", *(it.encode() for it in ODD)]
ABSENT = [b"deep/er/no", b"x.go/inner", b"nothing", b"deep/er/est.txt/inner"]


@pytest.fixture
def made(tmp_path: Path) -> tuple[Git, str]:
    """Return a repository and a commit of it."""
    repository = Repository(tmp_path / "project")
    files = dict.fromkeys(["x.go", "deep/er/est.txt", "deep/more.txt", *ODD], "text\n")
    return Git(directory=repository.path), repository.commit("main", files)


@pytest.mark.parametrize("others", [0, 1000])
def test_files_and_directories_are_found(made: tuple[Git, str], others: int) -> None:
    git, commit = made
    others_names = [f"absent{number}".encode() for number in range(others)]

    found = pick_entries(git, commit, [*NAMES, *ABSENT, *others_names])

    assert sorted(found) == sorted(NAMES)
    assert {it for it in NAMES if found[it].mode == DIRECTORY} == {b"deep", b"deep/er"}
    assert all(len(it.id) == 40 for it in found.values())


@pytest.mark.parametrize("name", [b"../x.go", b"./x.go", b"deep//er", b"deep/"])
def test_a_path_outside_of_the_tree_is_not_found(made: tuple[Git, str], name: bytes) -> None:
    git, commit = made

    assert pick_entries(git, commit, [name, b"x.go"]).keys() == {b"x.go"}


def test_a_name_that_no_command_line_can_hold_is_found(made: tuple[Git, str]) -> None:
    git, commit = made

    assert pick_entries(git, commit, [b"a" * 200_000, b"x.go"]).keys() == {b"x.go"}


def test_no_names_find_nothing(made: tuple[Git, str]) -> None:
    git, commit = made

    assert pick_entries(git, commit, []) == {}
