"""How people see a conflict: marker lines with our own labels, and stub files.

Labels hold the conflict's key, so any other line that begins with `<<<<<<<` is ignored. A path that
cannot hold markers (a deletion, a binary file, a mode, a link, a submodule) gets a stub next to it.
A person deletes the stub to mark the path as resolved; stubs never get into the result.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

STUB_SUFFIX = b".resync-conflict"

PATTERN = r"^(<+|>+) (downstream|upstream|proposal)(: .*)? \(resync [0-9a-f]{8}\)"
"""One of our marker lines, of any conflict, for `git grep -E`."""

DEEPEST = 10
"""How many nested conflicts are shown: git makes two or three, and each repeats its lines."""

_OPEN = re.compile(rb"<{7,}(?: .*)?\Z")
_MIDDLE = re.compile(rb"={7,}(?: .*)?\Z")
_CLOSE = re.compile(rb">{7,}(?: .*)?\Z")


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The labels of the three parts of a conflict.

    Attributes:
        downstream: of downstream's side; it names the branch.
        ancestor: of the common ancestor.
        upstream: of upstream's side; it names the release.
    """

    downstream: str
    ancestor: str
    upstream: str

    @classmethod
    def of(cls, key: str, *, branch: str, tag: str) -> "Labels":
        """Return the labels of the conflict with a key."""
        end = f"(resync {key})"
        return cls(
            downstream=f"downstream: {branch} {end}",
            ancestor=f"ancestor {end}",
            upstream=f"upstream: {tag} {end}",
        )


def proposal_line(key: str, tool: str) -> bytes:
    """Return the first line of a tool's proposal; a person deletes it to approve the file."""
    text = f"proposed by {tool}, decided by nobody: check this file, then delete this line"
    return f"<<<<<<< proposal: {text} (resync {key})\n".encode()


def stub_path(path: bytes) -> bytes:
    """Return the path of a path's stub."""
    return path + STUB_SUFFIX


def is_stub(path: bytes) -> bool:
    """Return whether a path is that of a stub."""
    return path.endswith(STUB_SUFFIX)


def opening_lines(text: bytes) -> Iterator[bytes]:
    """Yield the first marker line of each conflict in a file, whoever wrote the markers."""
    return (lines[0] for lines in shown_conflicts(text))


def shown_conflicts(text: bytes) -> Iterator[tuple[bytes, ...]]:
    """Yield the lines of each conflict in a file, including nested ones.

    A conflict is a line of seven or more `<`, later one of `=`, later one of `>` (git-merge, "HOW
    CONFLICTS ARE PRESENTED"). The lines have no line ends. Of more than `DEEPEST` nested conflicts,
    the outer ones are left out.
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
