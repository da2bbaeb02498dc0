"""Detects equal patches: the same lines removed and added between the same lines, anywhere in the file.

Unlike with `git patch-id`, white space counts, since indentation has meaning in many files. The
contents of binary files count, too.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256

from resync_argo.attempt.carry.policy import Carried
from resync_argo.git import Git

_AT_ONCE = 20
"""Patches in memory at a time: one may be as large as everything that was vendored."""

_DIFF = ("diff-tree", "--root", "-p", "--full-index", "--no-ext-diff", "--no-renames")
_COMMIT = re.compile(rb"^([0-9a-f]{40,64})\n", re.M)
_WHERE = re.compile(rb"^@@ [^\n]*", re.M)
_IDS = re.compile(rb"^index [^\n]*\n(?!Binary files )", re.M)
"""Ids of contents: they distinguish binary files, and do not affect the lines of text files."""


def patches_of(git: Git, commits: Sequence[str]) -> dict[str, str]:
    """Return a digest of each commit's patch, in order; commits without a patch are left out.

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
    """Yield each commit that has the patch of an earlier one, with that one."""
    first: dict[str, str] = {}
    for commit, patch in patches.items():
        if first.setdefault(patch, commit) != commit:
            yield commit, first[patch]


def _digest(diff: bytes) -> str:
    return sha256(_IDS.sub(b"", _WHERE.sub(b"@@", diff))).hexdigest()
