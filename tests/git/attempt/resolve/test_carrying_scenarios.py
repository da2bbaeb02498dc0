"""rebasebot's git scenarios: the same commits on both sides give the same graphs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import Fork, make_fork
from tests.git.repositories import git

OURS = "UPSTREAM: <carry>: our cool addition"
GEN, OTHER = "genbot@example.com", "anotherbot@example.com"


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    fork = make_fork(tmp_path)
    fork.carry(OURS, {"another_file.go": "package main\n"})
    return fork


def simple(fork: Fork) -> None:
    fork.release("1.1.0", {"baz.txt": "fiz\n"}, "other upstream commit")


def two_bots(fork: Fork) -> None:
    simple(fork)
    fork.carry("commit #1 from genbot", {"generated-test": "content\n"}, author=GEN)
    fork.carry("commit #2 from genbot", {"generated-test2": "content\n"}, author=GEN)
    fork.carry("commit #1 from anotherbot", {"generated-test3": "content\n"}, author=OTHER)


def a_bot_between(fork: Fork) -> None:
    simple(fork)
    fork.carry("commit #1 from genbot", {"generated-test": "content\n"}, author=GEN)
    fork.carry("UPSTREAM: <carry>: by a person", {"person": "content\n"})
    fork.carry("commit #2 from genbot", {"generated-test2": "content\n"}, author=GEN)


def a_later_pick_is_empty(fork: Fork) -> None:
    simple(fork)
    fork.carry("commit #1 from genbot", {"generated-test": "first\n"}, author=GEN)
    fork.carry("commit #1 from anotherbot", {"generated-test": "second\n"}, author=OTHER)
    fork.carry("commit #2 from anotherbot", {"other": "content\n"}, author=OTHER)


def a_feature_branch(fork: Fork) -> None:
    simple(fork)
    fork.carry("commit #1 from genbot", {"generated-test": "content\n"}, author=GEN)
    fork.downstream.git("branch", "feature", BRANCH)
    fork.carry("commit on dest feature branch", {"feature-file": "feature\n"}, branch="feature")
    fork.carry("commit #2 from genbot", {"generated-test2": "content\n"}, author=GEN)
    fork.merge("feature", "Merge branch 'feature'")
    fork.carry("commit #1 from anotherbot", {"generated-test3": "content\n"}, author=OTHER)


def only_a_feature_branch(fork: Fork) -> None:
    fork.release("1.1.0", {"bar.txt": "fiz\n"}, "other upstream commit")
    git_in = fork.downstream.git
    git_in("update-ref", f"refs/heads/{BRANCH}", f"{BRANCH}~1")
    git_in("branch", "feature", BRANCH)
    subject = "UPSTREAM: <carry>: commit #1 from anotherbot"
    fork.carry(subject, {"carry-commit-file": "content\n"}, author=OTHER, branch="feature")
    tip, feature = fork.downstream.tip(BRANCH), fork.downstream.tip("feature")
    assert tip is not None
    assert feature is not None
    fork.downstream.commit(
        BRANCH,
        {"carry-commit-file": "content\n"},
        message="Merge branch 'feature'",
        parents=(tip, feature),
    )


def untagged_and_excluded(fork: Fork) -> None:
    simple(fork)
    fork.carry("untagged commit", {"carry-file0": "content\n"})
    fork.carry("UPSTREAM: <carry>: carry commit #1", {"carry-file1": "content\n"})
    excluded = fork.carry("UPSTREAM: <carry>: dropped by exclude", {"carry-file2": "content\n"})
    fork.configure(untagged="Drop", exclude=[excluded])


@pytest.mark.parametrize(
    ("scenario", "squash", "expected"),
    [
        (simple, [], [OURS]),
        (
            two_bots,
            [GEN, OTHER],
            [OURS, f"{GEN}: commit #2 from genbot", f"{OTHER}: commit #1 from anotherbot"],
        ),
        (
            two_bots,
            [],
            [
                OURS,
                f"{GEN}: commit #1 from genbot",
                f"{GEN}: commit #2 from genbot",
                f"{OTHER}: commit #1 from anotherbot",
            ],
        ),
        (
            a_bot_between,
            [GEN],
            [OURS, "UPSTREAM: <carry>: by a person", f"{GEN}: commit #2 from genbot"],
        ),
        (
            a_later_pick_is_empty,
            [GEN, OTHER],
            [OURS, f"{GEN}: commit #1 from genbot", f"{OTHER}: commit #2 from anotherbot"],
        ),
        (
            a_feature_branch,
            [],
            [
                OURS,
                f"{GEN}: commit #1 from genbot",
                f"{GEN}: commit #2 from genbot",
                "commit on dest feature branch",
                f"{OTHER}: commit #1 from anotherbot",
            ],
        ),
        (only_a_feature_branch, [], [f"{OTHER}: UPSTREAM: <carry>: commit #1 from anotherbot"]),
        (untagged_and_excluded, [], [OURS, "UPSTREAM: <carry>: carry commit #1"]),
    ],
)
def test_a_scenario_gives_the_graph_that_rebasebot_makes(
    fork: Fork, scenario: Callable[[Fork], None], squash: list[str], expected: list[str]
) -> None:
    scenario(fork)
    before = fork.downstream.tip(BRANCH)
    carries = {"squash": squash, **dict(fork.story.config.get("carries", {}))}  # type: ignore[call-overload]  # a mapping, as `configure` sets it
    fork.configure(**carries)
    clone = fork.rebase()
    merge = git(clone, "rev-list", "--max-count=1", "--merges", "--first-parent", "HEAD")
    parents = git(clone, "rev-parse", f"{merge}^1", f"{merge}^2", "v1.1.0").split()
    assert parents == [before, parents[2], parents[2]]
    form = "--format=%aN: %s"
    log = git(clone, "log", "--reverse", "--first-parent", form, f"{merge}..HEAD").splitlines()
    assert [line.removeprefix("Ada: ") for line in log] == expected
    assert git(clone, "diff", "--name-status", f"{merge}^2", merge) == ""
