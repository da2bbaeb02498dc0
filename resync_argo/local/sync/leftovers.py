"""Cleans up after people merge or close: deletes branches of conflicts, and records a squash.

On a cluster the controller does both. Branches that somebody else has claimed are left alone.
"""

from collections.abc import Mapping

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.ownership import refuse_others
from resync_argo.errors import ResyncError, Stalled
from resync_argo.forge.grafts import Brought, write_record
from resync_argo.forge.interface import PullRequest
from resync_argo.forge.merge_history import keeps_history
from resync_argo.local.run.tidy import delete_conflicts
from resync_argo.names import CONFLICTS, brought_ref, sync_branch


def clean_up(attempt: Attempt, line: str, refs: Mapping[str, str]) -> str | None:
    """Delete the branches of a release's conflicts; return a sentence about it, or None if there are none.

    Args:
        attempt: of the release.
        line: the part of branch names that stands for the release.
        refs: those of the Plan, with their commits.

    Raises:
        ResyncError: the forge cannot be asked, or refuses.
    """
    stem = sync_branch(attempt.plan, f"{CONFLICTS}/{line}/")
    branches = [
        name.removeprefix("refs/heads/") for name in refs if name.startswith(f"refs/heads/{stem}")
    ]
    if not branches or _belongs_elsewhere(attempt, refs):
        return None
    delete_conflicts(attempt.conflict_forge, branches)
    return f"The branches of conflicts of {line} are deleted: it is over."


def _belongs_elsewhere(attempt: Attempt, refs: Mapping[str, str]) -> bool:
    try:
        refuse_others(attempt, refs)
    except Stalled:
        return True
    return False


def record_squash(attempt: Attempt, final: PullRequest, release: str) -> str | None:
    """Record that a merge left out upstream's history; return a sentence about it, or None if it did not.

    Args:
        attempt: of the release.
        final: its merged pull request.
        release: upstream's commit.
    """
    merged = final.merged_commit
    if merged is None:
        return None
    branch = attempt.contract.config.downstream.branch
    try:
        if keeps_history(attempt.downstream, merged, {release, final.head_commit}):
            return None
        write_record(attempt.push, branch, Brought(merged=merged, release=release))
    except ResyncError as error:
        return f"{final.url} was squashed or rebased, and nothing can record it: {error}"
    return (
        f"{final.url} was squashed or rebased: the ref `{brought_ref(branch, merged)}` lets later"
        " syncs count it."
    )
