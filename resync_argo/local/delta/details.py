"""Reads who wrote single commits, when, and what they change."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from resync_argo.git import Git

_ID = re.compile(rb"[0-9a-f]{40}|[0-9a-f]{64}")
_COUNTS = re.compile(rb"(\d+|-)\t(\d+|-)\t(.+)", re.S)
_LAST = datetime(9999, 12, 31, tzinfo=UTC)
"""A commit may carry any date; `datetime` has none after this one."""


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who wrote a commit, by name, and when."""

    author: str
    time: datetime


@dataclass(kw_only=True)
class Changes:
    """What a commit changes: its paths, and the lines of text files."""

    paths: set[bytes] = field(default_factory=set)
    added: int = 0
    deleted: int = 0


def read_signatures(git: Git, ids: Sequence[str]) -> dict[str, Signature]:
    """Return who wrote each commit, and when.

    Raises:
        GitError: a commit is missing.
    """
    if not ids:
        return {}
    argv = ("log", "-z", "--no-walk=unsorted", "--stdin", "--format=%H%x00%at%x00%an")
    fields = iter(git.run(*argv, stdin=_lines(ids)).decode(errors="replace").split("\0"))
    return {
        commit: Signature(author=author, time=_time(seconds))
        for commit, seconds, author in zip(fields, fields, fields, strict=False)
    }


def read_changes(git: Git, ids: Sequence[str]) -> dict[str, Changes]:
    """Return what each commit changes.

    Raises:
        GitError: a commit or some of its contents are missing.
    """
    if not ids:
        return {}
    argv = (
        *("log", "-z", "--no-walk=unsorted", "--stdin", "--numstat", "--format=%H"),
        *("--no-renames", "--no-ext-diff", "--no-textconv"),
    )
    found = {it: Changes() for it in ids}
    current = Changes()
    for entry in git.run(*argv, stdin=_lines(ids)).split(b"\0"):
        word = entry.lstrip(b"\n")
        counts = _COUNTS.fullmatch(word)
        if counts is not None:
            current.paths.add(counts[3])
            current.added += _number(counts[1])
            current.deleted += _number(counts[2])
        elif _ID.fullmatch(word):
            current = found[word.decode()]
    return found


def _lines(ids: Sequence[str]) -> bytes:
    return "".join(f"{it}\n" for it in ids).encode()


def _number(count: bytes) -> int:
    """Return a count of lines; 0 for a binary file."""
    return 0 if count == b"-" else int(count)


def _time(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds or 0), UTC)
    except (OverflowError, ValueError, OSError):
        return _LAST
