"""The working state of one stop while rules and people's answers are applied."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from resync_argo.attempt.conflict.decisions import DecidedBy, Decision, decided
from resync_argo.attempt.merge.conflicts import pick_entries
from resync_argo.attempt.merge.logical import SUBMODULE, SYMLINK, Logical, Marked
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.three_way import Result, Three, merge_entries
from resync_argo.attempt.merge.untouched import Origins
from resync_argo.conflicts.quoting import quote
from resync_argo.conflicts.record import ConflictPath, Entries, Entry, Kind
from resync_argo.git import Git


@dataclass(kw_only=True)
class Work:
    """The state of one stop.

    Attributes:
        git: the trusted clone.
        tree: everything that git could merge, without the unmerged paths.
        options: how the step merges.
        where: operation and stop.
        step: the step's container.
        unmerged: the undecided conflicts, by path.
        origins: the sides' origins; None if uncertain.
        wanted: the outcome of paths.
        decisions: those made, in order.
        log: lines for the step's log.
        notes: Markdown for the people who are asked, a paragraph about each file.
    """

    git: Git
    tree: str
    options: MergeOptions
    where: str
    step: str
    unmerged: dict[bytes, Logical]
    origins: Origins | None = None
    wanted: dict[bytes, Entry | None] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    notes: dict[bytes, str] = field(default_factory=dict)

    def take(self, kind: DecidedBy, by: str, path: ConflictPath, result: Entries) -> None:
        """Record a decision."""
        self.unmerged.pop(path.path, None)
        self.wanted.update(result)
        self.decisions.append(decided(kind, by, path, result))

    def note(self, key: str, path: ConflictPath, result: Entries) -> None:
        """Record that a person's change went into an undecided conflict."""
        self.decisions.append(decided("change", key, path, result))

    def say(self, path: bytes, sentence: str) -> None:
        """Add a line about a path to the step's log."""
        self.log.append(f"{quote(path)}: {sentence}")

    def present(self, paths: Collection[bytes]) -> Entries:
        """Return the entries of paths with all decisions so far."""
        there = pick_entries(self.git, self.tree, paths)
        return {path: self.wanted.get(path, there.get(path)) for path in paths}

    def merge(self, versions: Sequence[Three]) -> dict[bytes, Result]:
        """Merge paths on their own; downstream is `ours`."""
        if not versions:
            return {}
        return merge_entries(self.git, versions, self.options, attributes_of=self.tree)

    def put(self, version: Three, result: Result) -> None:
        """Leave a path to people: downstream's side is `ours`, upstream's `theirs`."""
        self.wanted.pop(version.path, None)
        self.unmerged[version.path] = from_three(version, result)

    def change_downstream(self, conflict: Logical, name: bytes, entry: Entry) -> None:
        """Put a changed file on downstream's side of a conflict."""
        path = replace(conflict.path, downstream={**conflict.path.downstream, name: entry})
        marked = None
        if conflict.marked is not None and path.both is not None:
            version = Three(
                path=name, base=path.ancestor, ours=entry, theirs=path.upstream.get(name)
            )
            marked = _marked(self.merge([version])[name])
        self.unmerged[path.path] = replace(conflict, path=path, marked=marked)

    def holder(self, name: bytes) -> Logical | None:
        """Return the conflict that a name belongs to."""
        return next((it for it in self.unmerged.values() if name in it.path.names), None)


def from_three(version: Three, result: Result) -> Logical:
    """Return the conflict of a path that was merged on its own."""
    path = ConflictPath(
        path=version.path,
        ancestor=version.base,
        downstream={version.path: version.ours} if version.ours else {},
        upstream={version.path: version.theirs} if version.theirs else {},
        names=(version.path,),
    )
    kind = _kind(path)
    marked = _marked(result) if kind in (Kind.BOTH_MODIFIED, Kind.BOTH_ADDED) else None
    return Logical(path=replace(path, kind=kind), raw=frozenset([version.path]), marked=marked)


def _marked(result: Result) -> Marked | None:
    if result.entry is None or result.clean:
        return None
    return Marked(entry=result.entry, labels=result.raw.labels, upstream=3)


def _kind(path: ConflictPath) -> Kind:
    entries = [*path.downstream.values(), *path.upstream.values()]
    modes = {entry.mode for entry in entries}
    if SUBMODULE in modes:
        return Kind.SUBMODULE
    if SYMLINK in modes:
        return Kind.SYMLINK
    if not path.downstream:
        return Kind.DELETED_DOWNSTREAM
    if not path.upstream:
        return Kind.DELETED_UPSTREAM
    if len({entry.id for entry in entries}) == 1:
        return Kind.MODE
    return Kind.BOTH_MODIFIED if path.ancestor else Kind.BOTH_ADDED
