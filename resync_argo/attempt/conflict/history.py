"""Finds the last commits that touched some paths, on one side of a sync.

`conflict_pull_request` asks it for each side, to tell a person why a file was changed. Only commits
and trees are read (no renames are followed), so nothing is fetched in a partial clone.
"""

from collections.abc import Sequence

from resync_argo.attempt.conflict.text import Commit
from resync_argo.git import Git

MAX_PATHS = 100
"""Paths asked for; a text has no room for more."""

PER_PATH = 2

_FIELDS = ("%h", "%an", "%s")


def last_commits(
    git: Git, tip: str, other: str, paths: Sequence[bytes]
) -> dict[bytes, list[Commit]]:
    """Return the newest commits of each path that one side has and the other has not.

    Args:
        git: a repository with both sides.
        tip: the side's commit.
        other: the other side's commit.
        paths: which paths; the first hundred are looked for.

    Raises:
        GitError: one of the commits is not there.
    """
    wanted = paths[:MAX_PATHS]
    argv = ("--literal-pathspecs", "log", "--no-renames", "--no-merges", "--name-only", "-z")
    span = (f"--format=%x01{'%x02'.join(_FIELDS)}", tip, f"^{other}", "--")
    found: dict[bytes, list[Commit]] = {path: [] for path in wanted}
    for entry in git.run(*argv, *span, *wanted).split(b"\1")[1:]:
        head, _, names = entry.partition(b"\0")
        words = head.decode(errors="replace").split("\2", len(_FIELDS) - 1)
        if len(words) != len(_FIELDS):  # a subject's rest, if it holds the sign of a new entry
            continue
        commit = Commit(id=words[0], author=words[1], subject=words[2].strip())
        for name in names.lstrip(b"\n").split(b"\0"):
            if len(found.get(name, [commit] * PER_PATH)) < PER_PATH:
                found[name].append(commit)
    return found
