"""What shows a person the conflict: marker lines under our own labels, and stub files.

Labels hold the conflict's key, so other lines that begin with `<<<<<<<` do not count. What cannot
hold markers (a deletion, a binary file, a mode, a link, a submodule) gets a stub beside it, which a
person deletes to say that it is resolved; a stub is never carried over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

STUB_SUFFIX = b".resync-conflict"

PATTERN = r"^(<+|>+) (downstream|upstream|proposal)(: .*)? \(resync [0-9a-f]{8}\)"
"""One of our marker lines, of whichever conflict, as `git grep -E` takes it."""

DEEPEST = 10
"""How many conflicts within each other are shown: git makes two or three, and each shows its lines again."""

_OPEN = re.compile(rb"<{7,}(?: .*)?\Z")
_MIDDLE = re.compile(rb"={7,}(?: .*)?\Z")
_CLOSE = re.compile(rb">{7,}(?: .*)?\Z")


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The labels of the three parts of a conflict.

    Attributes:
        downstream: of downstream's side; it names the branch.
        ancestor: of what both sides come from.
        upstream: of upstream's side; it names the release.
    """

    downstream: str
    ancestor: str
    upstream: str

    @classmethod
    def of(cls, key: str, *, branch: str, tag: str) -> "Labels":
        """Return the labels of a conflict with a key."""
        end = f"(resync {key})"
        return cls(
            downstream=f"downstream: {branch} {end}",
            ancestor=f"ancestor {end}",
            upstream=f"upstream: {tag} {end}",
        )


def proposal_line(key: str, tool: str) -> bytes:
    """Return the first line of a file that a tool proposes; a person deletes it to say that the file is right."""
    text = f"proposed by {tool}, decided by nobody: check this file, then delete this line"
    return f"<<<<<<< proposal: {text} (resync {key})\n".encode()


def stub_path(path: bytes) -> bytes:
    """Return where the stub of a path lies."""
    return path + STUB_SUFFIX


def is_stub(path: bytes) -> bool:
    """Return whether a path is that of a stub."""
    return path.endswith(STUB_SUFFIX)


def opening_lines(text: bytes) -> Iterator[bytes]:
    """Yield the first marker line of each conflict that a file shows, whoever wrote its markers."""
    return (lines[0] for lines in shown_conflicts(text))


def shown_conflicts(text: bytes) -> Iterator[tuple[bytes, ...]]:
    """Yield the lines of each conflict that a file shows, one within another too.

    A conflict is a line of seven or more `<`, later one of `=`, later one of `>` (git-merge, "HOW
    CONFLICTS ARE PRESENTED"). Line ends are left out, and
    so are the outer ones of more than `DEEPEST` within each other.
    """
    lines = [line.removesuffix(b"\r") for line in text.split(b"\n")]
    opened: list[int] = []
    divided: set[int] = set()
    for number, line in enumerate(lines):
        if _OPEN.match(line):
            opened = [*opened[-DEEPEST + 1 :], number]
        elif opened and _MIDDLE.match(line):
            divided.add(opened[-1])
        elif opened and opened[-1] in divided and _CLOSE.match(line):
            yield tuple(lines[opened.pop() : number + 1])
