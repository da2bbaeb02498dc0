"""The valid arguments of `git carry`; all others are refused in one sentence, and nothing is carried."""

from pathlib import Path

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import Fork, changed, make_fork, picked

BLANK = "write an option of git's merge in the same word"


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    fork = make_fork(tmp_path)
    fork.carry("UPSTREAM: <carry>: one", {"f.txt": changed(5, by="ours")})
    fork.release("1.1.0", {"f.txt": changed(25, by="theirs")})
    return fork


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("-X ours", BLANK),
        ("-X", BLANK),
        ("-X ''", BLANK),
        ("-Xbogus", BLANK),
        ("-Xfind-renames=many", BLANK),
        ("--strategy-option=", BLANK),
        ("--strategy-option=bogus", BLANK),
        ("--strategy-option ours", "no other commit"),
        ("-s ours", "no other commit"),
        ("--no-commit", "no other commit"),
        ("''", "no other commit"),
        ('"$UPSTREAM_COMMIT" ""', "no other commit"),
        ("-- HEAD", "no other commit"),
        ("--since", "needs the commit of the last rebase's merge"),
        ("--since=", "needs the commit of the last rebase's merge"),
        ('--since "$NOTHING"', "needs the commit of the last rebase's merge"),
        ("--since HEAD", "does not name a merge on the branch"),
    ],
)
def test_unclear_arguments_are_refused(fork: Fork, words: str, said: str) -> None:
    fork.story.scripts = (f"git carry {words}",)
    message = fork.refused()
    assert said in message
    assert message.count(".") == 1


@pytest.mark.parametrize("words", ["-Xpatience", "-Xfind-renames=40%", "--strategy-option=ours"])
def test_options_of_git_merge_are_accepted(fork: Fork, words: str) -> None:
    fork.story.scripts = (f"git carry {words}",)
    assert picked(fork.rebase()) == ["UPSTREAM: <carry>: one"]


def test_the_last_rebase_and_the_release_may_both_be_named(fork: Fork) -> None:
    fork.rebase()
    merge = fork.downstream.git("rev-list", "--merges", "--max-count=1", BRANCH)
    fork.release("1.2.0", {"g.txt": "more\n"})
    fork.story.scripts = (f'git carry --since {merge[:12]} "$UPSTREAM_COMMIT"',)
    assert picked(fork.rebase("1.2.0")) == ["UPSTREAM: <carry>: one"]
