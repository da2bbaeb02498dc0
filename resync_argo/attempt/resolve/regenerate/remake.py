"""Settles conflicts in files that a step of the Plan makes again: go.mod by what it says, the rest so that its tool can begin."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from resync_argo.api.plan import Regenerate
from resync_argo.attempt.conflict.table import show_path
from resync_argo.attempt.markdown import code
from resync_argo.attempt.merge.conflicts import blocked_names, pick_entries
from resync_argo.attempt.merge.logical import Logical
from resync_argo.conflicts.objects import read_blobs, store_blobs
from resync_argo.conflicts.record import Entries, Entry
from resync_argo.contract import StepContract
from resync_argo.git import Git
from resync_argo.gomod.checksums import join_checksums
from resync_argo.gomod.merge import merge
from resync_argo.gomod.syntax import Unclear

MANIFEST = b"go.mod"
WORKSPACE = b"go.work"
_CHECKSUMS = (b"go.sum", b"go.work.sum")
MADE_BY: Mapping[bytes, Regenerate] = {
    MANIFEST: "GoModules",
    **dict.fromkeys(_CHECKSUMS, "GoModules"),
    b"Cargo.lock": "Cargo",
    b"package-lock.json": "Npm",
    b"yarn.lock": "Yarn",
    b"pnpm-lock.yaml": "Pnpm",
    b"uv.lock": "Uv",
}
"""The step that makes a file of a name again."""

_MOST_QUESTIONS = 20

Sides = tuple[bytes, bytes, bytes]
"""What both sides come from, downstream's file and upstream's; "" where there is none."""


@dataclass(frozen=True, kw_only=True)
class Remade:
    """A conflict that is settled for a step.

    Attributes:
        step: its container.
        conflict: what was in conflict.
        result: what every name becomes.
    """

    step: str
    conflict: Logical
    result: Entries


@dataclass(frozen=True, kw_only=True)
class Remaking:
    """What comes of conflicts.

    Attributes:
        settled: what the steps make again.
        notes: why files of theirs are left to people, as Markdown, by path.
    """

    settled: tuple[Remade, ...] = ()
    notes: Mapping[bytes, str] = field(default_factory=dict)


def remake(
    git: Git,
    steps: Sequence[StepContract],
    tree: str,
    conflicts: Sequence[Logical],
    named: Collection[bytes],
) -> Remaking:
    """Settle what the steps of the Plan make again.

    Args:
        git: the trusted clone.
        steps: the Plan's.
        tree: what git could merge by itself.
        conflicts: what is in conflict.
        named: paths that are left to rules.

    Raises:
        GitError: an object is missing.
    """
    containers = {it.regenerate: it.container for it in reversed(steps) if it.regenerate}
    if not containers or not conflicts:
        return Remaking()
    found = _Remake(git=git, tree=tree, modules=_modules(git, tree, conflicts))
    settled, notes = [], {}
    for it in conflicts:
        kind = found.kind(it)
        if kind is None or kind not in containers or it.path.path in named:
            continue
        try:
            result = found.result(it)
        except Unclear as error:
            why = ", ".join(code(str(sentence)) for sentence in error.args)
            notes[it.path.path] = f"{show_path(it.path.path)} is left to you: {why}."
        else:
            settled.append(Remade(step=containers[kind], conflict=it, result=result))
    blocked = blocked_names(git, tree, [it.result for it in settled])
    return Remaking(
        settled=tuple(it for it in settled if not blocked & it.result.keys()), notes=notes
    )


def _modules(git: Git, tree: str, conflicts: Sequence[Logical]) -> frozenset[bytes]:
    """Return the folders, with a slash, that are modules or workspaces and may have vendored files in conflict."""
    folders = {it for one in conflicts for name in one.path.names for it in _vendoring(name)}
    wanted = {folder + name for folder in folders for name in (MANIFEST, WORKSPACE)}
    there = {*pick_entries(git, tree, wanted), *(one.path.path for one in conflicts)}
    return frozenset(
        folder for folder in folders if {folder + MANIFEST, folder + WORKSPACE} & there
    )


def _vendoring(name: bytes) -> Iterator[bytes]:
    """Yield the folders above each `vendor` in a path, with a slash."""
    parts = name.split(b"/")
    for number, part in enumerate(parts[:-1]):
        if part == b"vendor":
            yield b"".join(it + b"/" for it in parts[:number])


@dataclass(frozen=True, kw_only=True)
class _Remake:
    """Conflicts of one merge, and where there are modules."""

    git: Git
    tree: str
    modules: Collection[bytes]

    def kind(self, it: Logical) -> Regenerate | None:
        """Return what makes a path again; None where nothing does."""
        if all(self._is_vendored(name) for name in it.path.names):
            return "GoModules"
        if it.path.both is None or not all(side.is_file for side in it.path.both):
            return None
        return MADE_BY.get(it.path.path.rpartition(b"/")[2])

    def result(self, it: Logical) -> Entries:
        """Return what every name of a conflict becomes.

        Raises:
            Unclear: people must say.
        """
        path = it.path
        name = path.path.rpartition(b"/")[2]
        if all(self._is_vendored(name) for name in path.names):
            return path.side(path.upstream)
        if name == MANIFEST:
            return self._merged(it, _merge_manifest)
        if name in _CHECKSUMS:
            return self._merged(it, lambda it: join_checksums(it[1], it[2]))
        return path.side(path.upstream)

    def _is_vendored(self, name: bytes) -> bool:
        return any(it in self.modules for it in _vendoring(name))

    def _merged(self, it: Logical, by: Callable[[Sides], bytes]) -> Entries:
        path = it.path
        entries = (path.ancestor, *(path.both or ()))
        ids = [entry.id for entry in entries if entry is not None and entry.is_file]
        contents = dict(read_blobs(self.git, ids))
        base, own, theirs = (contents.get(entry.id, b"") if entry else b"" for entry in entries)
        (oid,) = store_blobs(self.git, [by((base, own, theirs))])
        return {name: Entry(entry.mode, oid) for name, entry in path.upstream.items()}


def _merge_manifest(sides: Sides) -> bytes:
    merged = merge(*sides)
    if merged.content is None:
        raise Unclear(*map(str, merged.questions[:_MOST_QUESTIONS]))
    return merged.content
