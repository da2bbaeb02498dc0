"""How a final pull request was merged, on a real downstream: what is told, and that it is told once."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from resync_argo.controller.forge.merges import keeps_history
from resync_argo.forge.interface import PullRequestState
from resync_argo.git import Remote
from tests.apiserver.lab import Lab

MERGES = {
    "merge": [["merge", "-q", "--no-ff", "-m", "Merge the pull request", "sync"]],
    "squash": [["merge", "-q", "--squash", "sync"], ["commit", "-q", "-m", "Sync (#1)"]],
    "rebase": [["cherry-pick", "-m", "1", "sync"]],
}


def git(folder: Path, *argv: str) -> str:
    identity = ("-c", "user.name=person", "-c", "user.email=person@example.com")
    done = subprocess.run(["git", *identity, *argv], cwd=folder, check=True, capture_output=True)
    return done.stdout.decode().strip()


def make_fork(upstream: Path, downstream: Path) -> None:
    """Make a fork with a commit of its own, and the branch `sync` that has upstream's release."""
    downstream.parent.mkdir(exist_ok=True)
    shutil.rmtree(downstream, ignore_errors=True)
    git(upstream, "clone", "-q", "-b", "main", ".", str(downstream))
    (downstream / "ours").write_text("ours\n")
    git(downstream, "add", "ours")
    git(downstream, "commit", "-q", "-m", "Ours")
    (upstream / "theirs").write_text("theirs\n")
    git(upstream, "add", "theirs")
    git(upstream, "commit", "-q", "-m", "Theirs")
    git(upstream, "tag", "v1.0.1")
    git(downstream, "fetch", "-q", "origin", "tag", "v1.0.1")
    git(downstream, "checkout", "-q", "-b", "sync")
    git(downstream, "merge", "-q", "-m", "Merge 1.0.1", "v1.0.1")
    git(downstream, "checkout", "-q", "main")


def merge(downstream: Path, method: str) -> str:
    """Merge `sync` with one of a forge's methods; return the commit."""
    for argv in MERGES[method]:
        git(downstream, *argv)
    return git(downstream, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("method", "kept"), [("merge", True), ("squash", False), ("rebase", False)]
)
def test_only_a_merge_commit_keeps_the_releases_history(
    tmp_path: Path, method: str, *, kept: bool
) -> None:
    upstream, downstream = tmp_path / "up", tmp_path / "fork/project"
    upstream.mkdir()
    git(upstream, "init", "-q", "-b", "main")
    git(upstream, "commit", "-q", "--allow-empty", "-m", "First")
    make_fork(upstream, downstream)
    release = git(upstream, "rev-parse", "v1.0.1")

    merged = merge(downstream, method)

    assert keeps_history(Remote(url=f"file://{downstream}"), merged, {release}) is kept


@pytest.mark.apiserver
@pytest.mark.parametrize(
    ("method", "reason", "comments"),
    [("merge", "Merged", 0), ("squash", "SquashMerged", 1)],
    ids=["merge", "squash"],
)
def test_a_squashed_release_is_told_once_with_what_it_will_cost(
    lab: Lab, method: str, reason: str, comments: int
) -> None:
    downstream = lab.folder / "down/project"
    make_fork(lab.folder / "up/project", downstream)
    lab.add_plan(upstream={"name": "forge.test/up/project", "matchedVersions": ["1.0.1"]})
    with lab.running():
        name = lab.wait_for_run("1.0.1")
        pull = lab.forge.open("resync/z-1/1.0.1")
        lab.forge.push(pull.number, git(downstream, "rev-parse", "sync"))
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.1", "Finished", "PullRequestOpen")
        commit = merge(downstream, method)
        shown = replace(lab.forge.pulls[pull.number], merged_commit=commit)
        lab.forge.pulls[pull.number] = replace(shown, state=PullRequestState.MERGED)
        told = lab.wait_until("1.0.1", "Finished", reason)
    with lab.running() as controller:
        lab.wait_until_idle(controller)

    assert told.merged
    tag = lab.tag("1.0.1")
    assert tag is not None
    merged = next(c for c in tag.status.conditions if c.type == "Merged")
    assert (merged.status, merged.reason) == ("True", reason)
    assert ("same conflicts again" in merged.message) is bool(comments)
    written = lab.forge.comments.get(pull.number, [])
    assert ["git merge -s ours" in comment.body for comment in written] == [True] * comments


@pytest.mark.apiserver
def test_a_branch_that_cannot_be_read_holds_up_nothing(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        pull = lab.forge.open("resync/z-1/1.0.0")
        gone = replace(pull, merged_commit="f" * 40, state=PullRequestState.MERGED)
        lab.forge.pulls[pull.number] = gone
        lab.argo_ends(name, 0)
        told = lab.wait_until("1.0.0", "Finished", "Merged")
        lab.wait_for_run("1.0.1")

    assert "cannot be seen" in told.message
