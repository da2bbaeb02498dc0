"""Finds what a pull request loses: lines added by upstream or downstream that its files lack.

The cause can be a rule of the Plan, a strategy option in a step, an answer, or a commit that was
not carried. Lines are compared verbatim within each file, so a moved line is not lost. Files that
`go mod vendor` makes again share one row, or they would hide the others.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from resync_argo.attempt.carry.picking import differing
from resync_argo.attempt.context import ReplayInput
from resync_argo.attempt.markdown import code, count
from resync_argo.budget import Budget
from resync_argo.conflicts.objects import list_tree, read_blobs
from resync_argo.conflicts.quoting import quote
from resync_argo.errors import ResyncError
from resync_argo.git import Git

MAX_FILES = 1_000
"""How many files to compare."""

MAX_CHARACTERS = 3_000
MAX_BYTES = 1 << 20
"""Bytes of a file; larger ones are not compared."""

_VENDOR = re.compile(rb"(?:.*?/)?vendor/", re.DOTALL)
"""The first folder of that name in a path, where Go keeps the packages of a module."""

_WORD = re.compile(rb"[0-9A-Za-z\x80-\xff]")
_COST = Budget(seconds=60, output_bytes=64 << 20)


@dataclass(frozen=True, kw_only=True)
class Loss:
    """The lines that a file of the result lacks, or the vendored files of a folder.

    Attributes:
        path: the file; or the folder, with a slash at its end.
        upstream: how many that upstream added since the last common commit.
        downstream: how many that downstream added since.
        vendored: how many files of the folder lack some; 0 for a file.
    """

    path: bytes
    upstream: int
    downstream: int
    vendored: int = 0


def find_losses(git: Git, replay: ReplayInput, commit: str) -> list[Loss] | None:
    """Return the files that lack lines, worst first, and vendored ones last; None if there is too much to compare.

    Args:
        git: the trusted clone.
        replay: the result's input.
        commit: the result.
    """
    if not replay.merge_bases:
        return []
    try:
        return _find(git.within(_COST), replay, commit)
    except ResyncError:
        return None


def describe_losses(losses: Sequence[Loss] | None) -> str:
    """Return Markdown for the pull request, of at most 4,000 characters; "" if nothing is lost."""
    if losses is None:
        return "**Too large to compare:** it may leave out lines of either side."
    if not losses:
        return ""
    rows = [f"| {_place(it)} | {it.upstream:,} | {it.downstream:,} |" for it in losses]
    ends = accumulate(len(row) + 1 for row in rows)
    shown = [row for row, end in zip(rows, ends, strict=True) if end <= MAX_CHARACTERS]
    files = sum(it.vendored or 1 for it in losses)
    lines = [
        f"**Lines that it leaves out**, in {count(files, 'file')}: what a side added since the common"
        " ancestor, and the result lacks.",
        "",
        "| File | Upstream's lines | Downstream's lines |",
        "|---|---|---|",
        *shown,
    ]
    if len(rows) > len(shown):
        lines.append(f"\n… and {len(rows) - len(shown):,} more files.")
    return "\n".join(lines)


def _place(loss: Loss) -> str:
    name = code(quote(loss.path))
    if not loss.vendored:
        return name
    return f"{name}, {count(loss.vendored, 'file')} that `go mod vendor` makes"


def _find(git: Git, replay: ReplayInput, commit: str) -> list[Loss] | None:
    base = replay.merge_bases[0]
    sides = (replay.tag_commit, replay.head)
    paths = [differing(git, base, side) & differing(git, side, commit) for side in sides]
    every = sorted(paths[0] | paths[1])
    if len(every) > MAX_FILES:
        return None
    before, result = (_lines(git, tree, every) for tree in (base, commit))
    lost = [
        _lost(before, _lines(git, side, sorted(own)), result, own)
        for side, own in zip(sides, paths, strict=True)
    ]
    found = [
        Loss(path=path, upstream=lost[0][path], downstream=lost[1][path])
        for path in every
        if lost[0][path] or lost[1][path]
    ]
    vendored, others = _vendored(git, commit, found)
    return [*sorted(others, key=lambda it: (-it.upstream - it.downstream, it.path)), *vendored]


def _vendored(git: Git, commit: str, losses: Sequence[Loss]) -> tuple[list[Loss], list[Loss]]:
    """Return one loss for each folder that `go mod vendor` made, and the losses of all other files."""
    named = {match[0] for it in losses if (match := _VENDOR.match(it.path))}
    lists = list_tree(git, commit, *(it + b"modules.txt" for it in sorted(named))) if named else {}
    folders: dict[bytes, list[Loss]] = {it.removesuffix(b"modules.txt"): [] for it in lists}
    others: list[Loss] = []
    for it in losses:
        match = _VENDOR.match(it.path)
        (folders[match[0]] if match and match[0] in folders else others).append(it)
    return [
        Loss(
            path=folder,
            upstream=sum(it.upstream for it in inside),
            downstream=sum(it.downstream for it in inside),
            vendored=len(inside),
        )
        for folder, inside in sorted(folders.items())
    ], others


def _lines(git: Git, tree: str, paths: Sequence[bytes]) -> dict[bytes, Counter[bytes]]:
    """Return the meaningful lines of text files, with the count of each."""
    listed = list_tree(git, tree, *paths) if paths else {}
    entries = {path: it.id for path, it in listed.items() if it.is_file}
    contents = dict(read_blobs(git, sorted(set(entries.values()))))
    return {path: Counter(_words(contents[oid])) for path, oid in entries.items()}


def _words(content: bytes) -> list[bytes]:
    if len(content) > MAX_BYTES or b"\0" in content:
        return []
    lines = (line.strip() for line in content.splitlines())
    return [line for line in lines if _WORD.search(line)]


def _lost(
    before: dict[bytes, Counter[bytes]],
    side: dict[bytes, Counter[bytes]],
    result: dict[bytes, Counter[bytes]],
    paths: Iterable[bytes],
) -> Counter[bytes]:
    none = Counter[bytes]()
    found = Counter[bytes]()
    for path in paths:
        added = side.get(path, none) - before.get(path, none)
        found[path] = (added - result.get(path, none)).total()
    return found
