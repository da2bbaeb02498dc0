"""A fork, a release in a branch of it, and the ways in which a forge merges that branch."""

import shutil
import subprocess
from pathlib import Path

MERGES = {
    "merge": [["merge", "-q", "--no-ff", "-m", "Merge the pull request", "sync"]],
    "squash": [["merge", "-q", "--squash", "sync"], ["commit", "-q", "-m", "Sync (#1)"]],
    "rebase": [["cherry-pick", "-m", "1", "sync"]],
}


def git(folder: Path, *argv: str) -> str:
    """Run git as a person."""
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
