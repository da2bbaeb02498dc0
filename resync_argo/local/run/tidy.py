"""Deletes the branches of conflicts whose sync is over, if a folder is the forge.

On a cluster the controller does so. A branch that somebody has checked out stays, and the next run
tries again.
"""

from collections.abc import Iterable
from contextlib import suppress

from resync_argo.attempt.context import Attempt
from resync_argo.forge.interface import Forge, PullRequestState, RequestRefused
from resync_argo.local.console import say
from resync_argo.names import CONFLICTS, OBSOLETE_LABEL, sync_branch

_OVER = "The sync that asked this is over, so no answer is needed."


def delete_settled_conflicts(attempt: Attempt, *, is_contained: bool) -> None:
    """Delete the conflict branches of the Plan's releases that were merged.

    Args:
        attempt: the run's.
        is_contained: the branch contains this run's release.
    """
    forge, config = attempt.conflict_forge, attempt.contract.config
    stem = sync_branch(attempt.plan, f"{CONFLICTS}/")
    branches = forge.list_branches(stem)
    lines = {name.removeprefix(stem).rpartition("/")[0].rpartition("/")[0] for name in branches}
    for line in lines:
        if config.upstream.branch is not None:
            # The branch's next commits use the same names, and so the same answers.
            is_over = is_contained and line == attempt.line
        else:
            branch = sync_branch(attempt.plan, line)
            final = forge.find_pull_request(branch, base=config.downstream.branch)
            is_over = final is not None and final.state is PullRequestState.MERGED
        if is_over:
            delete_conflicts(forge, [it for it in branches if it.startswith(f"{stem}{line}/")])
            say(f"The branches of conflicts of {line} are deleted: it was merged.")


def delete_conflicts(forge: Forge, branches: Iterable[str]) -> None:
    """Delete branches of conflicts; close their open pull requests, with a comment."""
    for branch in branches:
        asked = forge.find_pull_request(branch)
        if asked is not None and asked.state is PullRequestState.OPEN:
            forge.add_labels(asked.number, [OBSOLETE_LABEL])
            forge.comment(asked.number, _OVER)
            forge.close_pull_request(asked.number)
        with suppress(RequestRefused):
            forge.delete_branch(branch)
