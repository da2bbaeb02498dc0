"""Asks the forge which of a Plan's releases are in review, in conflict, merged or closed.

On a cluster a Sync's status remembers this. Here it is read from the fork's branches and refs, and
from their pull requests; a release that has neither was never begun.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.clone import PUSH, fetch
from resync_argo.attempt.repository.step_objects import descends_from
from resync_argo.errors import Stalled
from resync_argo.forge.interface import Forge, NotModified, PullRequest, PullRequestState
from resync_argo.git import GitError
from resync_argo.hosts.refs import list_refs
from resync_argo.names import (
    CONFLICTS,
    HOLD_LABEL,
    OBSOLETE_LABEL,
    conflict_branches,
    record_ref,
    sync_branch,
)
from resync_argo.reasons.sync import ABANDONED
from resync_argo.upstream.candidate import Candidate


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The pull requests of one release.

    Attributes:
        final: its final pull request, or None.
        conflict: the one that waits for a resolution, or None.
        closed: one that a person closed without merging, or None.
    """

    final: PullRequest | None = None
    conflict: PullRequest | None = None
    closed: PullRequest | None = None

    @property
    def open_final(self) -> PullRequest | None:
        """Return the final pull request if it is open."""
        is_open = self.final is not None and self.final.state is PullRequestState.OPEN
        return self.final if is_open else None

    @property
    def merged_final(self) -> PullRequest | None:
        """Return the final pull request if it was merged."""
        is_merged = self.final is not None and self.final.state is PullRequestState.MERGED
        return self.final if is_merged else None


def list_own_refs(attempt: Attempt) -> dict[str, str]:
    """Return the branches and refs of a Plan's releases in the push repository.

    Raises:
        Stalled: the repository or a permission is missing.
        Transient: the host cannot be reached.
    """
    patterns = (f"refs/heads/{sync_branch(attempt.plan, '*')}", record_ref(attempt.plan, "*"))
    owners = f"refs/resync-argo/_owners/{attempt.plan}/*"
    return list_refs(attempt.git_in(attempt.layout.trusted), attempt.push, *patterns, owners)


def ask(attempt: Attempt, line: str, refs: Mapping[str, str]) -> Asked:
    """Return the pull requests of one release.

    Args:
        attempt: of the Plan.
        line: the part of branch names that stands for the release.
        refs: see `list_own_refs`.

    Raises:
        ResyncError: the forge cannot be asked.
    """
    branch, base = sync_branch(attempt.plan, line), attempt.contract.config.downstream.branch
    was_pushed = f"refs/heads/{branch}" in refs or record_ref(attempt.plan, line) in refs
    final = attempt.forge.find_pull_request(branch, base=base) if was_pushed else None
    questions = list(_questions(attempt, line, refs))
    closed = [it for it in (*questions, final) if it is not None and _is_closed(it)]
    unanswered = [it for it in questions if it.state is PullRequestState.OPEN]
    return Asked(
        final=final,
        conflict=max(unanswered, key=lambda it: it.number, default=None),
        closed=closed[0] if closed else None,
    )


def _questions(attempt: Attempt, line: str, refs: Mapping[str, str]) -> Iterator[PullRequest]:
    stem = f"refs/heads/{sync_branch(attempt.plan, f'{CONFLICTS}/{line}')}/"
    keys = {name.removeprefix(stem).split("/")[0] for name in refs if name.startswith(stem)}
    for key in sorted(keys):
        base, head = conflict_branches(attempt.plan, line, key)
        found = attempt.conflict_forge.find_pull_request(head, base=base)
        if found is not None:
            yield found


def _is_closed(pull: PullRequest) -> bool:
    return pull.state is PullRequestState.CLOSED and OBSOLETE_LABEL not in pull.labels


def as_known(candidate: Candidate, asked: Asked, *, brings: bool) -> Candidate:
    """Return a candidate as a cluster would know it.

    Args:
        candidate: as the branch alone shows it.
        asked: its pull requests.
        brings: the open pull request contains this very commit; one of a branch may contain an
            earlier commit.
    """
    if candidate.phase == "Finished":
        return candidate
    if asked.open_final is not None and brings:
        return replace(candidate, phase="Finished", open_pull_request=True)
    if asked.conflict is not None:
        return replace(candidate, phase="Conflict")
    # If the Plan follows a branch, an earlier commit was merged or closed; the run itself finds
    # out.
    return candidate if candidate.is_of_branch else _as_ended(candidate, asked)


def _as_ended(candidate: Candidate, asked: Asked) -> Candidate:
    if asked.merged_final is not None:
        return replace(candidate, phase="Finished", merged=True)
    if asked.closed is not None:
        return replace(candidate, phase="Skipped", reason=ABANDONED)
    return candidate


def brings(attempt: Attempt, pull: PullRequest, commit: str) -> bool:
    """Return whether a pull request's head contains a commit.

    Args:
        attempt: with the clone that has the commit.
        pull: an open one.
        commit: upstream's.
    """
    return _fetched(attempt, pull) and descends_from(attempt.repository, pull.head_commit, commit)


def is_stale(attempt: Attempt, forge: Forge, pull: PullRequest, head: str) -> bool:
    """Return whether the Plan wants an open pull request rebuilt on the present branch.

    Args:
        attempt: with the clone that has the branch.
        forge: where the pull request is.
        pull: an open one.
        head: the downstream branch's commit.
    """
    wanted = attempt.contract.config.refresh
    if wanted == "Never" or HOLD_LABEL in pull.labels:
        return False
    fresh, _ = forge.get_pull_request(pull.number)
    if not isinstance(fresh, NotModified) and fresh.merges is False:
        return True
    if wanted != "BaseMoved" or not _fetched(attempt, pull):
        return False
    return not descends_from(attempt.repository, pull.head_commit, head)


def _fetched(attempt: Attempt, pull: PullRequest) -> bool:
    try:
        fetch(attempt, PUSH, [pull.head_commit])
    except (GitError, Stalled):
        return False
    return True
