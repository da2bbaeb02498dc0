"""Tells equal patches: the same lines taken out and put in between the same lines, wherever in the file.

Other than for `git patch-id` blanks count, since indentation is meaning in many a file, and so does what is
in a binary file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from resync_argo.attempt.carry.policy import Carried
from resync_argo.git import Git

_AT_ONCE = 20
"""Patches in memory at a time: one may be as large as all that was vendored."""

_DIFF = ("diff-tree", "--root", "-p", "--full-index", "--no-ext-diff", "--no-renames")
_COMMIT = re.compile(rb"^([0-9a-f]{40,64})\n", re.M)
_WHERE = re.compile(rb"^@@ [^\n]*", re.M)
_IDS = re.compile(rb"^index [^\n]*\n(?!Binary files )", re.M)
"""Ids of contents, which tell binary files apart and say nothing about the lines of others."""


def patches_of(git: Git, commits: Sequence[str]) -> dict[str, str]:
    """Return a digest of the patch of each commit that has one, in order.

    Raises:
        GitError: an object is missing.
    """
    found: dict[str, str] = {}
    for start in range(0, len(commits), _AT_ONCE):
        stdin = "".join(f"{it}\n" for it in commits[start : start + _AT_ONCE]).encode()
        _, *parts = _COMMIT.split(git.run(*_DIFF, "--stdin", stdin=stdin))
        pairs = zip(parts[::2], parts[1::2], strict=True)
        found |= {commit.decode(): _digest(diff) for commit, diff in pairs if diff}
    return found


def backwards(git: Git, one: Carried) -> str | None:
    """Return the digest of the patch that undoes a commit; None for a first commit, or an empty one.

    Raises:
        GitError: an object is missing.
    """
    if one.parent is None:
        return None
    diff = git.run(*_DIFF, one.id, one.parent, "--")
    return _digest(diff) if diff else None


def twins(patches: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each commit with the patch of an earlier one, and that one."""
    first: dict[str, str] = {}
    for commit, patch in patches.items():
        if first.setdefault(patch, commit) != commit:
            yield commit, first[patch]


def _digest(diff: bytes) -> str:
    return sha256(_IDS.sub(b"", _WHERE.sub(b"@@", diff))).hexdigest()
