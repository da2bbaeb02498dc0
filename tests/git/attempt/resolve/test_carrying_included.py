"""`git carry` with included pull requests."""

from dataclasses import replace
from pathlib import Path

import pytest

from resync_argo.forge.interface import PullRequest
from tests.git.builders import BRANCH
from tests.git.carries import LINES, Fork, changed, make_fork, picked
from tests.git.repositories import git

BOT = {"include": [{"author": "openshift-bot"}]}


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    made = make_fork(tmp_path)
    made.story.config = BOT
    return made


def proposed(fork: Fork, branch: str, files: dict[str, str | None], title: str) -> PullRequest:
    """Return a pull request of the bot with one commit."""
    fork.downstream.git("branch", branch, BRANCH)
    fork.carry(title, files, branch=branch)
    return fork.world.forge.propose(branch, base=BRANCH, author="openshift-bot", title=title)


def test_their_commits_follow_the_patches_in_order_of_number(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    proposed(fork, "first", {"Dockerfile": "FROM new\n"}, "Consistent | with ART")
    proposed(fork, "second", {"OWNERS": "ada\n"}, "UPSTREAM: <drop>: owners")
    fork.carry("UPSTREAM: <carry>: two", {"two.txt": "2\n"})
    release = fork.release("1.1.0", {"new.txt": "new\n"})
    before = fork.downstream.tip(BRANCH)
    clone = fork.rebase()
    assert picked(clone) == [
        "UPSTREAM: <carry>: one",
        "UPSTREAM: <carry>: two",
        "Consistent | with ART",
        "UPSTREAM: <drop>: owners",
    ]
    merge = git(clone, "rev-parse", "HEAD~4")
    assert git(clone, "rev-parse", f"{merge}^1", f"{merge}^2").split() == [before, release]
    assert fork.downstream.show(BRANCH, "Dockerfile") == "FROM new"
    entries = fork.ledger().entries
    assert [it.fate for it in entries] == ["kept", "kept", "included", "included"]
    assert entries[2].pull == "#1 `Consistent | with ART` of `openshift-bot`"
    assert entries[2].commit == fork.downstream.tip("first")
    assert entries[2].now == git(clone, "rev-parse", "HEAD~1")


def test_joining_a_bots_patches_leaves_its_included_pull_request_alone(fork: Fork) -> None:
    bot = "bot@example.org"
    fork.story.config = {**BOT, "carries": {"squash": [bot]}}
    fork.carry("UPSTREAM: <carry>: bot one", {"one.txt": "1\n"}, author=bot)
    fork.carry("UPSTREAM: <carry>: bot two", {"two.txt": "2\n"}, author=bot)
    fork.downstream.git("branch", "art", BRANCH)
    fork.carry("ART", {"Dockerfile": "FROM new\n"}, branch="art", author=bot)
    fork.world.forge.propose("art", base=BRANCH, author="openshift-bot", title="ART")
    fork.release("1.1.0", {"new.txt": "new\n"})
    assert picked(fork.rebase()) == ["UPSTREAM: <carry>: bot two", "ART"]


def test_a_conflict_is_asked_once_and_names_the_pull_request_at_its_place(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    pull = proposed(fork, "art", {"f.txt": changed(5, 15, by="ours")}, "ART")
    fork.release("1.1.0", {"f.txt": changed(5, 15, by="theirs")})
    asked = fork.story.conflict()
    assert len(fork.story.forge.pulls) == 2
    rows = [it for it in asked.body.splitlines() if it.startswith("| ")]
    assert "UPSTREAM: <carry>: five" in rows[1]
    assert "#1" not in rows[1]
    assert f"`ART (#{pull.number})`" in rows[2]
    assert pull.head_commit[:7] in rows[2]
    fork.story.resolve(asked, {"f.txt": changed(5, 15, by="both")})
    clone = fork.story.finish()
    assert picked(clone) == ["UPSTREAM: <carry>: five", "ART"]
    assert git(clone, "show", "HEAD:f.txt") == changed(5, 15, by="both").rstrip("\n")
    assert "line 15, both" not in git(clone, "show", "HEAD~1:f.txt")


def test_the_same_commits_are_included_after_a_conflict_whatever_became_of_them(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    first = proposed(fork, "art", {"Dockerfile": "FROM new\n"}, "ART")
    fork.release("1.1.0", {"f.txt": changed(5, by="theirs")})
    asked = fork.story.conflict()
    fork.story.resolve(asked, {"f.txt": changed(5, by="both")})
    # The bot rewrites its branch, somebody opens another pull request, and only our ref keeps the
    # old commit.
    fork.downstream.git("branch", "-f", "art", BRANCH)
    newer = fork.carry("ART", {"Dockerfile": "FROM newer\n"}, branch="art")
    proposed(fork, "late", {"late.txt": "late\n"}, "Late")
    fork.downstream.git("reflog", "expire", "--expire=now", "--all")
    fork.downstream.git("gc", "--quiet", "--prune=now")
    clone = fork.story.finish()
    assert git(clone, "show", "HEAD:Dockerfile") == "FROM new"
    assert picked(clone) == ["UPSTREAM: <carry>: five", "ART"]
    (included,) = fork.story.attempts[-1].attempt.replay_input().included
    assert included.head == first.head_commit
    assert included.news == f"it is at `{newer[:12]}` now, which `/resync refresh` picks up"


def test_one_that_collides_with_the_branch_itself_is_asked_about(fork: Fork) -> None:
    proposed(fork, "art", {"f.txt": changed(5, by="the bot")}, "ART")
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    fork.release("1.1.0", {"new.txt": "new\n"})
    asked = fork.story.conflict()
    assert "`f.txt` is downstream's with the lines of #1, which collide with those" in asked.body
    answer = {"f.txt": changed(5, by="both"), "f.txt.resync-conflict": None}
    fork.story.push(asked, answer)
    fork.story.merge(asked)
    clone = fork.story.finish()
    assert git(clone, "show", "HEAD:f.txt") == changed(5, by="both").rstrip("\n")
    assert picked(clone) == ["UPSTREAM: <carry>: five", "ART"]


def test_a_commit_in_the_branch_is_listed_and_not_picked(fork: Fork) -> None:
    proposed(fork, "art", {"Dockerfile": "FROM new\n"}, "ART")
    proposed(fork, "other", {"other.txt": "1\n"}, "Other")
    fork.carry("UPSTREAM: <carry>: the same", {"Dockerfile": "FROM new\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    assert picked(fork.rebase()) == ["UPSTREAM: <carry>: the same", "Other"]
    told = [(it.fate, it.why, it.pull) for it in fork.ledger().entries]
    assert told[-1] == (
        "became empty",
        "the branch has all of it",
        "#1 `ART` of `openshift-bot`",
    )


def test_the_plan_can_exclude_a_commit_of_one(fork: Fork) -> None:
    fork.story.config = {**BOT, "carries": {"exclude": ["Not this*"]}}
    proposed(fork, "art", {"Dockerfile": "FROM new\n"}, "ART")
    fork.carry("Not this one", {"no.txt": "no\n"}, branch="art")
    fork.release("1.1.0", {"new.txt": "new\n"})
    clone = fork.rebase()
    assert picked(clone) == ["ART"]
    assert "no.txt" not in git(clone, "ls-tree", "--name-only", "HEAD").split()


def test_a_partial_clone_has_everything_that_it_needs(fork: Fork) -> None:
    fork.story.config = {**BOT, "clone": "Partial"}
    fork.downstream.git("branch", "art", BRANCH)
    fork.carry("ART", {"f.txt": LINES + "more\n"}, branch="art")
    fork.carry("ART again", {"f.txt": LINES + "even more\n"}, branch="art")
    made = fork.world.forge.propose("art", base=BRANCH, author="openshift-bot", title="ART")
    assert replace(made, number=1).number == 1
    fork.carry("UPSTREAM: <carry>: five", {"f.txt": changed(5, by="ours")})
    fork.release("1.1.0", {"f.txt": changed(20, by="theirs")})
    assert picked(fork.rebase()) == ["UPSTREAM: <carry>: five", "ART", "ART again"]
