"""What every `Forge` does, whatever it is: one suite that each implementation's tests inherit.

A subclass gives a fixture `bench`: the forge under test, a person's clone with a first commit on `main`, and
what a person can do there.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from resync_argo.forge.interface import (
    ChangedFile,
    CommitState,
    CommitStatus,
    Forge,
    NotModified,
    ObjectNotFound,
    PullRequest,
    PullRequestState,
    RequestRefused,
)
from tests.forge.work import Work

BRANCH = "resync/plan/1.0.0"
NOBODY_HAS_IT = 4711


class Bench(Protocol):
    """The forge under test and a person beside it."""

    work: Work

    @property
    def forge(self) -> Forge:
        """The forge under test."""

    def merge(self, number: int) -> None:
        """Merge a pull request as a person does."""

    def close(self, number: int) -> None:
        """Close a pull request as a person does."""


def opened(bench: Bench, branch: str = BRANCH) -> PullRequest:
    bench.work.commit(branch, {"file": f"{branch}\n"}, base="main")
    return bench.forge.create_pull_request(branch=branch, base="main", title="Title", body="Body")


def shown(pull: PullRequest | None) -> PullRequest | None:
    """Return what a list shows of a pull request: not whether it merges, which a forge finds out later."""
    return pull and replace(pull, merges=None)


class ForgeContract:
    def test_finds_nothing_where_nothing_was_opened(self, bench: Bench) -> None:
        assert bench.forge.find_pull_request(BRANCH) is None

    def test_shows_what_was_opened(self, bench: Bench) -> None:
        head = bench.work.commit(BRANCH, {"file": "new\n"}, base="main")

        pull = bench.forge.create_pull_request(
            branch=BRANCH, base="main", title="Sync <1.0.0> & more", body="Ünïcode\n\n---\nend"
        )

        assert pull.state is PullRequestState.OPEN
        assert (pull.head_branch, pull.head_commit, pull.base_branch) == (BRANCH, head, "main")
        assert (pull.title, pull.body) == ("Sync <1.0.0> & more", "Ünïcode\n\n---\nend")
        assert (pull.labels, pull.merged_commit) == ((), None)
        assert pull.updated_at.tzinfo is not None

    def test_finds_what_was_opened_by_its_branch(self, bench: Bench) -> None:
        pull = opened(bench)
        opened(bench, "resync/plan/1.0.1")

        assert shown(bench.forge.find_pull_request(BRANCH)) == shown(pull)
        assert shown(bench.forge.find_pull_request(BRANCH, base="main")) == shown(pull)
        assert bench.forge.find_pull_request(BRANCH, base="other") is None

    def test_lists_what_is_open_into_a_branch_whosever_it_is(self, bench: Bench) -> None:
        bench.work.commit("other", {"other": "other\n"}, base="main")
        first, second, third = (opened(bench, name) for name in ("feature", BRANCH, "closed"))
        bench.work.commit("elsewhere", {"file": "elsewhere\n"}, base="other")
        forge = bench.forge
        forge.create_pull_request(branch="elsewhere", base="other", title="T", body="")
        bench.close(third.number)
        bench.forge.add_labels(second.number, ["sync"])

        listed = bench.forge.list_open("main")

        assert [it.number for it in listed] == [first.number, second.number]
        assert [it.labels for it in listed] == [(), ("sync",)]
        assert (listed[0].author, listed[0].head_commit) == (first.author, first.head_commit)
        assert not listed[0].is_draft
        assert bench.forge.list_open("nowhere") == []

    def test_opening_twice_gives_the_same_pull_request(self, bench: Bench) -> None:
        pull = opened(bench)

        again = bench.forge.create_pull_request(branch=BRANCH, base="main", title="Again", body="")

        assert again.number == pull.number
        assert again.title == "Title"

    def test_the_open_one_is_found_rather_than_a_closed_one(self, bench: Bench) -> None:
        first = opened(bench)
        bench.close(first.number)
        assert bench.forge.find_pull_request(BRANCH) is not None

        second = bench.forge.create_pull_request(branch=BRANCH, base="main", title="Two", body="")

        found = bench.forge.find_pull_request(BRANCH)
        assert found is not None
        assert found.number == second.number != first.number

    def test_refuses_a_branch_that_is_missing(self, bench: Bench) -> None:
        with pytest.raises(RequestRefused):
            bench.forge.create_pull_request(branch="nowhere", base="main", title="T", body="")

    def test_refuses_a_branch_without_commits_of_its_own(self, bench: Bench) -> None:
        bench.work.git("branch", "same", "main")
        bench.work.push("same")

        with pytest.raises(RequestRefused):
            bench.forge.create_pull_request(branch="same", base="main", title="T", body="")

    def test_sees_a_persons_merge(self, bench: Bench) -> None:
        pull = opened(bench)

        bench.merge(pull.number)

        seen, _ = bench.forge.get_pull_request(pull.number)
        assert isinstance(seen, PullRequest)
        assert seen.state is PullRequestState.MERGED
        assert seen.merged_commit is not None
        assert seen.merged_commit != pull.head_commit

    def test_sees_that_a_person_closed_it(self, bench: Bench) -> None:
        pull = opened(bench)

        bench.close(pull.number)

        seen, _ = bench.forge.get_pull_request(pull.number)
        assert isinstance(seen, PullRequest)
        assert seen.state is PullRequestState.CLOSED
        assert seen.merged_commit is None

    def test_follows_the_branchs_new_commits(self, bench: Bench) -> None:
        pull = opened(bench)

        head = bench.work.commit(BRANCH, {"more": "more\n"})

        seen, _ = bench.forge.get_pull_request(pull.number)
        assert isinstance(seen, PullRequest)
        assert seen.head_commit == head

    def test_a_conditional_read_tells_only_news(self, bench: Bench) -> None:
        pull = opened(bench)
        _, etag = bench.forge.get_pull_request(pull.number)
        unchanged, same = bench.forge.get_pull_request(pull.number, etag=etag)
        assert (unchanged, same) == (NotModified(), etag)

        bench.forge.update_pull_request(pull.number, title="News")

        seen, changed = bench.forge.get_pull_request(pull.number, etag=etag)
        assert isinstance(seen, PullRequest)
        assert changed != etag

    def test_a_pull_request_that_is_missing_is_an_error(self, bench: Bench) -> None:
        with pytest.raises(ObjectNotFound, match=f"#{NOBODY_HAS_IT}"):
            bench.forge.get_pull_request(NOBODY_HAS_IT)

    def test_an_update_leaves_what_it_does_not_name(self, bench: Bench) -> None:
        pull = opened(bench)

        changed = bench.forge.update_pull_request(pull.number, body="Other")

        assert (changed.title, changed.body) == ("Title", "Other")

    def test_closing_is_safe_in_any_state(self, bench: Bench) -> None:
        pull, other = opened(bench), opened(bench, "resync/plan/1.0.1")
        bench.merge(other.number)

        for _ in range(2):
            assert bench.forge.close_pull_request(pull.number).state is PullRequestState.CLOSED
        assert bench.forge.close_pull_request(other.number).state is PullRequestState.MERGED

    def test_labels_add_up(self, bench: Bench) -> None:
        pull = opened(bench)

        bench.forge.add_labels(pull.number, ["one", "two"])
        bench.forge.add_labels(pull.number, ["two", "three"])
        bench.forge.add_labels(pull.number, [])

        found = bench.forge.find_pull_request(BRANCH)
        assert found is not None
        assert sorted(found.labels) == ["one", "three", "two"]

    def test_comments_come_oldest_first_and_since_a_moment(self, bench: Bench) -> None:
        pull = opened(bench)

        made = [bench.forge.comment(pull.number, text) for text in ("first", "/resync retry")]

        listed = bench.forge.list_comments(pull.number)
        assert listed == made
        assert [comment.body for comment in listed] == ["first", "/resync retry"]
        later = datetime.now(UTC) + timedelta(hours=1)
        assert bench.forge.list_comments(pull.number, since=later) == []
        assert bench.forge.list_comments(pull.number, since=made[0].created_at) == made

    def test_lists_the_files_of_the_diff(self, bench: Bench) -> None:
        lines = "".join(f"line {number}\n" for number in range(20))
        bench.work.commit("main", {"old name": lines, "gone": "gone\n", "kept": "kept\n"})
        changes = {"old name": None, "new name": lines, "gone": None, "added/ü": "1\n2\n"}
        bench.work.commit(BRANCH, changes, base="main")
        pull = bench.forge.create_pull_request(branch=BRANCH, base="main", title="T", body="")

        found = {file.path: file for file in bench.forge.list_files(pull.number)}

        assert set(found) == {"new name", "gone", "added/ü"}
        assert found["added/ü"] == ChangedFile(
            path="added/ü", status="added", previous_path=None, additions=2, deletions=0
        )
        assert (found["gone"].status, found["gone"].deletions) == ("removed", 1)
        assert found["new name"].status == "renamed"
        assert found["new name"].previous_path == "old name"

    def test_takes_a_status_on_a_commit(self, bench: Bench) -> None:
        pull = opened(bench)
        status = CommitStatus(
            context="resync/resolution", state=CommitState.FAILURE, description="2 files left"
        )

        bench.forge.set_commit_status(pull.head_commit, status)

    def test_lists_branches_by_their_beginning(self, bench: Bench) -> None:
        one = bench.work.commit("resync/plan/conflicts/1.0.0/k/base", {"a": "1"}, base="main")
        two = bench.work.commit("resync/plan/conflicts/1.0.0/k/head", {"a": "2"}, base="main")
        bench.work.commit("resync/plan/conflicts/1.0.0-rc.1/k/head", {"a": "3"}, base="main")

        found = bench.forge.list_branches("resync/plan/conflicts/1.0.0/")

        assert found == {
            "resync/plan/conflicts/1.0.0/k/base": one,
            "resync/plan/conflicts/1.0.0/k/head": two,
        }
        assert bench.forge.list_branches("nothing/here/") == {}

    def test_deleting_a_branch_twice_is_no_error(self, bench: Bench) -> None:
        bench.work.commit(BRANCH, {"a": "1"}, base="main")
        bench.work.git("checkout", "--quiet", "main")

        bench.forge.delete_branch(BRANCH)
        bench.forge.delete_branch(BRANCH)

        assert bench.forge.list_branches(BRANCH) == {}

    def test_tells_what_a_branch_contains(self, bench: Bench) -> None:
        before = bench.work.commit("main", {"a": "1"})
        tip = bench.work.commit("main", {"a": "2"})
        beside = bench.work.commit("release/1.0", {"a": "3"}, base=before)

        held = [bench.forge.contains("main", it) for it in (before, tip, beside, "7" * 40)]

        assert held == [True, True, False, False]
        assert bench.forge.contains("release/1.0", beside)

    def test_tells_the_default_branch(self, bench: Bench) -> None:
        assert bench.forge.access().default_branch == "main"
