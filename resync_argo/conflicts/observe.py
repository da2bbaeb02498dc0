"""Checks remotely whether an open conflict pull request is resolved.

The controller has no clone. So it fetches, into a temporary repository, two commits without
history, their trees, and the contents that only the head has, except large ones. A file, or a head,
that is too large to check counts as resolved: a person confirms that by merging, and the next
attempt checks everything.
"""

import re
from dataclasses import replace

from resync_argo.budget import Budget, Resource
from resync_argo.conflicts.record import Record
from resync_argo.conflicts.resolution import Resolution, differing, find_base, read_resolution
from resync_argo.git import LOOK, Git, GitError, Remote, scratch_repository
from resync_argo.hosts.refusals import explained

LARGEST_BYTES = 1 << 20
"""Bytes of a content to check; a file with marker lines that a person edits is smaller."""

HEAD_LOOK = replace(LOOK, output_bytes=4 << 20)
"""Limits for one check. The controller holds a KiB for each file that the head changes, so no list
may name more than some 30,000 of them."""

_FETCH = ("fetch", "--quiet", "--no-tags", "--depth=1", "--stdin")
_TREES = "--filter=blob:none"
# The host knows by now that we have the base commit, so it sends only the head's new contents. Git
# may add the base of a file's delta, at most 32 times as large; the budget bounds that.
_NEW_CONTENTS = f"--filter=blob:limit={LARGEST_BYTES + 1}"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_BASE, _HEAD = "refs/look/base", "refs/look/head"


def observe_resolution(
    remote: Remote, *, base: str, head: str, key: str, budget: Budget = HEAD_LOOK
) -> Resolution | None:
    """Return how much of the head is resolved; None if the base branch is not as we pushed it.

    Args:
        remote: the repository with both branches.
        base: branch name without `refs/heads/`.
        head: likewise, or the id of one of its commits.
        key: the conflict's short name.
        budget: the limits.

    Raises:
        Stalled: the repository or a branch is missing, or a person must act for another reason.
        Transient: they cannot be read within the budget.
    """
    with scratch_repository(remote, budget) as git:
        with explained(remote, f"refs/heads/{base}"):
            _fetch(git, remote, _TREES, f"+refs/heads/{base}:{_BASE}")
        found = find_base(git, key, _BASE)
        if found is None:
            return None
        _, record = found
        tip = head if _COMMIT.match(head) else f"refs/heads/{head}"
        with explained(remote, tip):
            try:
                _fetch(git, remote, _NEW_CONTENTS, f"+{tip}:{_HEAD}")
                return _read(git, record)
            except GitError as error:
                if error.ran_out in (Resource.DISK, Resource.OUTPUT):
                    return _unseen(record)
                raise


def _fetch(git: Git, remote: Remote, contents: str, refspec: str) -> None:
    git.run(*_FETCH, contents, "origin", stdin=f"{refspec}\n".encode(), remote=remote)


def _unseen(record: Record) -> Resolution:
    """Return a resolution in which everything is unchecked, for a head beyond the budget."""
    paths = tuple(path.path for path in record.conflict.paths)
    return Resolution(answers={}, left=(), changes=(), unchecked=paths)


def _read(git: Git, record: Record) -> Resolution:
    files = {
        it.path: it.after.id for it in differing(git, _BASE, _HEAD) if it.after and it.after.is_file
    }
    absent = {*files.values()} - _small_contents(git)
    # Files moved or copied from the base were not sent, and have no marker lines.
    large = absent - _base_contents(git) if absent else absent
    unchecked = tuple(path for path, content in files.items() if content in large)
    return replace(read_resolution(git, record, _BASE, _HEAD, skip=absent), unchecked=unchecked)


def _small_contents(git: Git) -> set[str]:
    """Return the ids of the sent contents; empty if the host does not filter."""
    layout = "--batch-check=%(objecttype) %(objectsize) %(objectname)"
    listing = git.text("cat-file", "--batch-all-objects", "--unordered", layout)
    objects = (line.split() for line in listing.splitlines())
    return {name for kind, size, name in objects if kind == "blob" and int(size) <= LARGEST_BYTES}


def _base_contents(git: Git) -> set[str]:
    """Return the ids of the base commit's contents; empty if its tree is too large to list."""
    try:
        return set(git.text("ls-tree", "-r", "--object-only", _BASE).splitlines())
    except GitError as error:
        if error.ran_out is Resource.OUTPUT:
            return set()
        raise
