"""Writes the input for tools into the folder that steps share; git.sh runs them there (`propose`)."""

from collections.abc import Iterator, Mapping, Sequence

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.proposals.proposal import Proposal, tool_of
from resync_argo.attempt.steps.control import Control, write
from resync_argo.conflicts.objects import read_blobs
from resync_argo.conflicts.record import ConflictPath, Kind
from resync_argo.git import Git

MOST_FILES = 50
MOST_BYTES = 32 << 20
"""Bytes of all sides of all files."""

ALL_SECONDS = 300
MOST_SECONDS = 60
"""Seconds for one file; with many files each has less, so that all of them fit into `ALL_SECONDS`."""

_TEXTS = (Kind.BOTH_MODIFIED, Kind.BOTH_ADDED)


def ask(
    attempt: Attempt, paths: Sequence[ConflictPath], commands: Mapping[bytes, str]
) -> tuple[Proposal, ...]:
    """Write the tools' input; return the requests.

    Args:
        attempt: with the folders.
        paths: the conflicts with marker lines.
        commands: the Plan's, by path; other paths are left out.

    Raises:
        GitError: a side is missing.
        Untrustworthy: a step keeps a file from being written.
    """
    control = Control(directory=attempt.layout.control)
    asked: list[Proposal] = []
    left = MOST_BYTES
    for it in paths:
        command, name = commands.get(it.path), _name(it.path)
        if command is None or name is None or not _is_text(it) or len(asked) == MOST_FILES:
            continue
        sides = dict(_sides(attempt.repository, it))
        left -= sum(map(len, sides.values()))
        if left < 0:
            break
        number = len(asked) + 1
        for part, content in {**sides, "path": name, "run": command.encode()}.items():
            write(control.proposal(number, part), content)
        asked.append(Proposal(number=number, path=it.path, tool=tool_of(command)))
    return tuple(asked)


def seconds_for(asked: Sequence[Proposal]) -> int:
    """Return the time limit for one file."""
    return min(MOST_SECONDS, ALL_SECONDS // max(len(asked), 1))


def _is_text(path: ConflictPath) -> bool:
    sides = path.both
    return path.kind in _TEXTS and sides is not None and all(it.is_file for it in sides)


def _sides(git: Git, path: ConflictPath) -> Iterator[tuple[str, bytes]]:
    """Yield what the tool's files hold; there is an empty one in place of an ancestor that is none."""
    entries = (path.ancestor, *(path.both or ()))
    for part, entry in zip(("base", "downstream", "upstream"), entries, strict=True):
        is_file = entry is not None and entry.is_file
        yield part, next(read_blobs(git, [entry.id]))[1] if entry and is_file else b""


def _name(path: bytes) -> bytes | None:
    """Return a path that a shell can read from a line; None for any other."""
    try:
        return path if path.decode().isprintable() else None
    except UnicodeDecodeError:
        return None
