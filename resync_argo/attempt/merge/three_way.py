"""Merges single files by their entries, with git's own merge: no renames, each path on its own."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from resync_argo.attempt.merge.conflicts import pick_entries
from resync_argo.attempt.merge.edited import can_edit, edited
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.raw import RawMerge, Sides, merge
from resync_argo.conflicts.record import Entries, Entry
from resync_argo.git import Git

UNION = b"* merge=union\n"
"""Attributes that keep the lines of both sides (gitattributes(5), "union")."""


@dataclass(frozen=True, kw_only=True)
class Three:
    """The versions of one path."""

    path: bytes
    base: Entry | None
    ours: Entry | None
    theirs: Entry | None


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of merging a path.

    Attributes:
        clean: there is no conflict.
        entry: the merged file, with marker lines unless it is clean; None if it is absent.
        raw: the whole merge.
    """

    clean: bool
    entry: Entry | None
    raw: RawMerge


def merge_entries(
    git: Git,
    versions: Sequence[Three],
    options: MergeOptions,
    *,
    attributes_of: str,
    attributes: bytes = b"",
) -> dict[bytes, Result]:
    """Merge paths, each on its own.

    Args:
        git: the repository with the objects.
        versions: of the paths.
        options: how.
        attributes_of: the commit or tree whose attributes apply.
        attributes: attributes that override those.

    Raises:
        GitError: an object is missing.
    """
    alone = {"merge.renames": "false", "merge.directoryRenames": "false"}
    settings = {**options.settings, **alone}
    given = tuple(it for it in options.options if "rename" not in it and "subtree" not in it)
    own = replace(options, strategy=None, options=given, settings=settings)
    inherited = _inherited(git, attributes_of)
    results: dict[bytes, Result] = {}
    for batch in _batches(versions):
        base, ours, theirs = (
            write_tree(git, inherited, {it.path: getattr(it, side) for it in batch})
            for side in ("base", "ours", "theirs")
        )
        sides = Sides(ours=ours, theirs=theirs, base=base)
        raw = merge(git, sides, own, attributes=attributes)
        merged = pick_entries(git, raw.tree, [it.path for it in batch])
        for it in batch:
            results[it.path] = Result(
                clean=it.path not in raw.stages, entry=merged.get(it.path), raw=raw
            )
    return results


def write_tree(git: Git, tree: str | None, changes: Entries) -> str:
    """Return a tree with changed entries; None deletes a path, and a file replaces a directory.

    Args:
        git: the repository.
        tree: the one to change; None for an empty one.
        changes: by path.
    """
    if tree is not None and can_edit(changes):
        return edited(git, tree, changes)
    zeros = "0" * 40
    lines = b"".join(
        f"{entry.mode} {entry.id}".encode() + b"\t" + path + b"\0"
        if entry
        else f"0 {zeros}".encode() + b"\t" + path + b"\0"
        for path, entry in sorted(changes.items(), key=lambda it: it[1] is not None)
    )
    with tempfile.TemporaryDirectory() as folder:
        index = {**git.environment, "GIT_INDEX_FILE": str(Path(folder) / "index")}
        own = replace(git, environment=index)
        own.run("read-tree", tree or "--empty")
        own.run("update-index", "--replace", "-z", "--index-info", stdin=lines)
        return own.text("write-tree", "--missing-ok")


def _inherited(git: Git, tree: str) -> str:
    """Return a tree with only another tree's attribute files."""
    listing = git.run("ls-tree", "-r", "-z", tree, "--").split(b"\0")
    found: Mapping[bytes, Entry] = dict(_attribute_files(listing))
    return write_tree(git, None, found)


def _attribute_files(listing: Sequence[bytes]) -> Iterator[tuple[bytes, Entry]]:
    for line in listing:
        meta, _, path = line.partition(b"\t")
        if path.rpartition(b"/")[2] == b".gitattributes":
            mode, _, oid = meta.decode().split()
            yield path, Entry(mode, oid)


def _batches(versions: Sequence[Three]) -> Iterator[list[Three]]:
    """Yield paths that fit into one tree: it cannot hold a file and a directory of the same name."""
    left = sorted(versions, key=lambda it: it.path)
    while left:
        batch: list[Three] = []
        later: list[Three] = []
        for it in left:
            folder = batch[-1].path + b"/" if batch else None
            inside = folder is not None and it.path.startswith(folder)
            (later if inside else batch).append(it)
        yield batch
        left = later
