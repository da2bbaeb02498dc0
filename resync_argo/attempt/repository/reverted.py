"""Finds out whether a revert removed a release from a branch whose history still contains it.

To git a reverted merge stays merged: merging the release again does nothing, and a later release
does not bring back what both have in common. A revert's message shows it (git-revert, "This reverts
commit …"), and so does a commit with exactly the files from before the merge. This needs only
commits and trees.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from resync_argo.git import Git

_WORDS = re.compile(r"^This reverts commit ([0-9a-f]{7,64})\b", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Revert:
    """A revert in effect.

    Attributes:
        commit: the commit that reverts.
        merge: the commit that brought the release.
    """

    commit: str
    merge: str


def find_revert(git: Git, head: str, release: str) -> Revert | None:
    """Return the revert that removed a release from a branch's files; None without one.

    Args:
        git: the repository.
        head: the branch's tip, whose history contains the release.
        release: the release's commit.

    Raises:
        GitError: a commit is not there.
    """
    if head == release:
        return None
    told = {it.merge: it for it in _told(git, head, release)}
    for merge, revert in told.items():
        if _brought(git, merge, release):
            return revert
    return _by_files(git, head, release)


def _told(git: Git, head: str, release: str) -> Iterator[Revert]:
    """Yield reverts, by their messages, that were not reverted themselves, newest first."""
    undone: set[str] = set()
    words = ("--extended-regexp", "--grep=^This reverts commit [0-9a-f]{7,}")
    listing = git.run(
        "log", "-z", "--topo-order", "--format=%H%n%B", *words, head, f"^{release}", "--"
    )
    for entry in listing.decode(errors="replace").split("\0")[:-1]:
        commit, _, message = entry.partition("\n")
        if commit in undone:
            continue
        for name in _WORDS.findall(message):
            found = git.attempt("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
            merge = found.stdout.decode().strip()
            if found.returncode == 0 and merge not in undone:
                undone.add(merge)
                yield Revert(commit=commit, merge=merge)


def _brought(git: Git, merge: str, release: str) -> bool:
    """Return whether a commit's history has a release that its first parent's lacks."""
    return _contains(git, merge, release) and not _contains(git, f"{merge}^1", release)


def _contains(git: Git, commit: str, release: str) -> bool:
    return git.succeeds("merge-base", "--is-ancestor", release, commit)


def _by_files(git: Git, head: str, release: str) -> Revert | None:
    """Return the commit after the merge that restored all files from before it, if the tip still has them."""
    span = f"{release}..{head}"
    after = set(git.text("rev-list", "--ancestry-path", span, "--").split())
    listing = git.text("log", "--first-parent", "--format=%H %T", span, "--").splitlines()
    trees = {commit: tree for commit, _, tree in (line.partition(" ") for line in listing)}
    commits = [commit for commit in trees if commit in after]
    if not commits or not _brought(git, commits[-1], release):
        return None
    merge = commits[-1]
    before = git.text("rev-parse", "--verify", f"{merge}^1^{{tree}}")
    if before == trees[merge] or trees[commits[0]] != before:
        return None
    return Revert(commit=next(it for it in commits[::-1] if trees[it] == before), merge=merge)
