from dataclasses import dataclass
from pathlib import Path

import pytest

from resync_argo.forge.directory import DirectoryForge
from resync_argo.forge.interface import (
    CommitState,
    CommitStatus,
    Forge,
    PullRequestState,
    RequestRefused,
)
from tests.forge.contract import BRANCH, ForgeContract, opened
from tests.forge.work import Work


@dataclass
class DirectoryBench:
    forge: Forge
    work: Work
    files: Path

    def merge(self, number: int) -> None:
        text = self.file(number).read_text()
        head = next(line for line in text.splitlines() if line.startswith("head: "))
        self.work.merge(head.removeprefix("head: "), into="main")

    def close(self, number: int) -> None:
        self.say(number, "closed")

    def say(self, number: int, state: str) -> None:
        text = self.file(number).read_text()
        self.file(number).write_text(text.replace("state: open", f"state: {state}"))

    def file(self, number: int) -> Path:
        return self.files / f"{number:04d}.md"


@pytest.fixture
def bench(tmp_path: Path) -> DirectoryBench:
    work = Work(tmp_path / "downstream")
    work.commit("main", {"README": "hello\n"})
    files = tmp_path / "pull requests"
    forge = DirectoryForge(files, repository=work.directory)
    return DirectoryBench(forge=forge, work=work, files=files)


class TestDirectory(ForgeContract):
    pass


def test_the_file_is_readable_for_people(bench: DirectoryBench) -> None:
    pull = opened(bench)

    text = bench.file(pull.number).read_text()

    assert text.startswith("---\nnumber: 1\nstate: open\ntitle: Title\nhead: resync/plan/1.0.0\n")
    assert text.endswith("---\n\nBody\n")
    assert pull.url == str(bench.file(pull.number))


def test_a_person_may_mark_it_as_merged(bench: DirectoryBench) -> None:
    pull = opened(bench)

    bench.say(pull.number, "merged")

    found = bench.forge.find_pull_request(BRANCH)
    assert found is not None
    assert found.state is PullRequestState.MERGED


def test_a_merge_is_remembered_when_the_branches_are_gone(bench: DirectoryBench) -> None:
    pull = opened(bench)
    bench.merge(pull.number)
    bench.forge.delete_branch(BRANCH)

    found = bench.forge.find_pull_request(BRANCH)

    assert found is not None
    assert (found.state, found.head_commit) == (PullRequestState.MERGED, pull.head_commit)


def test_a_branch_that_a_person_works_on_is_not_deleted(bench: DirectoryBench) -> None:
    opened(bench)
    bench.work.git("checkout", "--quiet", BRANCH)

    with pytest.raises(RequestRefused, match=f"could not delete the branch {BRANCH}"):
        bench.forge.delete_branch(BRANCH)

    assert bench.work.git("rev-parse", "--abbrev-ref", "HEAD") == BRANCH


def test_an_invalid_state_is_named_with_the_valid_ones(bench: DirectoryBench) -> None:
    pull = opened(bench)
    bench.say(pull.number, "opened")

    with pytest.raises(RequestRefused) as told:
        bench.forge.find_pull_request(BRANCH)

    assert str(told.value) == (
        f"{bench.file(pull.number)}: `state` must be one of `open`, `merged`, `closed`, and it is `opened`;"
        " correct it."
    )


def test_an_unreadable_file_of_statuses_is_named(bench: DirectoryBench) -> None:
    pull = opened(bench)
    (bench.files / "statuses.json").write_text("{broken")
    status = CommitStatus(context="c", state=CommitState.SUCCESS, description="")

    with pytest.raises(RequestRefused, match=r"statuses\.json does not hold .*: delete it"):
        bench.forge.set_commit_status(pull.head_commit, status)


def test_a_merge_counts_even_without_its_file(bench: DirectoryBench) -> None:
    pull = opened(bench)
    bench.work.merge(pull.head_branch, into="main")
    bench.file(pull.number).unlink()

    found = bench.forge.find_pull_request(BRANCH, base="main")

    assert found is not None
    assert (found.state, found.head_commit) == (PullRequestState.MERGED, pull.head_commit)


def test_an_unreadable_file_is_named(bench: DirectoryBench) -> None:
    pull = opened(bench)
    bench.file(pull.number).write_text("no front matter\n")

    with pytest.raises(RequestRefused, match=r"0001\.md is not a pull request's file"):
        bench.forge.find_pull_request(BRANCH)
