"""The controller's look at a conflict pull request stays cheap, whatever people push to its branch."""

import os
import subprocess
from dataclasses import dataclass, replace
from typing import Any

import pytest

from resync_argo.budget import Budget
from resync_argo.conflicts.observe import LARGEST_BYTES, observe_resolution
from resync_argo.conflicts.resolution import Resolution
from resync_argo.errors import Stalled
from resync_argo.forge.interface import PullRequest
from resync_argo.git import Git, GitError, Remote
from tests.git.builders import BRANCH
from tests.git.conflict_story import RESOLVED, Files, Story

MIB = 1 << 20
CARRIED = os.urandom(6 * MIB)
"""What downstream has had for long."""
SMALL = Budget(seconds=60, output_bytes=MIB, disk_bytes=4 * MIB, memory_bytes=64 * MIB)
"""Git is ended when it takes more, so a look that answers stayed within it."""


@dataclass(frozen=True, kw_only=True)
class Pushed:
    """A conflict in `f.txt` and `g.txt`, and a person's commits on its pull request."""

    story: Story
    pull: PullRequest

    def push(self, files: Files) -> None:
        plain = {name: it for name, it in files.items() if isinstance(it, str | bytes | None)}
        self.story.repository.commit(self.pull.head_branch, plain)

    def look(self, budget: Budget = SMALL, *, head: str = "") -> Resolution:
        found = self.observe(base=self.pull.base_branch, head=head, budget=budget)
        assert found is not None
        return found

    def observe(self, *, base: str, head: str = "", budget: Budget = SMALL) -> Resolution | None:
        return observe_resolution(
            Remote(url=f"file://{self.story.repository.path}"),
            base=base,
            head=head or self.pull.head_branch,
            key=self.pull.head_branch.split("/")[-2],
            budget=budget,
        )

    def marked(self, name: str) -> str:
        return self.story.repository.show(self.pull.head_branch, name)


@pytest.fixture
def pushed(story: Story) -> Pushed:
    story.repository.git("config", "core.compression", "0")
    story.repository.commit(BRANCH, {"lib/old.bin": CARRIED})
    return Pushed(story=story, pull=story.conflict())


def test_a_large_file_beside_the_conflict_is_not_fetched(pushed: Pushed) -> None:
    pushed.push({"big.bin": os.urandom(95 * MIB), "f.txt": RESOLVED["f.txt"]})

    found = pushed.look()

    assert found.left == (b"g.txt",)
    assert found.unchecked == (b"big.bin",)
    assert found.description == (
        "1 file still has conflict markers or a .resync-conflict file; 1 file is too large to check"
    )


@pytest.mark.parametrize(("size", "is_seen"), [(LARGEST_BYTES, True), (LARGEST_BYTES + 1, False)])
def test_a_file_with_markers_that_is_too_large_counts_as_resolved(
    pushed: Pushed, size: int, *, is_seen: bool
) -> None:
    marked = pushed.marked("f.txt").ljust(size, "x")
    pushed.push({"f.txt": marked, "g.txt": RESOLVED["g.txt"]})

    found = pushed.look()

    assert found.is_complete is not is_seen
    if not is_seen:
        assert found.answers.keys() == {b"f.txt", b"g.txt"}
        assert found.description == (
            "Resolved (1 file is too large to check): merge this, and the sync goes on"
        )


def test_a_host_that_does_not_filter_only_increases_the_cost(pushed: Pushed) -> None:
    pushed.story.repository.git("config", "uploadpack.allowFilter", "false")
    pushed.push({"big.bin": os.urandom(LARGEST_BYTES + 1), "f.txt": RESOLVED["f.txt"]})

    found = pushed.look(replace(SMALL, disk_bytes=16 * MIB))

    assert (found.left, found.unchecked) == ((b"g.txt",), (b"big.bin",))


def test_more_contents_than_the_budget_allows_are_left_to_the_person(pushed: Pushed) -> None:
    pushed.push({f"{number}.bin": os.urandom(900_000) for number in range(8)})

    found = pushed.look()

    assert found.description == (
        "Resolved (2 files are too large to check): merge this, and the sync goes on"
    )


def test_more_changed_files_than_the_budget_lists_are_left_to_the_person(pushed: Pushed) -> None:
    pushed.push({f"{number}.txt": "x" for number in range(200)})
    budget = replace(SMALL, output_bytes=10_000)

    assert pushed.look(budget).description == (
        "Resolved (2 files are too large to check): merge this, and the sync goes on"
    )


def test_moved_files_are_neither_fetched_nor_too_large(pushed: Pushed) -> None:
    pushed.push({"lib/old.bin": None, "new.bin": CARRIED, **RESOLVED})

    found = pushed.look()

    assert found.description == "Resolved: merge this, and the sync goes on"
    assert {change.path for change in found.changes} == {b"lib/old.bin", b"new.bin"}


def test_moved_files_count_as_too_large_if_the_base_cannot_be_listed(
    story: Story,
) -> None:
    carried = {f"{number}.txt": "x" for number in range(200)}
    story.repository.commit(BRANCH, {"lib/old.bin": CARRIED, **carried})
    pushed = Pushed(story=story, pull=story.conflict())
    pushed.push({"lib/old.bin": None, "new.bin": CARRIED, "f.txt": RESOLVED["f.txt"]})

    found = pushed.look(replace(SMALL, output_bytes=5_000))

    assert (found.left, found.unchecked) == ((b"g.txt",), (b"new.bin",))


def test_moved_files_do_not_count_as_too_large_after_a_failed_look_at_the_base(
    pushed: Pushed, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed.push({"lib/old.bin": None, "new.bin": CARRIED, **RESOLVED})
    attempt = Git.attempt

    def fail(git: Git, *argv: Any, **given: Any) -> subprocess.CompletedProcess[bytes]:
        if argv[0] == "ls-tree":
            return subprocess.CompletedProcess(argv, 128, b"", b"fatal: Input/output error")
        return attempt(git, *argv, **given)

    monkeypatch.setattr(Git, "attempt", fail)

    with pytest.raises(GitError, match=r"^git ls-tree failed \(128\): fatal: Input/output error"):
        pushed.look()


def test_a_conflicted_file_that_was_renamed_with_its_markers_is_left(pushed: Pushed) -> None:
    pushed.push({"f.txt": None, "other.txt": pushed.marked("f.txt"), "g.txt": RESOLVED["g.txt"]})

    assert pushed.look().left == (b"f.txt", b"other.txt")


def test_a_tag_of_the_branchs_name_is_not_taken_for_the_branch(pushed: Pushed) -> None:
    """The permission to push a tag must not suffice to resolve a conflict."""
    repository, head = pushed.story.repository, pushed.pull.head_branch
    resolved = repository.commit("resolved", dict(RESOLVED), parents=(repository.tip(head) or "",))
    repository.tag(head, resolved)

    assert not pushed.look().is_complete
    assert pushed.look(head=resolved).is_complete


def test_the_history_of_the_branch_is_not_fetched(pushed: Pushed) -> None:
    repository, head = pushed.story.repository, pushed.pull.head_branch
    who = "committer Ada <ada@example.org> 1600000000 +0000"
    message = os.urandom(6 * MIB).hex()
    commit = f"commit refs/heads/{head}\n{who}\ndata {len(message)}\n{message}\n"
    repository.git(
        "fast-import", "--quiet", stdin=f"{commit}from {repository.tip(head)}\n".encode()
    )
    pushed.push(RESOLVED)

    found = pushed.look()

    assert (found.is_complete, found.unchecked) == (True, ())


def test_a_deleted_file_has_no_content(pushed: Pushed) -> None:
    pushed.push({"f.txt": None, "g.txt": None, "lib/old.bin": None})

    found = pushed.look()

    assert (found.is_complete, found.unchecked) == (True, ())


def test_without_our_base_commit_nothing_is_known(pushed: Pushed) -> None:
    assert pushed.observe(base=BRANCH) is None


def test_a_missing_branch_is_reported_as_such(pushed: Pushed) -> None:
    with pytest.raises(Stalled, match="has no"):
        pushed.look(head="gone")
