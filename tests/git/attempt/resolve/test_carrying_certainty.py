"""`git carry` acts only when it is certain, and otherwise refuses in one sentence."""

from pathlib import Path

import pytest

from tests.git.builders import BRANCH
from tests.git.carries import LINES, Fork, changed, make_fork, picked
from tests.git.repositories import git


@pytest.fixture
def fork(tmp_path: Path) -> Fork:
    return make_fork(tmp_path)


def fates(fork: Fork) -> list[str]:
    return [it.fate for it in fork.ledger().entries]


def upstream_branch(fork: Fork, name: str, version: str, files: dict[str, str | None]) -> str:
    """Start an upstream branch at a release, and release a commit on it."""
    upstream = fork.world.upstream
    upstream.git("branch", "--force", name, "v1.0.0")
    commit = upstream.commit(name, files, message=f"{name}'s work")
    upstream.tag(f"v{version}", commit)
    return commit


def take_upstream(fork: Fork, commit: str) -> str:
    """Record a commit of upstream's as a rebase does: all files are upstream's."""
    fork.downstream.git("fetch", "-q", str(fork.world.upstream.path), "+refs/heads/*:refs/up/*")
    git_in, old = fork.downstream.git, fork.downstream.tip(BRANCH)
    argv = (
        "commit-tree",
        f"{commit}^{{tree}}",
        "-p",
        str(old),
        "-p",
        commit,
        "-m",
        "merge upstream",
    )
    made = git_in(*argv)
    git_in("update-ref", f"refs/heads/{BRANCH}", made)
    return made


@pytest.mark.parametrize(
    "subject", ["Merge pull request #12 from somebody/fix", "Fix it (#12)", "Fix it (#12) "]
)
def test_a_numbered_patch_goes_once_upstream_has_its_pull_request(fork: Fork, subject: str) -> None:
    fork.carry("UPSTREAM: 12: fix it", {"fix.txt": "as it was proposed\n"})
    fork.carry("UPSTREAM: 13: fix more", {"more.txt": "more\n"})
    fork.carry("UPSTREAM: 1: fix less", {"less.txt": "less\n"})
    fork.release("1.1.0", {"fix.txt": "as it was merged\n"}, subject)
    clone = fork.rebase()
    assert picked(clone) == ["UPSTREAM: 13: fix more", "UPSTREAM: 1: fix less"]
    assert git(clone, "show", "HEAD:fix.txt") == "as it was merged"
    assert fates(fork) == ["landed upstream", "kept", "kept"]
    assert "v1.1.0 has #12, by " in fork.ledger().entries[0].why


def test_the_very_same_patch_is_not_carried_twice(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: fix it", {"f.txt": changed(5, by="fixed")})
    fork.release("1.1.0", {"f.txt": changed(5, by="fixed")})
    fork.release("1.1.0", {"new.txt": "new\n"})
    assert picked(fork.rebase()) == []
    assert fates(fork) == ["landed upstream"]


def test_a_patch_that_upstream_has_within_a_larger_one_is_reported(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: fix it", {"f.txt": changed(5, by="fixed")})
    fork.release("1.1.0", {"f.txt": changed(5, 20, by="fixed"), "new.txt": "new\n"})
    assert picked(fork.rebase()) == []
    assert [(it.fate, it.why) for it in fork.ledger().entries] == [
        ("became empty", "upstream's files have all of it")
    ]


def test_a_patch_that_would_vanish_for_no_known_reason_is_refused(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: all of it", {"f.txt": changed(5, 20, by="ours")})
    fork.carry("UPSTREAM: <drop>: back", {"f.txt": LINES})
    again = fork.carry("UPSTREAM: <carry>: a part", {"f.txt": changed(5, by="ours")})
    fork.release("1.1.0", {"new.txt": "new\n"})
    said = fork.refused()
    assert said.startswith(f"Nothing would be left of the commit {again[:12]}")
    fork.configure(exclude=[again])
    assert picked(fork.rebase()) == ["UPSTREAM: <carry>: all of it"]


def test_a_patch_that_came_twice_is_picked_once(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: fix it", {"f.txt": changed(5, by="fixed")})
    fork.downstream.git("branch", "again", f"{BRANCH}~1")
    fork.carry("UPSTREAM: <carry>: fix it", {"f.txt": changed(5, by="fixed")}, branch="again")
    fork.carry("UPSTREAM: <carry>: more", {"more.txt": "more\n"}, branch="again")
    fork.merge("again", "Merge it once more")
    fork.release("1.1.0", {"new.txt": "new\n"})
    assert sorted(picked(fork.rebase())) == ["UPSTREAM: <carry>: fix it", "UPSTREAM: <carry>: more"]
    assert sorted(fates(fork)) == ["became empty", "kept", "kept"]
    empty = next(it for it in fork.ledger().entries if it.fate == "became empty")
    assert empty.why.endswith(" is the same patch")


@pytest.mark.parametrize(
    "message",
    [
        "UPSTREAM: <invalid>: something",
        "UPSTREAM: something",
        "UPSTREAM: revert: 98: something",
        'Revert "something"',
    ],
)
def test_a_subject_that_decides_nothing_is_refused(fork: Fork, message: str) -> None:
    commit = fork.carry(message, {"one.txt": "1\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    said = fork.refused()
    assert said.startswith(f"The commit {commit[:12]} ({message})")
    assert "`carries.keep` or `carries.exclude`" in said
    fork.configure(keep=[commit[:10]])
    assert picked(fork.rebase()) == [message]


def test_a_patch_and_its_revert_are_left_out_together(fork: Fork) -> None:
    one = fork.carry("UPSTREAM: <carry>: one", {"f.txt": changed(5, by="ours")})
    fork.carry("UPSTREAM: <carry>: two", {"f.txt": changed(5, 20, by="ours")})
    fork.carry(f'Revert "one"\n\nThis reverts commit {one}.', {"f.txt": changed(20, by="ours")})
    fork.configure(untagged="Drop")
    fork.release("1.1.0", {"new.txt": "new\n"})
    clone = fork.rebase()
    assert picked(clone) == ["UPSTREAM: <carry>: two"]
    assert git(clone, "show", "HEAD:f.txt") == changed(20, by="ours").rstrip("\n")


def test_a_revert_of_a_revert_leaves_the_patch(fork: Fork) -> None:
    one = fork.carry("UPSTREAM: <carry>: one", {"f.txt": changed(5, by="ours")})
    two = fork.carry(f'Revert "one"\n\nThis reverts commit {one}.', {"f.txt": LINES})
    again = {"f.txt": changed(5, by="ours")}
    fork.carry(f'Revert "Revert "one""\n\nThis reverts commit {two}.', again)
    fork.release("1.1.0", {"new.txt": "new\n"})
    clone = fork.rebase()
    assert picked(clone) == ["UPSTREAM: <carry>: one"]
    assert git(clone, "show", "HEAD:f.txt") == changed(5, by="ours").rstrip("\n")


def test_a_revert_is_known_by_its_subject_too(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"f.txt": changed(5, by="ours")})
    fork.carry('Revert "UPSTREAM: <carry>: one"', {"f.txt": LINES})
    fork.release("1.1.0", {"new.txt": "new\n"})
    assert picked(fork.rebase()) == []


def test_a_partial_revert_of_a_patch_is_refused(fork: Fork) -> None:
    one = fork.carry("UPSTREAM: <carry>: one", {"f.txt": changed(5, 20, by="ours")})
    message = f'Revert "one"\n\nThis reverts commit {one}.'
    fork.carry(message, {"f.txt": changed(20, by="ours")})
    fork.configure(untagged="Drop")
    fork.release("1.1.0", {"new.txt": "new\n"})
    assert f"reverts {one[:12]}, which is not just one carried patch" in fork.refused()


def revert_of_the_rebase(fork: Fork, message: str) -> None:
    """Rebase by a pull request titled `Take 1.1.0`, and revert all of it by a commit."""
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    before = str(fork.downstream.tip(BRANCH))
    fork.release("1.1.0", {"f.txt": changed(9, by="theirs"), "new.txt": "new\n"})
    clone = fork.story.finish()
    fork.land(clone, "pull")
    fork.merge("pull", "Merge pull request #7 from bot/pull\n\nTake 1.1.0")
    commit = str(fork.downstream.tip(BRANCH))
    tree = fork.downstream.git("rev-parse", f"{before}^{{tree}}")
    text = message.format(commit=commit)
    made = fork.downstream.git("commit-tree", tree, "-p", commit, "-m", text)
    fork.downstream.git("update-ref", f"refs/heads/{BRANCH}", made)
    fork.release("1.2.0", {"newer.txt": "newer\n"})


@pytest.mark.parametrize(
    "message", ['Revert "Take 1.1.0"', "Take it back\n\nThis reverts commit {commit}."]
)
def test_if_untagged_commits_are_dropped_so_is_the_revert_of_a_rebase(
    fork: Fork, message: str
) -> None:
    revert_of_the_rebase(fork, message)
    fork.configure(untagged="Drop")
    clone = fork.rebase("1.2.0")
    assert picked(clone) == ["UPSTREAM: <carry>: one"]
    assert git(clone, "ls-tree", "--name-only", "HEAD").split() == [
        *("f.txt", "g.txt", "new.txt", "newer.txt", "one.txt")
    ]
    assert git(clone, "show", "HEAD:f.txt") == changed(9, by="theirs").rstrip("\n")


def test_otherwise_the_revert_of_a_rebase_is_not_carried_silently(fork: Fork) -> None:
    revert_of_the_rebase(fork, 'Revert "Take 1.1.0"')
    assert "reverts something" in fork.refused("1.2.0")


def test_another_upstream_branch_does_not_duplicate_the_patches(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.release("1.1.0", {"new.txt": "new\n"})
    fork.rebase("1.1.0")
    fork.release("1.2.0", {"only-main.txt": "main\n"})
    fork.rebase("1.2.0")
    fork.carry("UPSTREAM: <carry>: two", {"two.txt": "2\n"})
    # What recorded 1.1.0 is older than the branch, and what recorded 1.2.0 is not on it.
    fork.world.upstream.git("branch", "stable", "v1.1.0")
    stable = fork.world.upstream.commit("stable", {"fix.txt": "fix\n"}, message="Fix")
    fork.world.upstream.tag("v1.3.0", stable)
    clone = fork.rebase("1.3.0")
    assert picked(clone) == ["UPSTREAM: <carry>: one", "UPSTREAM: <carry>: two"]
    assert git(clone, "ls-tree", "--name-only", "HEAD").split() == [
        *("f.txt", "fix.txt", "g.txt", "new.txt", "one.txt", "two.txt")
    ]


def test_a_first_switch_of_branches_is_not_guessed(fork: Fork) -> None:
    main = fork.release("1.1.0", {"only-main.txt": "main\n"})
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    merge = take_upstream(fork, main)
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    upstream_branch(fork, "stable", "1.3.0", {"fix.txt": "fix\n"})
    assert f"`git carry --since {merge[:12]}`" in fork.refused("1.3.0")
    fork.story.scripts = (f"git carry --since {merge[:12]}",)
    clone = fork.rebase("1.3.0")
    assert picked(clone) == ["UPSTREAM: <carry>: one"]
    assert git(clone, "ls-tree", "--name-only", "HEAD").split() == [
        *("f.txt", "fix.txt", "g.txt", "one.txt")
    ]


def test_a_pull_request_that_was_up_to_date_is_not_a_rebase(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.downstream.git("branch", "feature", BRANCH)
    fork.carry("UPSTREAM: <carry>: two", {"two.txt": "2\n"}, branch="feature")
    # An empty commit on the branch: the merge has all files of the feature.
    fork.carry("UPSTREAM: <carry>: nothing", {})
    fork.merge("feature", "Merge two")
    fork.release("1.1.0", {"new.txt": "new\n"})
    assert picked(fork.rebase()) == ["UPSTREAM: <carry>: one", "UPSTREAM: <carry>: two"]


def test_commits_of_another_upstream_branch_are_not_carried_silently(fork: Fork) -> None:
    common = fork.release("1.1.0", {"new.txt": "new\n"})
    main = fork.release("1.2.0", {"only-main.txt": "main\n"})
    fork.downstream.git("fetch", "-q", str(fork.world.upstream.path), f"{main}:refs/heads/theirs")
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    fork.merge("theirs", "Merge upstream's main")
    fork.world.upstream.git("branch", "stable", common)
    stable = fork.world.upstream.commit("stable", {"fix.txt": "fix\n"}, message="Fix")
    fork.world.upstream.tag("v1.3.0", stable)
    said = fork.refused("1.3.0")
    assert said.startswith(f"The commit {main[:12]} (Upstream's work) came by the merge ")
    fork.configure(exclude=[main])
    clone = fork.rebase("1.3.0")
    assert picked(clone) == ["UPSTREAM: <carry>: one"]
    assert "only-main.txt" not in git(clone, "ls-tree", "--name-only", "HEAD")


def test_a_fork_that_merged_upstream_before_goes_on_with_its_own_commits(fork: Fork) -> None:
    fork.carry("UPSTREAM: <carry>: one", {"one.txt": "1\n"})
    first = fork.release("1.1.0", {"new.txt": "new\n"})
    fork.downstream.git("fetch", "-q", str(fork.world.upstream.path), f"{first}:refs/heads/theirs")
    fork.merge("theirs", "Merge 1.1.0")
    fork.carry("UPSTREAM: <carry>: two", {"two.txt": "2\n"})
    fork.release("1.2.0", {"new.txt": "newer\n"})
    assert picked(fork.rebase("1.2.0")) == ["UPSTREAM: <carry>: one", "UPSTREAM: <carry>: two"]
