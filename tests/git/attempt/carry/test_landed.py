"""A patch that upstream has is not carried again, and one that upstream reverted has not landed."""

from pathlib import Path

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import LINES, Fork, changed, make_fork, picked
from tests.git.repositories import git

FIXED = changed(5, by="fixed")


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    return make_fork(tmp_path)


def first_fate(fork: Fork) -> str:
    return fork.ledger().entries[0].fate


def test_a_patch_that_upstream_reverted_is_still_carried(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: fix it", {"f.txt": FIXED})
    fork.release("1.0.9", {"f.txt": FIXED}, "Fix it")
    fork.release("1.1.0", {"f.txt": LINES}, "Do without")
    clone = fork.rebase()
    assert picked(clone) == ["UPSTREAM: <carry>: fix it"]
    assert git(clone, "show", "HEAD:f.txt") == FIXED.rstrip("\n")
    assert first_fate(fork) == "kept"


def test_a_patch_that_only_a_subject_calls_reverted_is_still_carried(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: fix it", {"f.txt": FIXED})
    fixed = fork.release("1.0.9", {"f.txt": FIXED}, "Fix it")
    message = f'Revert "Fix it"\n\nThis reverts commit {fixed}.'
    fork.release("1.1.0", {"f.txt": LINES, "why.txt": "It was slow.\n"}, message)
    clone = fork.rebase()
    assert git(clone, "show", "HEAD:f.txt") == FIXED.rstrip("\n")


def test_a_patch_that_upstream_reverted_and_took_again_has_landed(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: fix it", {"f.txt": FIXED})
    fork.release("1.0.8", {"f.txt": FIXED}, "Fix it")
    fork.release("1.0.9", {"f.txt": LINES}, "Do without")
    fork.release("1.1.0", {"f.txt": FIXED}, "Fix it after all")
    assert picked(fork.rebase()) == []
    assert first_fate(fork) == "landed upstream"


def merged_pull_request(fork: Fork) -> tuple[str, str]:
    """Merge pull request 12 upstream; return the merge and its one commit."""
    upstream = fork.world.upstream
    begin = str(upstream.tip("main"))
    upstream.git("branch", "fix", "main")
    commit = upstream.commit("fix", {"f.txt": FIXED}, message="Fix it")
    message = "Merge pull request #12 from somebody/fix"
    merge = upstream.commit("main", {"f.txt": FIXED}, message=message, parents=(begin, commit))
    return merge, commit


@pytest.mark.parametrize(
    "words",
    ["This reverts commit {merge}.", "This reverts commit {commit}.", "Reverts up/stream#12"],
)
def test_a_pull_request_that_upstream_reverted_is_asked_about(fork: Fork, words: str) -> None:
    number = fork.carry("UPSTREAM: 12: fix it", {"f.txt": changed(5, by="fixed early")})
    merge, commit = merged_pull_request(fork)
    message = f'Revert "Fix it"\n\n{words.format(merge=merge, commit=commit)}'
    revert = fork.release("1.1.0", {"f.txt": LINES}, message)
    said = fork.refused()
    assert f"#12, by {merge[:12]}, and {revert[:12]} says that it reverts that" in said
    assert "`carries.keep` or `carries.exclude`" in said
    fork.configure(keep=[number[:10]])
    assert picked(fork.rebase()) == ["UPSTREAM: 12: fix it"]


def test_a_reverted_pull_request_of_another_number_does_not_matter(fork: Fork) -> None:
    fork.carry("UPSTREAM: 12: fix it", {"f.txt": changed(5, by="fixed early")})
    merged_pull_request(fork)
    fork.release("1.1.0", {"g.txt": "less\n"}, 'Revert "More"\n\nReverts up/stream#1')
    assert picked(fork.rebase()) == []
    assert first_fate(fork) == "landed upstream"


def test_the_same_change_in_another_place_of_the_file_has_not_landed(fork: Fork) -> None:
    parts = [LINES] * 3
    fork.world.upstream.commit("main", {"f.txt": "".join(parts)})
    begin = str(fork.world.upstream.tip("main"))
    fork.downstream.git(
        "fetch", "-q", str(fork.world.upstream.path), f"+{begin}:refs/heads/{BRANCH}"
    )
    fork.carry("UPSTREAM: <carry>: fix it", {"f.txt": "".join([FIXED, LINES, LINES])})
    fork.release("1.1.0", {"f.txt": "".join([LINES, LINES, FIXED])})
    clone = fork.rebase()
    assert picked(clone) == ["UPSTREAM: <carry>: fix it"]
    assert git(clone, "show", "HEAD:f.txt") == "".join([FIXED, LINES, FIXED]).rstrip("\n")
