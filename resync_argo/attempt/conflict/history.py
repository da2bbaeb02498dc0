"""Finds the last commits that touched some paths on one side of a sync, and describes commits.

`pull_request` asks it for each side, to show a person why a file changed. It reads only commits and
trees and follows no renames, so a partial clone fetches nothing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from resync_argo.attempt.carry.included import Included, Pick
from resync_argo.git import Git

MAX_PATHS = 100
"""How many paths to ask for; the text has no room for more."""

PER_PATH = 2
MAX_SUBJECT = 60
"""Characters of an included pull request's subject, to leave room for the number in the table."""

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
        """Return the pull request number in its subject, as GitHub writes it; None without one."""
        found = _NUMBER.search(self.subject)
        return int(found[1] or found[2]) if found else None


def last_commits(
    git: Git, tip: str, other: str, paths: Sequence[bytes]
) -> dict[bytes, list[Commit]]:
    """Return the newest commits of each path that one side has and the other lacks.

    Args:
        git: a repository with both sides.
        tip: the side's commit.
        other: the other side's commit.
        paths: which paths; only the first hundred count.

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
    """Return commits; those of included pull requests with their own ids and the number."""
    return tuple(_known(it, included.by_commit if included else {}) for it in commits)


def _known(commit: Commit, picks: Mapping[str, Pick]) -> Commit:
    pick = next((it for now, it in picks.items() if now.startswith(commit.id)), None)
    if pick is None:
        return commit
    subject = f"{pick.subject[:MAX_SUBJECT]} (#{pick.pull.number})"
    return Commit(id=pick.commit[: len(commit.id)], author=commit.author, subject=subject)


def describe_commits(git: Git, ids: Sequence[str]) -> dict[str, Commit]:
    """Return commits as people see them, by id.

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
        # Otherwise the separator within a subject would start a new entry.
        if len(words) == len(_FIELDS):
            yield Commit(id=words[0], author=words[1], subject=words[2].strip()), rest
