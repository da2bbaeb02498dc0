"""The conflict at which a step stopped, kept in the volume that steps cannot write to.

The resolver saves it, `main` publishes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from resync_argo.api.meta import Model
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.merge.logical import Marked
from resync_argo.attempt.proposals.proposal import Proposal
from resync_argo.conflicts.quoting import quote, unquote
from resync_argo.conflicts.record import Conflict, Entry, parse_paths


@dataclass(frozen=True, kw_only=True)
class Stop:
    """An undecided conflict, with everything that git could merge.

    Attributes:
        conflict: the conflict.
        merged: tree with everything else, without conflicted paths.
        marked: git's own files with marker lines, by path; the other files cannot have marker
            lines.
        picked: the commit being applied; None if there is none, as in `git am`.
        progress: the number of that commit and the total, if git counts them.
        notes: Markdown about single files, a paragraph each.
        proposals: the requests to tools.
    """

    conflict: Conflict
    merged: str
    marked: Mapping[bytes, Marked]
    picked: str | None
    progress: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    proposals: tuple[Proposal, ...] = ()


class _Marked(Model):
    entry: str
    labels: tuple[str, str]
    upstream: int


class _Proposal(Model):
    number: int
    path: str
    tool: str


class _Saved(Model):
    operation: str
    stop: str
    step: str
    paths: str
    merged: str
    marked: dict[str, _Marked]
    picked: str | None
    progress: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
    proposals: tuple[_Proposal, ...] = ()


def save_stop(attempt: Attempt, stop: Stop) -> None:
    """Save where a step stopped."""
    conflict = stop.conflict
    saved = _Saved(
        operation=conflict.operation,
        stop=conflict.stop,
        step=conflict.step,
        paths="\n".join(path.text for path in conflict.paths),
        merged=stop.merged,
        marked={
            quote(path): _Marked(entry=str(it.entry), labels=it.labels, upstream=it.upstream)
            for path, it in stop.marked.items()
        },
        picked=stop.picked,
        progress=stop.progress,
        notes=stop.notes,
        proposals=tuple(
            _Proposal(number=it.number, path=quote(it.path), tool=it.tool) for it in stop.proposals
        ),
    )
    _path(attempt).write_text(saved.model_dump_json())


def read_conflict(attempt: Attempt) -> Stop | None:
    """Return the conflict at which a step stopped; None if none did."""
    try:
        saved = _Saved.model_validate_json(_path(attempt).read_text())
    except FileNotFoundError:
        return None
    conflict = Conflict(
        operation=saved.operation,
        stop=saved.stop,
        step=saved.step,
        paths=parse_paths(saved.paths.splitlines()),
    )
    marked = {}
    for name, it in saved.marked.items():
        entry = Entry.parse(it.entry)
        if entry is not None:
            marked[unquote(name)] = Marked(entry=entry, labels=it.labels, upstream=it.upstream)
    return Stop(
        conflict=conflict,
        merged=saved.merged,
        marked=marked,
        picked=saved.picked,
        progress=saved.progress,
        notes=saved.notes,
        proposals=tuple(
            Proposal(number=it.number, path=unquote(it.path), tool=it.tool)
            for it in saved.proposals
        ),
    )


def _path(attempt: Attempt) -> Path:
    return attempt.layout.trusted / "stop.json"
