"""The commits of a conflict pull request: its diff shows the conflict and nothing else.

- *base*: everything that git could merge, with downstream's side of each conflict. Its message
  holds the `Record`. Its first parent is the downstream branch. Its second parent has upstream's
  side instead, so `git checkout BASE^2 -- PATH` takes upstream's version of anything. If an
  upstream directory displaces a downstream file, the second parent's second parent has the file.
- *head*: one commit on top. It shows git's conflict with our labels, and a stub next to each path
  that cannot hold marker lines. What tools propose is in a second commit, and each proposed file
  begins with a line that says so.

Everything happens in the trusted clone with a separate index and no work tree. Dates are fixed, so
the same conflict gives the same commits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from resync_argo.attempt.conflict.stop import Stop
from resync_argo.attempt.conflict.stub import Commits, stub_text
from resync_argo.attempt.context import Attempt, ReplayInput
from resync_argo.attempt.merge.conflicts import blocked_names
from resync_argo.attempt.merge.marked import relabel, side_labels
from resync_argo.attempt.merge.three_way import write_tree
from resync_argo.attempt.proposals.take import take
from resync_argo.conflicts.markers import Labels, proposal_line, stub_path
from resync_argo.conflicts.objects import read_blobs, store_blobs
from resync_argo.conflicts.record import Conflict, Entries, Entry, Kind, Record
from resync_argo.git import Git

MAX_BYTES = 4 << 20
"""Bytes of a file with marker lines; nobody resolves a larger one in a browser."""

_AT_ONCE = 200
"""How many files' contents are in memory at a time."""


@dataclass(frozen=True, kw_only=True)
class ConflictCommits:
    """What to push for a conflict.

    Attributes:
        record: the record in the base commit's message, with the kind of each path.
        base: commit of the base branch.
        head: commit of the head branch.
        marked: the paths that are shown with marker lines.
        shown: the commit that shows all of them with marker lines; `head` itself without proposals.
        proposed: the tools that proposed the head's files, by path.
        refused: why tools propose nothing, by path.
    """

    record: Record
    base: str
    head: str
    marked: frozenset[bytes]
    shown: str
    proposed: Mapping[bytes, str] = field(default_factory=dict)
    refused: Mapping[bytes, str] = field(default_factory=dict)


def build_commits(attempt: Attempt, stop: Stop, key: str) -> ConflictCommits:
    """Write the commits into the trusted clone.

    Args:
        attempt: the attempt whose clone gets them.
        stop: where the step stopped.
        key: the conflict's short name.

    Raises:
        ResyncError: the clone lacks an object of the conflict.
    """
    replay = attempt.replay_input()
    git = replace(attempt.repository, environment=replay.committer)
    branch = attempt.contract.config.downstream.branch
    labels = Labels.of(key, branch=branch, tag=replay.tag)
    marked, kinds = _marked(git, stop, labels)
    conflict = _with_kinds(stop.conflict, kinds)
    record = Record(
        key=key,
        conflict=conflict,
        head=replay.head,
        tag=replay.tag_commit,
        run=attempt.parameters.workflow or "-",
    )
    sides = _Sides.of(git, stop)
    base = _commit_sides(git, replay, sides, _base_message(attempt, record))
    # Git may show a conflict under a name that it makes up: do not show the file's own names as well.
    elsewhere = {it.path: it.names for it in conflict.paths if it.path in marked}
    shown: dict[bytes, Entry | None] = {n: None for names in elsewhere.values() for n in names}
    shown |= {**marked, **_stubs(git, record, Commits(base=base, blocked=sides.blocked), marked)}
    head = _commit(
        git,
        write_tree(git, sides.downstream, shown),
        [base],
        f"Show the conflict of {attempt.version} in {count_files(len(conflict.paths))}\n",
    )
    commits = ConflictCommits(
        record=record, base=base, head=head, shown=head, marked=frozenset(marked)
    )
    return _with_proposals(attempt, git, commits, stop, marked)


def _with_proposals(
    attempt: Attempt,
    git: Git,
    commits: ConflictCommits,
    stop: Stop,
    marked: Mapping[bytes, Entry],
) -> ConflictCommits:
    """Replace marker lines by tools' proposals, in a separate commit."""
    asked = {it.path: it for it in stop.proposals if it.path in marked}
    taken = take(attempt, list(asked.values()))
    commits = replace(commits, refused=taken.refused)
    if not taken.contents:
        return commits
    tools = {path: asked[path].tool for path in taken.contents}
    lines = (proposal_line(commits.record.key, tool) for tool in tools.values())
    stored = store_blobs(git, map(bytes.__add__, lines, taken.contents.values()))
    wanted = {path: Entry(marked[path].mode, oid) for path, oid in zip(tools, stored, strict=True)}
    message = (
        f"Propose {count_files(len(tools))}\n\nA tool made this, and nobody has reviewed it.\n"
    )
    tree = write_tree(git, f"{commits.shown}^{{tree}}", wanted)
    return replace(commits, head=_commit(git, tree, [commits.shown], message), proposed=tools)


def count_files(number: int) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number} file{'' if number == 1 else 's'}"


@dataclass(frozen=True, kw_only=True)
class _Sides:
    """The trees of a conflict.

    Attributes:
        downstream: with downstream's side wherever it fits.
        upstream: with upstream's side, which replaces anything in its way.
        displaced: with downstream's files in place of upstream's directories; None without any.
        blocked: names that downstream's tree cannot hold.
    """

    downstream: str
    upstream: str
    displaced: str | None
    blocked: frozenset[bytes]

    @classmethod
    def of(cls, git: Git, stop: Stop) -> "_Sides":
        paths = stop.conflict.paths
        own = [path.side(path.downstream) for path in paths]
        blocked = blocked_names(git, stop.merged, own)
        entries = _joined(own)
        placed = {name: entry for name, entry in entries.items() if name not in blocked}
        upstream = _joined([path.side(path.upstream) for path in paths])
        displaced = write_tree(git, stop.merged, entries) if blocked else None
        return cls(
            downstream=write_tree(git, stop.merged, placed),
            upstream=write_tree(git, stop.merged, upstream),
            displaced=displaced,
            blocked=frozenset(blocked),
        )


def _joined(sides: Sequence[Entries]) -> dict[bytes, Entry | None]:
    return {name: entry for side in sides for name, entry in side.items()}


def _commit_sides(git: Git, replay: ReplayInput, sides: _Sides, message: str) -> str:
    parents = [replay.head]
    if sides.displaced is not None:
        parents.append(_commit(git, sides.displaced, [replay.head], "Downstream's files\n"))
    theirs = _commit(git, sides.upstream, parents, "Upstream's side\n")
    return _commit(git, sides.downstream, [replay.head, theirs], message)


def _marked(git: Git, stop: Stop, labels: Labels) -> tuple[dict[bytes, Entry], dict[bytes, Kind]]:
    """Return the files with our labels, and the kinds of those that cannot hold labels after all."""
    entries: dict[bytes, Entry] = {}
    kinds: dict[bytes, Kind] = {}
    paths = list(stop.marked)
    for start in range(0, len(paths), _AT_ONCE):
        group = paths[start : start + _AT_ONCE]
        contents = dict(read_blobs(git, [stop.marked[path].entry.id for path in group]))
        texts = {}
        for path in group:
            it = stop.marked[path]
            names = side_labels(labels, upstream=it.upstream)
            text = relabel(contents[it.entry.id], sides=it.labels, labels=names)
            if text is None:
                kinds[path] = Kind.OTHER
            elif len(text) > MAX_BYTES:
                kinds[path] = Kind.TOO_LARGE
            else:
                texts[path] = text
        stored = store_blobs(git, texts.values())
        entries |= {
            path: Entry(stop.marked[path].entry.mode, oid)
            for path, oid in zip(texts, stored, strict=True)
        }
    return entries, kinds


def _with_kinds(conflict: Conflict, kinds: Mapping[bytes, Kind]) -> Conflict:
    paths = (replace(path, kind=kinds.get(path.path, path.kind)) for path in conflict.paths)
    return replace(conflict, paths=tuple(paths))


def _stubs(
    git: Git, record: Record, commits: Commits, marked: Mapping[bytes, Entry]
) -> dict[bytes, Entry]:
    paths = [path for path in record.conflict.paths if path.path not in marked]
    texts = {stub_path(path.path): stub_text(path, commits) for path in paths}
    stored = store_blobs(git, texts.values())
    return {name: Entry("100644", oid) for name, oid in zip(texts, stored, strict=True)}


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
