"""Looks at the branches of an open conflict pull request from afar: is it resolved yet?

The controller has no clone. It asks for two commits without history, their trees, and the contents
of just the files that differ, in a repository that lives for one look.
"""

import re

from resync_argo.conflicts.record import Record
from resync_argo.conflicts.resolution import Resolution, differing, find_base, read_resolution
from resync_argo.git import Git, Remote, scratch_repository

_FETCH = (
    # The other side must not take contents for granted because we have their commits.
    *("-c", "fetch.negotiationAlgorithm=noop"),
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--filter=blob:none", "--stdin"),
)
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_BASE, _HEAD = "refs/look/base", "refs/look/head"


def observe_resolution(remote: Remote, *, base: str, head: str, key: str) -> Resolution | None:
    """Return how far the head is; None where the base branch is not as we pushed it.

    Args:
        remote: the repository with both branches.
        base: branch name without `refs/heads/`.
        head: likewise, or the id of one of its commits.
        key: the conflict's short name.

    Raises:
        GitError: the repository or a branch cannot be read.
    """
    with scratch_repository(remote) as git:
        tip = head if _COMMIT.match(head) else f"refs/heads/{head}"
        wants = f"+refs/heads/{base}:{_BASE}\n+{tip}:{_HEAD}\n"
        git.run(*_FETCH, "--depth=1", "origin", stdin=wants.encode(), remote=remote)
        found = find_base(git, key, _BASE)
        return _read(git, remote, found[1]) if found else None


def _read(git: Git, remote: Remote, record: Record) -> Resolution:
    files = {it.after.id for it in differing(git, _BASE, _HEAD) if it.after and it.after.is_file}
    if files:
        wants = "".join(f"{oid}\n" for oid in sorted(files))
        git.run(*_FETCH, "origin", stdin=wants.encode(), remote=remote)
    return read_resolution(git, record, _BASE, _HEAD)
