"""Puts familiar labels and our key into git's marker lines. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from resync_argo.attempt.merge.raw import OUR_STAGE
from resync_argo.conflicts.markers import Labels


def relabel(
    content: bytes, *, sides: tuple[str, str], labels: tuple[str, str, str]
) -> bytes | None:
    """Return a file with our labels in its marker lines; None where it has no conflict.

    Args:
        content: git's own file.
        sides: the labels that git was given for both sides.
        labels: the new ones for our side, the ancestor and their side.
    """
    lines = content.split(b"\n")
    spans = list(_spans(lines, sides))
    for begin, base, end in spans:
        for number, label in zip((begin, base, end), labels, strict=True):
            if number is not None:
                lines[number] = _labelled(lines[number], label)
    return b"\n".join(lines) if spans else None


@dataclass(frozen=True, kw_only=True)
class Hunk:
    """One place in conflict.

    Attributes:
        line: number of its first marker line, from 1.
        ours: the lines of our side.
        ancestor: the lines of the common ancestor.
        theirs: the lines of their side.
    """

    line: int
    ours: tuple[bytes, ...]
    ancestor: tuple[bytes, ...]
    theirs: tuple[bytes, ...]


def hunks(content: bytes, *, sides: tuple[str, str]) -> list[Hunk]:
    """Return the places in conflict of git's own file.

    Args:
        content: the file.
        sides: the labels that git was given for both sides.
    """
    lines = content.split(b"\n")
    found = []
    for begin, base, end in _spans(lines, sides):
        first = begin if base is None else base
        size = _size(lines[begin])
        divider = re.compile(rb"={%d}\r?\Z" % size)
        middle = next((n for n in range(first + 1, end) if divider.match(lines[n])), end)
        found.append(
            Hunk(
                line=begin + 1,
                ours=tuple(lines[begin + 1 : middle if base is None else base]),
                ancestor=() if base is None else tuple(lines[base + 1 : middle]),
                theirs=tuple(lines[middle + 1 : end]),
            )
        )
    return found


def side_labels(labels: Labels, *, upstream: int) -> tuple[str, str, str]:
    """Return the labels in git's order.

    Args:
        labels: of the conflict.
        upstream: the stage that holds upstream's side, 2 or 3.
    """
    ours, theirs = labels.downstream, labels.upstream
    if upstream == OUR_STAGE:
        ours, theirs = theirs, ours
    return ours, labels.ancestor, theirs


def _spans(lines: list[bytes], sides: tuple[str, str]) -> Iterator[tuple[int, int | None, int]]:
    """Yield the numbers of each conflict's marker lines: first, ancestor's, last."""
    first, last = (re.escape(side.encode()) for side in sides)
    opening = re.compile(rb"<+ %s(?::.*)?\r?\Z" % first, re.S)
    closing = re.compile(rb">+ %s(?::.*)?\r?\Z" % last, re.S)
    ancestor = re.compile(
        rb"\|+(?: [0-9a-f]{4,64}| merged common ancestors| empty tree)(?::.*)?\r?\Z|\|+\r?\Z", re.S
    )
    begin: int | None = None
    base: int | None = None
    for number, line in enumerate(lines):
        if opening.match(line):
            begin, base = number, None
        elif begin is None:
            continue
        elif base is None and ancestor.match(line) and _size(line) == _size(lines[begin]):
            base = number
        elif closing.match(line) and _size(line) == _size(lines[begin]):
            yield begin, base, number
            begin = None


def _size(line: bytes) -> int:
    return len(line) - len(line.lstrip(line[:1]))


def _labelled(line: bytes, label: str) -> bytes:
    end = b"\r" if line.endswith(b"\r") else b""
    return line[:1] * _size(line) + b" " + label.encode(errors="replace") + end
