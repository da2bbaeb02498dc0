"""Finds the conflicts at a stop: repeats git's own merge for the paths that the step left unmerged.

Files that git merged cleanly in the step stay as they are. A merge driver of the step may know more
than we do, so its conflicts go to people. In some cases only the index's stages count, and each
path is merged on its own: there are no two commits (`git apply -3`), the step did not merge HEAD
itself, or its git saw other renames than ours.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from resync_argo.attempt.merge.conflicts import Merged, is_directory, merge_sides, pick_entries
from resync_argo.attempt.merge.logical import Logical, real_name
from resync_argo.attempt.merge.raw import Stages
from resync_argo.attempt.merge.three_way import Three, merge_entries
from resync_argo.attempt.resolve.operation import Operation
from resync_argo.attempt.resolve.request import Request
from resync_argo.attempt.resolve.work import from_three
from resync_argo.conflicts.markers import opening_lines
from resync_argo.conflicts.objects import read_blobs
from resync_argo.conflicts.record import ConflictPath, Entry, Kind
from resync_argo.git import Git, GitError


@dataclass(frozen=True, kw_only=True)
class Found:
    """The conflicts at a stop.

    Attributes:
        conflicts: those to decide.
        clean: paths that the step's git left unmerged and ours merges.
        aside: names next to which an old git left a file under another name, only in the work tree.
    """

    conflicts: tuple[Logical, ...]
    clean: Mapping[bytes, Entry | None]
    aside: tuple[bytes, ...] = ()


def find_conflicts(git: Git, operation: Operation, request: Request, tree: str) -> Found:
    """Find the conflicts.

    Args:
        git: the trusted clone.
        operation: what git was doing.
        request: what the step left unmerged.
        tree: what is merged.

    Raises:
        GitError: an object is missing.
    """
    merged = _repeated(git, operation)
    if merged is None or not _fits(git, merged, operation, request.stages):
        return _by_path(git, operation, request, tree)
    known = _known(merged)
    stems = {path: _stem(path, known) for path in request.stages}
    left_over = set(stems.values())
    conflicts = [it for it in merged.conflicts if left_over & {*it.raw, *it.path.names}]
    left = [path for path, stem in stems.items() if stem is None]
    if _has_drivers(request):
        conflicts += [_unshown(path, request.stages[path], operation.upstream) for path in left]
        left = []
    there = pick_entries(git, merged.raw.tree, left)
    clean = {path: entry for path, entry in there.items() if not is_directory(entry)}
    if not all(path in clean and request.stages[path].keys() == {1, 2, 3} for path in left):
        # Half of the step's merge and half of our merge can lose a file that each of them moves elsewhere.
        return _by_path(git, operation, request, tree)
    return Found(conflicts=tuple(conflicts), clean=clean, aside=_aside(conflicts, request.stages))


def _repeated(git: Git, operation: Operation) -> Merged | None:
    if operation.sides is None:
        return None
    try:
        return merge_sides(
            git,
            operation.sides,
            operation.options,
            upstream=operation.upstream,
            attributes=operation.attributes,
        )
    except GitError:
        if operation.name == "merge":
            raise
        return None


def _fits(git: Git, merged: Merged, operation: Operation, stages: Stages) -> bool:
    """Return whether the step can have merged what we did: not if it did not merge into HEAD."""
    if not operation.is_guessed:
        return True
    known = _known(merged)
    own = _by_name((real_name(path), it) for path, it in merged.raw.stages.items())
    there = _by_name((real_name(_stem(path, known) or path), it) for path, it in stages.items())
    return all(_are_same(git, own.get(name, set()), it) for name, it in there.items())


def _known(merged: Merged) -> set[bytes]:
    return {path for it in merged.conflicts for path in (*it.raw, *it.path.names)}


_Staged = tuple[int, Entry]


def _by_name(staged: Iterable[tuple[bytes, Mapping[int, Entry]]]) -> dict[bytes, set[_Staged]]:
    """Return the unmerged stages by name: git puts files aside under names with its labels."""
    found: dict[bytes, set[_Staged]] = {}
    for name, entries in staged:
        found.setdefault(name, set()).update(entries.items())
    return found


def _are_same(git: Git, own: set[_Staged], there: set[_Staged]) -> bool:
    """Return whether stages differ only in marker lines, which git writes if both sides renamed."""
    differing = (own - there, there - own)
    places = [sorted((stage, it.mode) for stage, it in side) for side in differing]
    if places[0] != places[1]:
        return False
    contents = read_blobs(git, [it.id for side in differing for _, it in side if it.is_file])
    return all(any(opening_lines(content)) for _, content in contents)


def _stem(path: bytes, known: set[bytes]) -> bytes | None:
    """Return the path of our merge that a path of the step's index belongs to."""
    if path in known:
        return path
    stem, tilde, _ = path.rpartition(b"~")
    while tilde:
        if stem in known:
            return stem
        stem, tilde, _ = stem.rpartition(b"~")
    return None


def _aside(conflicts: list[Logical], stages: Stages) -> tuple[bytes, ...]:
    names = {it.path.path for it in conflicts if it.raw - {it.path.path}}
    return tuple(sorted(names & stages.keys()))


def _by_path(git: Git, operation: Operation, request: Request, tree: str) -> Found:
    """Merge each path on its own, from its stages."""
    upstream = operation.upstream
    staged = {name: dict(it) for name, it in _named(git, request.stages, tree).items()}
    versions = [
        Three(path=name, base=it.get(1), ours=it.get(5 - upstream), theirs=it.get(upstream))
        for name, it in staged.items()
    ]
    results = merge_entries(git, versions, operation.options, attributes_of=tree)
    conflicts: list[Logical] = []
    clean: dict[bytes, Entry | None] = {}
    for it in versions:
        result, entries = results[it.path], staged[it.path]
        if not result.clean:
            conflicts.append(from_three(it, result))
        elif entries.keys() == {1}:
            clean[it.path] = None
        else:
            # Git asks although the lines would merge: it has another name or another merge in mind.
            conflicts.append(_unshown(it.path, entries, upstream))
    aside = tuple(sorted(staged.keys() & request.stages.keys()))
    return Found(conflicts=tuple(conflicts), clean=clean, aside=aside)


def _has_drivers(request: Request) -> bool:
    """Return whether the step has its own merge drivers, which only its git can run."""
    names = (*request.settings, *dict(request.call.settings))
    return any(re.fullmatch(r"merge\..+\.driver", name, re.S) for name in names)


def _unshown(path: bytes, entries: Mapping[int, Entry], upstream: int) -> Logical:
    """Return the conflict of a path whose lines would merge, although the step's git asks."""
    sides = [{path: entries[it]} if it in entries else {} for it in (5 - upstream, upstream)]
    conflict = ConflictPath(
        path=path,
        ancestor=entries.get(1),
        downstream=sides[0],
        upstream=sides[1],
        names=(path,),
        kind=Kind.UNDECIDED,
    )
    return Logical(path=conflict, raw=frozenset([path]))


def _named(git: Git, stages: Stages, tree: str) -> dict[bytes, set[_Staged]]:
    """Return the unmerged stages by name: git puts files aside if the other side has the name."""
    stems = {path.rpartition(b"~")[0] for path in stages} - {b""}
    there = pick_entries(git, tree, stems)
    taken = {stem for stem in stems if stem in stages or is_directory(there.get(stem))}
    parts = ((path, path.rpartition(b"~")[0]) for path in stages)
    return _by_name((stem if stem in taken else path, stages[path]) for path, stem in parts)
