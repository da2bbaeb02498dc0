"""A release in the branch's history whose merge somebody reverted is found."""

from pathlib import Path

import pytest

from resync_argo.attempt.repository.reverted import Revert, find_revert
from resync_argo.git import Git
from tests.git.repositories import Repository


class Fork:
    """A branch `main` that merged the release `v1` from `up`."""

    def __init__(self, folder: Path) -> None:
        self.repository = Repository(folder / "fork")
        root = self.commit("main", {"a": "1"}, message="Begin")
        self.repository.git("update-ref", "refs/heads/up", root)
        self.release = self.commit("up", {"a": "2"}, message="v1")
        self.before = self.commit("main", {"own": "1"}, message="Own")
        self.merge = self.commit(
            "main", {"a": "2"}, message="Merge v1", parents=(self.before, self.release)
        )

    def commit(self, branch: str, files: dict[str, str | bytes | None], **how: object) -> str:
        return self.repository.commit(branch, files, **how)  # type: ignore[arg-type]

    def revert(self, commit: str, files: dict[str, str | bytes | None]) -> str:
        words = f"This reverts commit {commit}, reversing\nchanges made to {self.before}."
        return self.commit("main", files, message=f'Revert "Merge v1"\n\n{words}')

    def found(self) -> Revert | None:
        head = self.repository.tip("main") or ""
        return find_revert(Git(directory=self.repository.path), head, self.release)


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    return Fork(tmp_path)


def test_a_release_that_nobody_reverted_is_in_the_files(fork: Fork) -> None:
    fork.commit("main", {"own": "2"}, message=f"This reverts commit {fork.before}.")

    assert fork.found() is None


def test_a_reverted_merge_is_found(fork: Fork) -> None:
    commit = fork.revert(fork.merge, {"a": "1"})
    fork.commit("main", {"own": "2"})

    assert fork.found() == Revert(commit=commit, merge=fork.merge)


def test_a_reverted_revert_does_not_count(fork: Fork) -> None:
    revert = fork.revert(fork.merge, {"a": "1"})
    fork.revert(revert, {"a": "2"})

    assert fork.found() is None


def test_a_merge_that_was_reverted_a_second_time_is_found(fork: Fork) -> None:
    first = fork.revert(fork.merge, {"a": "1"})
    second = fork.revert(first, {"a": "2"})
    fork.revert(second, {"a": "1"})

    assert fork.found() == Revert(commit=first, merge=fork.merge)


def test_a_revert_without_gits_message_is_known_by_its_files(fork: Fork) -> None:
    commit = fork.commit("main", {"a": "1"}, message="Take v1 out")

    assert fork.found() == Revert(commit=commit, merge=fork.merge)


def test_a_branch_that_only_lost_its_own_changes_reverted_nothing(
    fork: Fork,
) -> None:
    fork.repository.git("update-ref", "refs/heads/main", fork.release)
    fork.commit("main", {"own": "1"})
    fork.commit("main", {"own": None})

    assert fork.found() is None


def test_a_message_about_an_unknown_commit_is_not_a_revert(fork: Fork) -> None:
    fork.revert("f" * 40, {"own": "2"})

    assert fork.found() is None
