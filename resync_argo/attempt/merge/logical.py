"""Turns git's stages and messages into decisions for people. Pure.

If both sides renamed a file, or one has a directory where the other has a file, git's index holds
half-merged contents and names that nobody chose (`x~HEAD`). So each side is read from its own tree;
stages only show what is unmerged. One conflict can concern several names: all whose existence
depends on the decision.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from resync_argo.attempt.merge.bench import OURS, THEIRS
from resync_argo.attempt.merge.raw import OUR_STAGE, THEIR_STAGE, Note, RawMerge
from resync_argo.conflicts.record import ConflictPath, Entry, Kind

SYMLINK = "120000"
SUBMODULE = "160000"
DIRECTORY = "040000"

_ASIDE = re.compile(rb"(.+)~(?:HEAD|%s|%s)(?:_\d+)?\Z" % (OURS.encode(), THEIRS.encode()), re.S)
_RENAMED = "CONFLICT (rename/rename)"
_MOVED = "CONFLICT (directory rename suggested)"
_RENAME_DELETE = "CONFLICT (rename/delete)"
_BINARY = "CONFLICT (binary)"
_NESTED = "CONFLICT (rename involved in collision)"

Tree = Mapping[bytes, Entry]


@dataclass(frozen=True, kw_only=True)
class Marked:
    """Git's own file with marker lines.

    Attributes:
        entry: the file.
        labels: git's labels for the lines of our side and of theirs.
        upstream: the stage that holds upstream's side, 2 or 3.
    """

    entry: Entry
    labels: tuple[str, str]
    upstream: int


@dataclass(frozen=True, kw_only=True)
class Logical:
    """One decision, with the parts of the merge that it comes from.

    Attributes:
        path: the sides, oriented as downstream and upstream.
        raw: the unmerged paths of git's index that it covers.
        marked: git's own file with marker lines; None if lines cannot show the conflict.
    """

    path: ConflictPath
    raw: frozenset[bytes]
    marked: Marked | None = None


@dataclass(frozen=True, kw_only=True)
class Trees:
    """The entries of the sides and of the result at some paths; directories have mode `040000`."""

    ours: Tree
    theirs: Tree
    merged: Tree
    find: Callable[[int, Entry], bytes | None]


def names_of(merge: RawMerge) -> dict[bytes, bytes]:
    """Return each unmerged path's real name, without the suffix of a file that git puts aside."""
    return {path: real_name(path) for path in merge.stages}


def real_name(path: bytes) -> bytes:
    """Return a path without the `~HEAD` that git appends to a file that it puts aside."""
    found = _ASIDE.fullmatch(path)
    return found[1] if found else path


def wanted_names(merge: RawMerge) -> set[bytes]:
    """Return the names that `logical` needs from the sides' trees."""
    return {name for note in merge.notes for name in map(real_name, note.paths)} | {
        *merge.stages,
        *names_of(merge).values(),
    }


def logical(merge: RawMerge, trees: Trees, *, upstream: int) -> list[Logical]:
    """Return the conflicts, sorted by path.

    Args:
        merge: git's output.
        trees: the entries at `wanted_names`.
        upstream: the stage of upstream's side, 2 or 3.
    """
    notes = _notes_by_name(merge)
    found = [_one(_Group.of(merge, trees, notes, members)) for members in _groups(merge)]
    oriented = [_swapped(one) for one in found] if upstream == OUR_STAGE else found
    return sorted((_named(one) for one in oriented), key=lambda it: it.path.path)


def _notes_by_name(merge: RawMerge) -> dict[bytes, list[Note]]:
    """Return git's messages by the real name that each concerns; a rename on both sides concerns three."""
    found: dict[bytes, list[Note]] = {}
    for note in merge.notes:
        about = note.paths if note.type == _RENAMED else note.paths[:1]
        for name in dict.fromkeys(map(real_name, about)):
            found.setdefault(name, []).append(note)
    return found


def _groups(merge: RawMerge) -> list[set[bytes]]:
    """Return the unmerged paths that belong together."""
    parents = {path: path for path in merge.stages}

    def root(path: bytes) -> bytes:
        while parents[path] != path:
            path = parents[path]
        return path

    by_name: dict[bytes, list[bytes]] = {}
    for path, name in names_of(merge).items():
        by_name.setdefault(name, []).append(path)
    linked = [*by_name.values(), *(note.paths for note in merge.notes if note.type == _RENAMED)]
    for paths in linked:
        members = [path for it in paths for path in by_name.get(real_name(it), [])]
        for path in members[1:]:
            parents[root(path)] = root(members[0])
    groups: dict[bytes, set[bytes]] = {}
    for path in merge.stages:
        groups.setdefault(root(path), set()).add(path)
    return list(groups.values())


@dataclass(frozen=True, kw_only=True)
class _Group:
    """Unmerged paths that belong together, with facts about them."""

    merge: RawMerge
    trees: Trees
    raw: frozenset[bytes]
    names: tuple[bytes, ...]
    types: frozenset[str]

    @classmethod
    def of(
        cls,
        merge: RawMerge,
        trees: Trees,
        notes: Mapping[bytes, Sequence[Note]],
        raw: Iterable[bytes],
    ) -> "_Group":
        names = {real_name(path) for path in raw}
        about = [note for name in names for note in notes.get(name, ())]
        moved = [real_name(path) for it in about if it.type == _MOVED for path in it.paths[:2]]
        return cls(
            merge=merge,
            trees=trees,
            raw=frozenset(raw),
            names=tuple(sorted({*names, *moved})),
            types=frozenset(it.type for it in about),
        )

    def own(self, stage: int) -> dict[bytes, Entry]:
        """Return a side's own files by their names."""
        tree = self.trees.ours if stage == OUR_STAGE else self.trees.theirs
        own = {n: tree[n] for n in self.names if n in tree and tree[n].mode != DIRECTORY}
        if own:
            return own
        # The file has another name there, because only the other side renamed it.
        stages = {path: self.merge.stages[path] for path in sorted(self.raw)}
        staged = {path: entries[stage] for path, entries in stages.items() if stage in entries}
        return {self._name_of(path, entry, stage): entry for path, entry in staged.items()}

    def _name_of(self, path: bytes, entry: Entry, stage: int) -> bytes:
        found = self.trees.find(stage, entry) if _MOVED in self.types else None
        return found or real_name(path)

    @property
    def ancestor(self) -> Entry | None:
        entries = [self.merge.stages[path].get(1) for path in sorted(self.raw)]
        return next((entry for entry in entries if entry), None)

    @property
    def is_beside_directory(self) -> bool:
        trees = (self.trees.ours, self.trees.theirs, self.trees.merged)
        return any(
            name in tree and tree[name].mode == DIRECTORY for tree in trees for name in self.names
        )


def _one(group: _Group) -> Logical:
    ours, theirs = group.own(OUR_STAGE), group.own(THEIR_STAGE)
    names = tuple(sorted({*group.names, *ours, *theirs}))
    path = ConflictPath(
        path=min(group.raw),
        ancestor=group.ancestor,
        downstream=ours,
        upstream=theirs,
        names=names,
    )
    kind = _kind(group, path)
    marked = _marked(group, kind)
    return Logical(path=replace(path, kind=kind), raw=group.raw, marked=marked)


def _kind(group: _Group, path: ConflictPath) -> Kind:
    modes = {it.mode for side in (path.downstream, path.upstream) for it in side.values()}
    checks = (
        (SUBMODULE in modes, Kind.SUBMODULE),
        (SYMLINK in modes, Kind.SYMLINK),
        (_RENAMED in group.types, Kind.RENAME_RENAME),
        (_MOVED in group.types, Kind.MOVED),
        (group.is_beside_directory, Kind.FILE_DIRECTORY),
        (_RENAME_DELETE in group.types, Kind.RENAME_DELETE),
        (not path.downstream, Kind.DELETED_DOWNSTREAM),
        (not path.upstream, Kind.DELETED_UPSTREAM),
        (_BINARY in group.types, Kind.BINARY),
    )
    found = next((kind for applies, kind in checks if applies), None)
    return found or _both_present(group, path)


def _both_present(group: _Group, path: ConflictPath) -> Kind:
    sides = path.both
    if sides is not None and sides[0].id == sides[1].id:
        return Kind.MODE
    stages = group.merge.stages[min(group.raw)]
    if len(group.raw) != 1 or sides != (stages.get(OUR_STAGE), stages.get(THEIR_STAGE)):
        return Kind.COLLISION
    return Kind.BOTH_MODIFIED if path.ancestor else Kind.BOTH_ADDED


def _marked(group: _Group, kind: Kind) -> Marked | None:
    if kind not in (Kind.BOTH_MODIFIED, Kind.BOTH_ADDED, Kind.COLLISION, Kind.MOVED):
        return None
    # Markers within markers: half of them would remain when a person removes only ours.
    if len(group.raw) != 1 or _NESTED in group.types:
        return None
    stages = group.merge.stages[min(group.raw)]
    if not all(it in stages and stages[it].is_file for it in (OUR_STAGE, THEIR_STAGE)):
        return None
    entry = group.trees.merged.get(min(group.raw))
    return Marked(entry=entry, labels=group.merge.labels, upstream=THEIR_STAGE) if entry else None


def _swapped(one: Logical) -> Logical:
    path = one.path
    kinds = {
        Kind.DELETED_UPSTREAM: Kind.DELETED_DOWNSTREAM,
        Kind.DELETED_DOWNSTREAM: Kind.DELETED_UPSTREAM,
    }
    swapped = replace(
        path,
        downstream=path.upstream,
        upstream=path.downstream,
        kind=kinds.get(path.kind, path.kind),
    )
    marked = one.marked and replace(one.marked, upstream=OUR_STAGE)
    return replace(one, path=swapped, marked=marked)


def _named(one: Logical) -> Logical:
    """Choose the name to show to people: git's, or one that the file has."""
    path = one.path
    if path.kind is Kind.MOVED or len(path.names) == 1:
        name = real_name(min(one.raw))
    else:
        name = min(path.downstream or path.upstream or dict.fromkeys(path.names))
    return replace(one, path=replace(path, path=name))
