"""Merges two commits and returns the conflicts: the single source for runs, forecasts and rules."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from resync_argo.attempt.merge.logical import DIRECTORY, Logical, Trees, logical, wanted_names
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.raw import OUR_STAGE, RawMerge, Sides, merge
from resync_argo.conflicts.record import Entries, Entry
from resync_argo.git import Git

_FEW, _SHORT = 200, 100_000
"""How many names, and how many bytes in all, fit on a command line (execve(2): a word has at most 128 KiB)."""


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The result of a merge.

    Attributes:
        raw: git's output.
        conflicts: what is left to decide.
    """

    raw: RawMerge
    conflicts: tuple[Logical, ...]


def merge_sides(
    git: Git, sides: Sides, options: MergeOptions, *, upstream: int, attributes: bytes = b""
) -> Merged:
    """Merge.

    Args:
        git: the repository with the objects.
        sides: what to merge.
        options: how.
        upstream: the stage that holds upstream's side, 2 or 3.
        attributes: attributes that override the commit's.

    Raises:
        GitError: git cannot merge.
    """
    raw = merge(git, sides, options, attributes=attributes)
    if not raw.stages:
        return Merged(raw=raw, conflicts=())
    names = wanted_names(raw)
    trees = Trees(
        ours=pick_entries(git, sides.ours, names),
        theirs=pick_entries(git, sides.theirs, names),
        merged=pick_entries(git, raw.tree, names),
        find=lambda stage, entry: _find(
            git, sides.ours if stage == OUR_STAGE else sides.theirs, entry
        ),
    )
    return Merged(raw=raw, conflicts=tuple(logical(raw, trees, upstream=upstream)))


def pick_entries(git: Git, tree: str, names: Collection[bytes]) -> dict[bytes, Entry]:
    """Return a tree's entries at some paths, including directories.

    Raises:
        GitError: there is no such tree.
    """
    wanted, found = set(names), {}
    if not wanted:
        return {}
    # For a few names, git looks into their directories; for many, one full listing is faster.
    few = len(wanted) <= _FEW and sum(map(len, wanted)) <= _SHORT and all(map(_is_plain, wanted))
    argv: list[str | bytes] = ["--literal-pathspecs", "ls-tree", "-t", "-z"]
    argv += [tree, "--", *sorted(wanted)] if few else ["-r", tree, "--"]
    for line in git.run(*argv).split(b"\0"):
        meta, _, path = line.partition(b"\t")
        if path in wanted:
            mode, _, oid = meta.decode().split()
            found[path] = Entry(mode, oid)
    return found


def _is_plain(name: bytes) -> bool:
    """Return whether git keeps a path of a tree unchanged; a tree may also hold paths that git would clean up."""
    return not {b"", b".", b".."}.intersection(name.split(b"/"))


def _find(git: Git, tree: str, wanted: Entry) -> bytes | None:
    """Return the one path that has an entry; None for none or several."""
    paths = []
    for line in git.run("ls-tree", "-r", "-z", tree, "--").split(b"\0"):
        meta, _, path = line.partition(b"\t")
        if meta.endswith(wanted.id.encode()) and meta.startswith(wanted.mode.encode()):
            paths.append(path)
    return paths[0] if len(paths) == 1 else None


def is_directory(entry: Entry | None) -> bool:
    """Return whether an entry from `pick_entries` is a directory."""
    return entry is not None and entry.mode == DIRECTORY


def blocked_names(git: Git, tree: str, results: Sequence[Entries]) -> set[bytes]:
    """Return the names that cannot be placed: a directory has the name, or a file blocks the way."""
    names = {name for it in results for name, entry in it.items() if entry is not None}
    if not names:
        return set()
    parents = {name: set(_parents(name)) for name in names}
    there = pick_entries(git, tree, names.union(*parents.values()))
    return {
        name
        for name in names
        if is_directory(there.get(name))
        or any(it in there and not is_directory(there[it]) for it in parents[name])
    }


def _parents(name: bytes) -> Iterable[bytes]:
    parts = name.split(b"/")
    return (b"/".join(parts[:end]) for end in range(1, len(parts)))
