"""What is in conflict at a stop: git's own merge repeated, on the paths that the step left unmerged.

What git merged cleanly in the step stays as it is there; a merge driver of the step may know more than
we do. Where no two commits are behind it (`git am`, `git apply -3`, `git stash pop`), or the step did
not merge HEAD itself, the index's stages are all that there is, and each path is merged by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from resync_argo.attempt.merge.conflicts import Merged, is_directory, merge_sides, pick_entries
from resync_argo.attempt.merge.logical import Logical
from resync_argo.attempt.merge.raw import Stages
from resync_argo.attempt.merge.three_way import Three, merge_entries
from resync_argo.attempt.resolve.operation import Operation
from resync_argo.attempt.resolve.request import Request
from resync_argo.attempt.resolve.work import from_three
from resync_argo.conflicts.record import Entry
from resync_argo.git import Git, GitError


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a stop is about.

    Attributes:
        conflicts: what is to be decided.
        clean: paths that the step's git left unmerged and ours merges.
        aside: names beside which an old git left a file under another name, in the work tree alone.
    """

    conflicts: tuple[Logical, ...]
    clean: Mapping[bytes, Entry | None]
    aside: tuple[bytes, ...] = ()


def find_conflicts(git: Git, operation: Operation, request: Request, tree: str) -> Found:
    """Find out what is in conflict.

    Args:
        git: the trusted clone.
        operation: what git was doing.
        request: what the step left unmerged.
        tree: what is merged.

    Raises:
        GitError: an object is missing.
    """
    merged = _repeated(git, operation)
    if merged is None or not _fits(merged, operation, request.stages):
        return _by_path(git, operation, request.stages, tree)
    mine = {path for it in merged.conflicts for path in (*it.raw, *it.path.names)}
    stems = {path: _stem(path, mine) for path in request.stages}
    left_over = set(stems.values())
    conflicts = [it for it in merged.conflicts if left_over & {*it.raw, *it.path.names}]
    left = [path for path, stem in stems.items() if stem is None]
    clean = pick_entries(git, merged.raw.tree, left)
    files = {path: None if is_directory(clean.get(path)) else clean.get(path) for path in left}
    return Found(conflicts=tuple(conflicts), clean=files, aside=_aside(conflicts, request.stages))


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


def _fits(merged: Merged, operation: Operation, stages: Stages) -> bool:
    """Tell whether the step can have merged what we did: not where it did not merge into HEAD."""
    if operation.name != "index":
        return True
    return all(merged.raw.stages.get(path) == dict(entries) for path, entries in stages.items())


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


def _by_path(git: Git, operation: Operation, stages: Stages, tree: str) -> Found:
    """Merge each path by itself, from its stages."""
    names = {path: _name(path, git, tree) for path in stages}
    upstream = operation.upstream
    versions = [
        Three(
            path=names[path],
            base=entries.get(1),
            ours=entries.get(5 - upstream),
            theirs=entries.get(upstream),
        )
        for path, entries in stages.items()
    ]
    results = merge_entries(git, versions, operation.options, attributes_of=tree)
    clean = {path: it.entry for path, it in results.items() if it.clean}
    conflicts = [from_three(it, results[it.path]) for it in versions if it.path not in clean]
    return Found(conflicts=tuple(conflicts), clean=clean)


def _name(path: bytes, git: Git, tree: str) -> bytes:
    """Return the name of a file that git put aside since a directory has its place."""
    stem, tilde, _ = path.rpartition(b"~")
    if not tilde:
        return path
    return stem if is_directory(pick_entries(git, tree, [stem]).get(stem)) else path
