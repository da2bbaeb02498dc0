"""Says what both sides did to a path, from its stages and from the trees around it. Pure.

Git's index tells less than its messages do, and messages are not for programs: `classify` draws the
kind from the shape of the stages. `conflict_trees` calls it for every path, and refines what only
the contents tell (a binary file, a file without conflicting lines).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from resync_argo.conflicts.record import Conflict, ConflictPath, Kind

SYMLINK = "120000"
SUBMODULE = "160000"


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What is known beside the stages.

    Attributes:
        conflict: all of the conflict.
        in_ancestor: whether the ancestor's tree has a path; a stage 1 from elsewhere was renamed.
        is_directory: whether the merged tree has a directory at a path.
    """

    conflict: Conflict
    in_ancestor: Callable[[bytes], bool]
    is_directory: Callable[[bytes], bool]

    @cached_property
    def paths(self) -> Mapping[bytes, ConflictPath]:
        """Return the conflict's paths by name."""
        return {path.path: path for path in self.conflict.paths}


def classify(path: ConflictPath, around: Surroundings) -> Kind:
    """Return the kind of a path, as far as names, modes and ids tell."""
    sides = [path.stages.get(number) for number in (2, 3)]
    if all(sides):
        return _both_present(path)
    moved_aside = _moved_aside(path, around)
    if moved_aside is not None:
        return moved_aside
    if len(path.stages) == 1:
        return _alone(path, around)
    if not around.in_ancestor(path.path):
        return Kind.RENAME_DELETE
    deleted_upstream = around.conflict.upstream not in path.stages
    return Kind.DELETED_UPSTREAM if deleted_upstream else Kind.DELETED_DOWNSTREAM


def _both_present(path: ConflictPath) -> Kind:
    special = _special(path)
    if special is not None:
        return special
    if path.stages[2].id == path.stages[3].id:
        return Kind.MODE
    return Kind.BOTH_MODIFIED if 1 in path.stages else Kind.BOTH_ADDED


def _special(*paths: ConflictPath) -> Kind | None:
    modes = {
        path.stages[number].mode for path in paths for number in (2, 3) if number in path.stages
    }
    if SUBMODULE in modes:
        return Kind.SUBMODULE
    return Kind.SYMLINK if SYMLINK in modes else None


def _moved_aside(path: ConflictPath, around: Surroundings) -> Kind | None:
    """Tell what git moved out of the way: it appends `~` and the side's name to the path."""
    stem, tilde, _ = path.path.rpartition(b"~")
    paths = around.paths
    if tilde and around.is_directory(stem):
        return Kind.FILE_DIRECTORY
    if tilde and stem in paths:
        return _special(path, paths[stem])
    aside = [other for name, other in paths.items() if name.startswith(path.path + b"~")]
    return _special(path, *aside) if aside else None


def _alone(path: ConflictPath, around: Surroundings) -> Kind:
    """Tell about a path of which only one stage is there: somebody renamed."""
    origins = [other for other in around.conflict.paths if set(other.stages) == {1}]
    return Kind.RENAME_RENAME if origins or 1 in path.stages else Kind.MOVED
