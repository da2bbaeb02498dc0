"""The commits of a conflict pull request: its diff shows the conflict and nothing else.

- *base*: what git merged by itself, with downstream's side in the conflicted paths. Its message
  holds the `Record`. First parent: the downstream branch; second parent: the same tree with
  upstream's side, so that `git checkout BASE^2 -- PATH` takes upstream's version of anything.
- *head*: one commit on top, with marker lines under our labels, or a stub beside what cannot hold
  markers.

Everything happens in the trusted clone with an index of its own; no work tree is involved. Contents
are merged anew from the stages, so neither markers nor labels depend on what a step's settings
were. Dates are fixed, so the same conflict gives the same commits.
"""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from resync_argo.attempt.conflict.contents import mark_contents
from resync_argo.attempt.conflict.kinds import Surroundings, classify
from resync_argo.attempt.conflict.stop import Stop
from resync_argo.attempt.conflict.stub import stub_text
from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.conflicts.markers import stub_path
from resync_argo.conflicts.objects import list_tree
from resync_argo.conflicts.record import Conflict, ConflictPath, Entry, Kind, Record
from resync_argo.git import Git

_WITH_MARKERS = (Kind.BOTH_MODIFIED, Kind.BOTH_ADDED)

Entries = Mapping[bytes, Entry | None]


@dataclass(frozen=True, kw_only=True)
class ConflictCommits:
    """What is pushed for a conflict.

    Attributes:
        record: what the base commit says; its paths have their kinds.
        base: commit of the base branch.
        head: commit of the head branch.
    """

    record: Record
    base: str
    head: str


def build_commits(attempt: Attempt, stop: Stop, key: str) -> ConflictCommits:
    """Write the commits into the trusted clone.

    Args:
        attempt: whose clone.
        stop: where a step stopped.
        key: the conflict's short name.

    Raises:
        ResyncError: the clone lacks an object of the conflict.
    """
    replay = attempt.replay_input()
    git = replace(attempt.repository, environment=replay.committer)
    conflict, marked = _show(git, replay, stop, key)
    record = Record(
        key=key,
        conflict=conflict,
        head=replay.head,
        tag=replay.tag_commit,
        run=attempt.parameters.workflow or "-",
    )
    upstream = _side(conflict, conflict.upstream)
    theirs = _commit(
        git, write_tree(git, stop.merged, upstream), [replay.head], "Upstream's side\n"
    )
    base_tree = write_tree(git, stop.merged, _side(conflict, conflict.downstream))
    base = _commit(git, base_tree, [replay.head, theirs], _base_message(attempt, record))
    shown = dict(marked) | _stubs(git, record, base, marked)
    head = _commit(
        git,
        write_tree(git, base_tree, shown),
        [base],
        f"Show the conflict of {attempt.version} in {count_files(len(conflict.paths))}\n",
    )
    return ConflictCommits(record=record, base=base, head=head)


def count_files(number: int) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number} file{'' if number == 1 else 's'}"


def write_tree(git: Git, tree: str, changes: Entries) -> str:
    """Return a tree with changed entries; None takes a path away."""
    zeros = "0" * len(tree)
    lines = b"".join(
        f"{entry.mode} {entry.id}".encode() + b"\t" + path + b"\0"
        if entry
        else f"0 {zeros}".encode() + b"\t" + path + b"\0"
        for path, entry in changes.items()
    )
    with tempfile.TemporaryDirectory() as folder:
        index = {**git.environment, "GIT_INDEX_FILE": str(Path(folder) / "index")}
        own = replace(git, environment=index)
        own.run("read-tree", tree)
        own.run("update-index", "--replace", "-z", "--index-info", stdin=lines)
        return own.text("write-tree", "--missing-ok")


def _show(
    git: Git, replay: ReplayInput, stop: Stop, key: str
) -> tuple[Conflict, dict[bytes, Entry]]:
    """Return the conflict with its kinds, and the files that show it with markers."""
    kinds = _classify(git, replay, stop)
    texts = [path for path in stop.conflict.paths if kinds[path.path] in _WITH_MARKERS]
    marked: dict[bytes, Entry] = {}
    for path, result in mark_contents(git, stop.conflict, texts, key).items():
        if isinstance(result, Entry):
            marked[path] = result
        else:
            kinds[path] = result
    paths = tuple(replace(path, kind=_mode_kind(path, kinds)) for path in stop.conflict.paths)
    return replace(stop.conflict, paths=paths), marked


def _mode_kind(path: ConflictPath, kinds: Mapping[bytes, Kind]) -> Kind:
    modes = {path.stages[number].mode for number in (2, 3) if number in path.stages}
    clean = kinds[path.path] is Kind.OTHER
    return Kind.MODE if clean and len(modes) > 1 else kinds[path.path]


def _classify(git: Git, replay: ReplayInput, stop: Stop) -> dict[bytes, Kind]:
    @cache
    def ancestor() -> Entries:
        return list_tree(git, _ancestor(git, replay, stop))

    @cache
    def directories() -> frozenset[bytes]:
        return frozenset(path.rpartition(b"/")[0] for path in list_tree(git, stop.merged))

    def is_directory(path: bytes) -> bool:
        return any(name == path or name.startswith(path + b"/") for name in directories())

    around = Surroundings(
        conflict=stop.conflict,
        in_ancestor=lambda path: path in ancestor(),
        is_directory=is_directory,
    )
    return {path.path: classify(path, around) for path in stop.conflict.paths}


def _ancestor(git: Git, replay: ReplayInput, stop: Stop) -> str:
    """Return the tree that both sides come from; it only serves to name the kind."""
    if stop.picked and stop.conflict.operation in ("rebase", "cherry-pick"):
        parent = f"{stop.picked}^"
        if git.succeeds("rev-parse", "--verify", "--quiet", f"{parent}^{{tree}}"):
            return parent
    return replay.merge_bases[0] if replay.merge_bases else replay.head


def _side(conflict: Conflict, stage: int) -> Entries:
    return {path.path: path.stages.get(stage) for path in conflict.paths}


def _stubs(
    git: Git, record: Record, base: str, marked: Mapping[bytes, Entry]
) -> dict[bytes, Entry]:
    paths = [path for path in record.conflict.paths if path.path not in marked]
    return {stub_path(path.path): _stub(git, record, base, path) for path in paths}


def _stub(git: Git, record: Record, base: str, path: ConflictPath) -> Entry:
    text = stub_text(record, path, base)
    return Entry("100644", git.run("hash-object", "-w", "--stdin", stdin=text).decode().strip())


def _base_message(attempt: Attempt, record: Record) -> str:
    files = count_files(len(record.conflict.paths))
    branch = attempt.contract.config.downstream.branch
    return (
        f"Conflict of {attempt.version} with {branch} in {files}\n\n"
        "Everything that git could merge by itself, with downstream's side where it could not.\n"
        "The lines below are read when this is resolved.\n\n"
        f"{record.text()}"
    )


def _commit(git: Git, tree: str, parents: Sequence[str], message: str) -> str:
    ancestry = [word for parent in parents for word in ("-p", parent)]
    return git.run("commit-tree", tree, *ancestry, stdin=message.encode()).decode().strip()
