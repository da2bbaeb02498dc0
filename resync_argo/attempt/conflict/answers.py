"""Collects people's resolutions: from merged conflict pull requests to answers for the resolver.

`checkout` calls `restore_resolutions` before it makes the steps' clone: it looks for the sync's
conflict branches, asks the forge which pull requests were merged, and reads the answers from git.
The forge says whether a pull request was merged. The resolution is the difference between our base
commit and the tip of the base branch, whatever the merge method was. Later containers load the
result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from resync_argo.api.meta import Model
from resync_argo.attempt.conflict.text import unresolved_comment
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.clone import PUSH, fetch, fetch_objects
from resync_argo.conflicts.record import Record
from resync_argo.conflicts.resolution import Resolution, find_base, read_resolution
from resync_argo.errors import Stalled
from resync_argo.forge.interface import Forge, PullRequest, PullRequestState
from resync_argo.hosts.refs import list_refs
from resync_argo.names import COMMITTER_EMAIL, conflict_branches
from resync_argo.reasons.attempt import CONFLICT_BRANCH_REWRITTEN

MAX_COMMITS = 1_000
MAX_AUTHORS = 20


class Merged(Model):
    """A conflict pull request that people merged.

    Attributes:
        key: the conflict's short name.
        number: the pull request's number.
        url: its address.
        tip: the commit at its base branch's tip.
    """

    key: str
    number: int
    url: str
    tip: str


class _Saved(Model):
    merged: tuple[Merged, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answered:
    """How people resolved one conflict.

    Attributes:
        merged: the pull request.
        record: the record in its base commit.
        resolution: the answers, what is unresolved, and other changes.
        authors: its authors, as `Name <address>`.
    """

    merged: Merged
    record: Record
    resolution: Resolution
    authors: tuple[str, ...] = ()


def restore_resolutions(attempt: Attempt) -> tuple[Answered, ...]:
    """Find, fetch and save people's resolutions; comment on merged pull requests that are unresolved.

    Returns:
        The merged pull requests' answers, oldest first.

    Raises:
        Transient: the forge or the host does not answer.
        Stalled: credentials or permissions are missing.
    """
    merged = []
    for key in _keys(attempt):
        base, head = conflict_branches(attempt.plan, attempt.line, key)
        found = attempt.conflict_forge.find_pull_request(head, base=base)
        if found is not None and found.state is PullRequestState.MERGED:
            merged.append(_fetch(attempt, key, base, found))
    merged.sort(key=lambda one: one.number)
    _path(attempt).write_text(_Saved(merged=tuple(merged)).model_dump_json())
    answered = load_resolutions(attempt)
    for one in answered:
        if not one.resolution.is_complete:
            _tell_once(attempt.conflict_forge, one)
    return answered


def load_resolutions(attempt: Attempt) -> tuple[Answered, ...]:
    """Return the result of `restore_resolutions` in this attempt."""
    try:
        saved = _Saved.model_validate_json(_path(attempt).read_text())
    except FileNotFoundError:
        return ()
    return tuple(_read(attempt, merged) for merged in saved.merged)


def conflict_refs(attempt: Attempt) -> dict[str, str]:
    """Return the sync's conflict branches on the forge, with their commits.

    Raises:
        Stalled: the repository or a permission is missing.
        Transient: the host cannot be reached.
    """
    prefix = f"refs/heads/resync/{attempt.plan}/conflicts/{attempt.line}/"
    return list_refs(attempt.repository, attempt.push, f"{prefix}*")


def _keys(attempt: Attempt) -> list[str]:
    names = (name.split("/") for name in sorted(conflict_refs(attempt)))
    return [parts[-2] for parts in names if parts[-1] == "base"]


def _fetch(attempt: Attempt, key: str, base: str, found: PullRequest) -> Merged:
    ref = f"refs/resync-argo/conflicts/{key}"
    fetch(attempt, PUSH, [f"+refs/heads/{base}:{ref}"])
    tip = attempt.repository.text("rev-parse", "--verify", ref)
    commit, _ = _find(attempt, key, tip)
    _fetch_contents(attempt, (commit, tip))
    return Merged(key=key, number=found.number, url=found.url, tip=tip)


def _fetch_contents(attempt: Attempt, commits: Sequence[str]) -> None:
    git = attempt.repository
    stdin = "".join(f"{commit}\n" for commit in commits).encode()
    listing = git.run(
        *("rev-list", "--objects", "--missing=print", "--no-walk=unsorted", "--stdin"), stdin=stdin
    )
    missing = [line[1:].decode() for line in listing.split(b"\n") if line.startswith(b"?")]
    if missing:
        fetch_objects(attempt, PUSH, missing)


def _find(attempt: Attempt, key: str, tip: str) -> tuple[str, Record]:
    found = find_base(attempt.repository, key, tip)
    if found is None:
        raise Stalled(
            CONFLICT_BRANCH_REWRITTEN,
            f"The base branch of the conflict {key} was rewritten: its first commit is gone. Delete"
            " the conflict's branches to start over.",
        )
    return found


def _read(attempt: Attempt, merged: Merged) -> Answered:
    base, record = _find(attempt, merged.key, merged.tip)
    resolution = read_resolution(attempt.repository, record, base, merged.tip)
    authors = _authors(attempt, base, merged.tip)
    return Answered(merged=merged, record=record, resolution=resolution, authors=authors)


def _authors(attempt: Attempt, base: str, tip: str) -> tuple[str, ...]:
    """Return the authors of a resolution's commits, first to last; the head commit is ours."""
    argv = (
        "log",
        "--reverse",
        f"--max-count={MAX_COMMITS}",
        "--format=%an <%ae>",
        f"{base}..{tip}",
    )
    lines = attempt.repository.run(*argv, "--").decode(errors="replace").splitlines()
    people = (line for line in lines if f"<{COMMITTER_EMAIL}>" not in line)
    return tuple(dict.fromkeys(people))[:MAX_AUTHORS]


def _tell_once(forge: Forge, one: Answered) -> None:
    mark = f"<!-- resync-argo unresolved {one.merged.key} -->"
    comments = forge.list_comments(one.merged.number)
    if not any(mark in comment.body for comment in comments):
        forge.comment(one.merged.number, f"{unresolved_comment(one.resolution.left)}\n\n{mark}")


def _path(attempt: Attempt) -> Path:
    return attempt.layout.trusted / "resolutions.json"
