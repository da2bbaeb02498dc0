"""Runs git's merge of two commits and parses its output: stages, and structured messages.

The output is that of git-merge-tree, "OUTPUT", with `-z`. Needs git 2.38 (`--write-tree`). A pick,
a revert or a rebase has its own base. Since `--merge-base` came with git 2.40, three commits are
created for it, which any version can merge.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from resync_argo.attempt.merge.bench import OURS, THEIRS, open_bench
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.repeat import repeat
from resync_argo.conflicts.record import Entry
from resync_argo.git import Git, GitError

OUR_STAGE, THEIR_STAGE = 2, 3
"""Numbers of the sides in git's index (git-ls-files, "-u"); 1 is the common ancestor."""

Stages = Mapping[bytes, Mapping[int, Entry]]


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The input of a merge.

    Attributes:
        ours: the commit (with `base`: or tree) to merge into; git's stage 2.
        theirs: the one to merge; stage 3.
        base: a commit or tree that serves as the ancestor; None: git finds it.
    """

    ours: str
    theirs: str
    base: str | None = None


@dataclass(frozen=True, kw_only=True)
class Note:
    """One of git's messages: its type, such as `CONFLICT (contents)`, and the paths that it concerns."""

    type: str
    paths: tuple[bytes, ...]


@dataclass(frozen=True, kw_only=True)
class RawMerge:
    """The output of a merge.

    Attributes:
        clean: nothing is in conflict.
        tree: the result, with marker lines where contents conflict.
        stages: the entries of each unmerged path.
        notes: git's messages.
        labels: those of marker lines, for our side and theirs.
        sides: the input.
    """

    clean: bool
    tree: str
    stages: Stages
    notes: tuple[Note, ...]
    labels: tuple[str, str]
    sides: Sides


def merge(git: Git, sides: Sides, options: MergeOptions, *, attributes: bytes = b"") -> RawMerge:
    """Merge with our side's attributes.

    Args:
        git: the repository with the objects; results go into it.
        sides: what is merged.
        options: how.
        attributes: attributes that override the commit's.

    Raises:
        GitError: git cannot merge, usually because an object is missing or the histories are
            unrelated.
    """
    with open_bench(git, sides.ours, settings=options.effective, attributes=attributes) as bench:
        _point(bench, sides)
        unrelated = ["--allow-unrelated-histories"] if options.unrelated else []
        done = bench.attempt(
            *("merge-tree", "--write-tree", "--messages", "-z", *unrelated, OURS, THEIRS)
        )
        if done.returncode not in (0, 1):
            said = done.stderr.decode(errors="replace")
            raise GitError(("merge-tree",), done.returncode, said)
        tree, stages, notes = _parse(done.stdout)
        labels = (OURS, THEIRS)
        clean = done.returncode == 0
        if options.needs_repeat:
            tree, stages = repeat(bench, options)
            clean, labels = not stages, ("HEAD", THEIRS)
        return RawMerge(
            clean=clean, tree=tree, stages=stages, notes=notes, labels=labels, sides=sides
        )


def _point(bench: Git, sides: Sides) -> None:
    """Create the two branches to merge."""
    ours, theirs = sides.ours, sides.theirs
    if sides.base is not None:
        base = _commit(bench, sides.base, [])
        ours, theirs = (_commit(bench, it, ["-p", base]) for it in (ours, theirs))
    commands = f"create refs/heads/{OURS} {ours}\ncreate refs/heads/{THEIRS} {theirs}\n"
    bench.run("update-ref", "--stdin", stdin=commands.encode())
    bench.run("symbolic-ref", "HEAD", f"refs/heads/{OURS}")


def _commit(bench: Git, tree: str, parents: list[str]) -> str:
    return bench.text("commit-tree", "-m", "-", *parents, f"{tree}^{{tree}}")


def _parse(output: bytes) -> tuple[str, Stages, tuple[Note, ...]]:
    fields = iter(output.split(b"\0"))
    tree = next(fields).decode()
    stages: dict[bytes, dict[int, Entry]] = {}
    for field in fields:
        if not field:
            break
        meta, _, path = field.partition(b"\t")
        mode, oid, stage = meta.decode().split(" ")
        stages.setdefault(path, {})[int(stage)] = Entry(mode, oid)
    return tree, stages, tuple(_notes(fields))


def _notes(fields: Iterator[bytes]) -> Iterator[Note]:
    for count in fields:
        if not count.isdigit():
            return
        paths = tuple(next(fields) for _ in range(int(count)))
        kind = next(fields)
        next(fields)
        yield Note(type=os.fsdecode(kind), paths=paths)
