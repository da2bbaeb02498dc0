"""How people resolved a conflict: which paths are resolved, which are not, and what else changed.

A resolution is everything that changed between our base commit and a later one: after the merge of
the pull request the tip of the base branch, before it the tip of the head branch. The pod applies
it; the controller shows it as the commit status `resync/resolution`. Pure, except that it reads the
repository.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from resync_argo.conflicts.markers import PATTERN, is_stub, stub_path
from resync_argo.conflicts.objects import list_tree
from resync_argo.conflicts.record import ConflictPath, Entries, Entry, Record
from resync_argo.git import Git, GitError

STATUS_CONTEXT = "resync/resolution"

_AT_ONCE = 500
"""Paths per command line."""

_NOTHING = "000000"


@dataclass(frozen=True, kw_only=True)
class Change:
    """A changed path that was not in conflict; its entry is None if the path was deleted."""

    path: bytes
    before: Entry | None
    after: Entry | None


@dataclass(frozen=True, kw_only=True)
class Resolution:
    """The state of a conflict's resolution.

    Attributes:
        answers: the outcome for the names of each resolved conflict, by its path.
        left: the paths
            that still hold our markers or have their stub.
        changes: other changed paths.
        unchecked: the paths that are too large to check; they count as resolved.
    """

    answers: Mapping[bytes, Entries]
    left: tuple[bytes, ...]
    changes: tuple[Change, ...]
    unchecked: tuple[bytes, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Return whether every path is resolved."""
        return not self.left

    @property
    def description(self) -> str:
        """Return the description of the commit status."""
        large = f"{_count(self.unchecked, 'is', 'are')} too large to check"
        if self.is_complete:
            checked = f"Resolved ({large})" if self.unchecked else "Resolved"
            return f"{checked}: merge this, and the sync goes on"
        marked = f"{_count(self.left, 'still has', 'still have')} conflict markers"
        return f"{marked} or a .resync-conflict file" + (f"; {large}" if self.unchecked else "")


def _count(files: Sequence[bytes], one: str, many: str) -> str:
    return f"{len(files)} file {one}" if len(files) == 1 else f"{len(files)} files {many}"


def read_resolution(
    git: Git, record: Record, base: str, tip: str, *, skip: Collection[str] = ()
) -> Resolution:
    """Compare two commits of the repository; reads the contents that differ.

    Args:
        git: the repository.
        record: the base commit's record.
        base: our base commit.
        tip: the commit to judge.
        skip: ids of contents not to read, as if they had no marker lines.

    Raises:
        ResyncError: a commit or some content is missing.
    """
    changes = {change.path: change for change in differing(git, base, tip)}
    paths = record.conflict.paths
    names = {name for path in paths for name in path.names}
    read = [it.path for it in changes.values() if it.after and it.after.id not in skip]
    marked = _marked(git, tip, read)
    before = _present(git, base, names - changes.keys())
    now = {name: changes[name].after if name in changes else before.get(name) for name in names}
    left = {path.path for path in paths if _is_left(path, changes, marked)}
    elsewhere = marked - names
    if elsewhere:
        # Look for markers in other files, too: renaming a conflicted file does not resolve it.
        left |= {it.path for it in paths if any(_is_gone(changes.get(name)) for name in it.names)}
    decided = {it.path: {name: now[name] for name in it.names} for it in paths}
    others = (change for path, change in sorted(changes.items()) if path not in names)
    return Resolution(
        answers={path: entries for path, entries in decided.items() if path not in left},
        left=tuple(sorted(left | elsewhere)),
        changes=tuple(it for it in others if it.path not in marked and not is_stub(it.path)),
    )


def _is_left(path: ConflictPath, changes: Mapping[bytes, "Change"], marked: set[bytes]) -> bool:
    stub = changes.get(stub_path(path.path))
    has_stub = stub is not None and stub.after is not None
    return has_stub or not marked.isdisjoint(path.names)


def _is_gone(change: "Change | None") -> bool:
    return change is not None and change.after is None


def _present(git: Git, commit: str, names: Collection[bytes]) -> Entries:
    ordered = sorted(names)
    found: dict[bytes, Entry] = {}
    for start in range(0, len(ordered), _AT_ONCE):
        found |= list_tree(git, commit, *ordered[start : start + _AT_ONCE])
    return found


def differing(git: Git, base: str, tip: str) -> list[Change]:
    """Return the paths in which two commits differ."""
    raw = git.run("diff-tree", "-r", "-z", base, tip, "--")
    fields = raw.split(b"\0")[:-1]
    pairs = zip(fields[::2], fields[1::2], strict=True)
    return [_change(meta.decode().lstrip(":").split(), path) for meta, path in pairs]


def _change(meta: list[str], path: bytes) -> Change:
    old_mode, new_mode, old_id, new_id, _letter = meta
    before = None if old_mode == _NOTHING else Entry(old_mode, old_id)
    after = None if new_mode == _NOTHING else Entry(new_mode, new_id)
    return Change(path=path, before=before, after=after)


def _marked(git: Git, tip: str, paths: Sequence[bytes]) -> set[bytes]:
    """Return the paths of files with our marker lines; git does not follow links."""
    found: set[bytes] = set()
    for start in range(0, len(paths), _AT_ONCE):
        argv = ("--literal-pathspecs", "grep", "-l", "-z", "-E", PATTERN, tip, "--")
        done = git.attempt(*argv, *paths[start : start + _AT_ONCE])
        if done.returncode > 1:
            raise GitError(argv, done.returncode, done.stderr.decode(errors="replace"))
        names = done.stdout.split(b"\0")[:-1]
        found |= {name.removeprefix(f"{tip}:".encode()) for name in names}
    return found


def find_base(git: Git, key: str, tip: str) -> tuple[str, Record] | None:
    """Find our base commit of a conflict among the first-parent ancestors of a commit.

    Returns:
        The commit and its record; None if the last thousand commits have none.
    """
    argv = ("log", "--first-parent", "--max-count=1000", "--format=%H%n%B%x00", tip, "--")
    for message in git.run(*argv).decode(errors="replace").split("\0"):
        commit, _, text = message.lstrip("\n").partition("\n")
        record = Record.parse(text)
        if record is not None and record.key == key:
            return commit, record
    return None
