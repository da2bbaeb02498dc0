"""Merges the contents of conflicted files, with marker lines under our labels.

`conflict_trees` asks it about the paths that are regular files on both sides. Merged with
`git merge-file` from the stages alone, in the trusted clone, a few files at a time so that memory
stays small.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from resync_argo.conflicts.markers import labels
from resync_argo.conflicts.objects import read_blobs
from resync_argo.conflicts.record import Conflict, ConflictPath, Entry, Kind
from resync_argo.errors import ResyncError
from resync_argo.git import Git

MAX_BYTES = 4 << 20
"""Of one side; a larger file is not one that a person resolves in a browser."""

_AT_ONCE = 16 << 20
"""Bytes that are held in memory at a time, give or take one path."""

_MAX_CONFLICTS = 127
"""What `git merge-file` counts up to in its exit code; git itself fails with more than that."""


def mark_contents(
    git: Git, conflict: Conflict, paths: Sequence[ConflictPath], key: str
) -> dict[bytes, Entry | Kind]:
    """Return for each path the file with markers, or why it can have none.

    Raises:
        GitError: a side's content is not in the repository.
    """
    sizes = _sizes(git, [entry.id for path in paths for entry in path.stages.values()])
    marked: dict[bytes, Entry | Kind] = {}
    small = []
    for path in paths:
        if all(sizes[entry.id] <= MAX_BYTES for entry in path.stages.values()):
            small.append(path)
        else:
            marked[path.path] = Kind.TOO_LARGE
    for group in _groups(small, sizes):
        with tempfile.TemporaryDirectory() as folder:
            marked |= _mark_group(git, conflict, group, _Merger(git, Path(folder), key))
    return marked


def _groups(
    paths: Sequence[ConflictPath], sizes: Mapping[str, int]
) -> Iterator[Sequence[ConflictPath]]:
    group: list[ConflictPath] = []
    total = 0
    for path in paths:
        group.append(path)
        total += sum(sizes[entry.id] for entry in path.stages.values())
        if total > _AT_ONCE:
            yield group
            group, total = [], 0
    if group:
        yield group


class _Merger:
    """Merges contents in a folder of its own."""

    def __init__(self, git: Git, folder: Path, key: str) -> None:
        self._git = git
        self._folder = folder
        self._labels = labels(key)

    def merge(self, number: int, sides: Sequence[bytes]) -> Path | Kind:
        """Merge downstream, ancestor and upstream; return the file, or why there is none."""
        files = [self._folder / f"{number}.{name}" for name in ("downstream", "base", "upstream")]
        for file, content in zip(files, sides, strict=True):
            file.write_bytes(content)
        downstream, upstream = self._labels
        named = ("-L", downstream, "-L", "ancestor", "-L", upstream)
        done = self._git.attempt("merge-file", "-p", "-q", *named, *map(str, files))
        if done.returncode == 0:
            return Kind.OTHER
        if done.returncode > _MAX_CONFLICTS:
            return Kind.BINARY
        result = self._folder / f"{number}.result"
        result.write_bytes(done.stdout)
        return result

    def store(self, files: Sequence[Path]) -> list[str]:
        """Write files as blobs; return their ids."""
        names = "".join(f"{file}\n" for file in files).encode()
        argv = ("hash-object", "-w", "--no-filters", "--stdin-paths")
        return self._git.run(*argv, stdin=names).decode().split()


def _mark_group(
    git: Git, conflict: Conflict, paths: Sequence[ConflictPath], merger: _Merger
) -> dict[bytes, Entry | Kind]:
    order = (conflict.downstream, 1, conflict.upstream)
    results: dict[bytes, Entry | Kind] = {}
    files: dict[bytes, Path] = {}
    contents = dict(read_blobs(git, [e.id for path in paths for e in path.stages.values()]))
    for number, path in enumerate(paths):
        sides = [contents[path.stages[s].id] if s in path.stages else b"" for s in order]
        merged = merger.merge(number, sides)
        if isinstance(merged, Kind):
            results[path.path] = merged
        else:
            files[path.path] = merged
    stored = zip(files, merger.store(list(files.values())), strict=True)
    modes = {path.path: merged_mode(path.stages, conflict) for path in paths}
    return results | {path: Entry(modes[path], oid) for path, oid in stored}


def merged_mode(stages: Mapping[int, Entry], conflict: Conflict) -> str:
    """Return the mode that merging three modes gives; downstream's where both changed it."""
    downstream, upstream = stages[conflict.downstream].mode, stages[conflict.upstream].mode
    return upstream if 1 in stages and stages[1].mode == downstream else downstream


def _sizes(git: Git, ids: Sequence[str]) -> dict[str, int]:
    stdin = "".join(f"{oid}\n" for oid in ids).encode()
    lines = git.run("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=stdin)
    fields = (line.split() for line in lines.decode().splitlines())
    try:
        return {oid: int(size) for oid, size in fields}
    except ValueError as error:
        raise ResyncError("A file of the conflict is not in the clone.") from error
