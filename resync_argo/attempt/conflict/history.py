"""Finds the last commits that touched some paths on one side of a sync, and tells about commits.

`pull_request` asks it for each side, to tell a person why a file was changed. Only commits and trees
are read (no renames are followed), so nothing is fetched in a partial clone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from resync_argo.attempt.carry.included import Included, Pick
from resync_argo.git import Git

MAX_PATHS = 100
"""Paths asked for; a text has no room for more."""

PER_PATH = 2
MAX_SUBJECT = 60
"""Of what came along, so that the table has room for the number behind it."""

_FIELDS = ("%h", "%an", "%s")
_NUMBER = re.compile(r"\(#(\d{1,9})\)\s*\Z|\AMerge pull request #(\d{1,9}) ")


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit that touched a file."""

    id: str
    author: str
    subject: str

    @property
    def number(self) -> int | None:
        """Return the pull request that its subject names, as GitHub writes it; None without one."""
        found = _NUMBER.search(self.subject)
        return int(found[1] or found[2]) if found else None


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
    for commit, names in _entries(git.run(*argv, *span, *wanted)):
        for name in names.lstrip(b"\n").split(b"\0"):
            if len(found.get(name, [commit] * PER_PATH)) < PER_PATH:
                found[name].append(commit)
    return found


def as_people_know(commits: Sequence[Commit], included: Included | None) -> tuple[Commit, ...]:
    """Return commits, those that came along with a pull request by their own ids, and with its number."""
    return tuple(_known(it, included.by_commit if included else {}) for it in commits)


def _known(commit: Commit, picks: Mapping[str, Pick]) -> Commit:
    pick = next((it for now, it in picks.items() if now.startswith(commit.id)), None)
    if pick is None:
        return commit
    subject = f"{pick.subject[:MAX_SUBJECT]} (#{pick.pull.number})"
    return Commit(id=pick.commit[: len(commit.id)], author=commit.author, subject=subject)


def describe_commits(git: Git, ids: Sequence[str]) -> dict[str, Commit]:
    """Return what people need to know of commits, by id.

    Raises:
        GitError: one of them is not there.
    """
    if not ids:
        return {}
    form = f"--format=%x01{'%x02'.join(_FIELDS)}%x00%H"
    stdin = "".join(f"{oid}\n" for oid in ids).encode()
    output = git.run("log", "--no-walk=unsorted", "--stdin", form, stdin=stdin)
    return {oid.strip().decode(): commit for commit, oid in _entries(output)}


def _entries(output: bytes) -> Iterator[tuple[Commit, bytes]]:
    for entry in output.split(b"\1")[1:]:
        head, _, rest = entry.partition(b"\0")
        words = head.decode(errors="replace").split("\2", len(_FIELDS) - 1)
        if len(words) == len(_FIELDS):  # else a subject's rest, if it holds the sign of a new entry
            yield Commit(id=words[0], author=words[1], subject=words[2].strip()), rest
