"""A partial clone holds everything that a merge of the release reads, and that its push sends.

A merge reads files of the two commits, of their merge bases, and of the bases of several bases; all
these files are fetched. So the clone is sufficient for any histories; random ones check that.
"""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from resync_argo.attempt.checkout.checkout import checkout
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.conflicts import merge_sides
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.raw import THEIR_STAGE, Sides
from resync_argo.attempt.repository.clone import PUSH
from tests.git.builders import BRANCH, open_world
from tests.git.random_histories import make_histories
from tests.git.repositories import Repository, git

SEEDS = 25


def plain_merge(root: Path) -> str:
    """Return git's output for the merge with nothing missing; "" if it cannot merge."""
    whole = Repository(root / "whole")
    for side in ("upstream", "downstream"):
        source = str(root / side / "project")
        whole.git("fetch", "-q", source, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
    argv = ["git", "merge-tree", "--write-tree", "--name-only", BRANCH, "v1.1.0"]
    done = subprocess.run(argv, cwd=whole.path, capture_output=True, check=False)
    return done.stdout.decode().partition("\n\n")[0] if done.returncode in (0, 1) else ""


def merge_and_push(attempt: Attempt) -> str:
    """Merge in the trusted clone without fetching, push a commit of the result, and return the conflicts."""
    replay, repository = attempt.replay_input(), attempt.repository
    sides = Sides(ours=replay.head, theirs=replay.tag_commit)
    merged = merge_sides(repository, sides, MergeOptions(), upstream=THEIR_STAGE)
    own = replace(repository, environment={**repository.environment, **replay.committer})
    parents = ("-p", replay.head, "-p", replay.tag_commit)
    made = own.text("commit-tree", f"{replay.head}^{{tree}}", *parents, "-m", "Merge")
    push = ("push", "--quiet", "--atomic", "--no-thin", "--", PUSH, f"{made}:refs/heads/result")
    attempt.published.run(*push, remote=attempt.push)
    return "\n".join(sorted(path.decode() for path in merged.raw.stages))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_partial_clone_is_sufficient_for_any_histories(tmp_path: Path, seed: int) -> None:
    make_histories(tmp_path, seed)
    expected = plain_merge(tmp_path)
    run = open_world(tmp_path).attempt("git merge $UPSTREAM_TAG", parameters={"force": True})

    replay = checkout(run.attempt)

    assert merge_and_push(run.attempt) == "\n".join(sorted(expected.splitlines()[1:]))
    # The push is complete: the other side has every object that it refers to.
    pushed = git(tmp_path / "downstream" / "project", "rev-list", "--objects", "refs/heads/result")
    assert replay.tag_commit in pushed


def test_a_file_that_a_late_branch_and_the_release_share_after_a_revert(tmp_path: Path) -> None:
    """Upstream reverts a file, and merges a branch that was forked before the file was changed."""
    world_of_a_revert(tmp_path)
    run = open_world(tmp_path).attempt("git merge --no-edit $UPSTREAM_TAG", version="1.2.0")

    run.check_out()
    done = run.step()

    assert done.returncode == 0, done.stderr
    assert git(run.work_tree, "show", "HEAD:x") == "1"


def world_of_a_revert(root: Path) -> None:
    """Make the smallest histories of this kind."""
    upstream = Repository(root / "upstream" / "project")
    first = upstream.commit("main", {"x": "1\n"})
    upstream.tag("v1.0.0", first)
    second = upstream.commit("main", {"x": "2\n"})
    upstream.tag("v1.1.0", second)
    late = upstream.commit("late", {"y": "new\n"}, parents=(first,))
    reverted = upstream.commit("main", {"x": "1\n"}, message="Revert")
    upstream.tag("v1.2.0", upstream.commit("main", {"y": "new\n"}, parents=(reverted, late)))
    fork = Repository(root / "downstream" / "project")
    fork.git("fetch", "-q", str(upstream.path), f"{second}:refs/heads/{BRANCH}")
    fork.commit(BRANCH, {"z": "own\n"})
