"""Finds pull requests that people closed without merging, which skips the release until somebody retries it.

On a cluster the controller looks for them before a run; on this machine the run does, after
checkout has fetched both repositories.
"""

from collections.abc import Iterator

from resync_argo.attempt.conflict.answers import conflict_refs
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.clone import PUSH, fetch
from resync_argo.attempt.repository.step_objects import descends_from
from resync_argo.conflicts.resolution import find_base
from resync_argo.errors import Stalled
from resync_argo.forge.interface import Forge, PullRequest, PullRequestState
from resync_argo.git import GitError
from resync_argo.names import OBSOLETE_LABEL, conflict_branches


def find_closed(attempt: Attempt) -> PullRequest | None:
    """Return a pull request of this release that a person closed without merging; None if there is none.

    Raises:
        Transient: the forge or the host does not answer.
        Stalled: credentials or permissions are missing.
    """
    return next((pull for _, pull in _all_closed(attempt)), None)


def take_up_again(attempt: Attempt) -> None:
    """Label the closed pull requests of this release, so that they no longer skip it.

    Raises:
        Transient: the forge or the host does not answer.
        Stalled: credentials or permissions are missing.
    """
    for forge, pull in list(_all_closed(attempt)):
        forge.add_labels(pull.number, [OBSOLETE_LABEL])


def _all_closed(attempt: Attempt) -> Iterator[tuple[Forge, PullRequest]]:
    names = (name.split("/") for name in sorted(conflict_refs(attempt)))
    for key in [parts[-2] for parts in names if parts[-1] == "base"]:
        base, head = conflict_branches(attempt.plan, attempt.line, key)
        asked = attempt.conflict_forge.find_pull_request(head, base=base)
        if asked is not None and _is_closed(asked) and _asked_about(attempt, key, asked):
            yield attempt.conflict_forge, asked
    branch = attempt.contract.config.downstream.branch
    final = attempt.forge.find_pull_request(attempt.sync_branch, base=branch)
    if final is not None and _is_closed(final) and _brought(attempt, final):
        yield attempt.forge, final


def _is_closed(pull: PullRequest) -> bool:
    return pull.state is PullRequestState.CLOSED and OBSOLETE_LABEL not in pull.labels


def _asked_about(attempt: Attempt, key: str, asked: PullRequest) -> bool:
    """Return whether a conflict's pull request is about this release; later commits of a branch share its name."""
    if not _follows_branch(attempt):
        return True
    if not _has_fetched(attempt, asked):
        return False
    found = find_base(attempt.repository, key, asked.head_commit)
    return found is not None and found[1].tag == attempt.replay_input().tag_commit


def _brought(attempt: Attempt, final: PullRequest) -> bool:
    """Return whether the final pull request is about this release, likewise."""
    if not _follows_branch(attempt):
        return True
    commit = attempt.replay_input().tag_commit
    return _has_fetched(attempt, final) and descends_from(
        attempt.repository, final.head_commit, commit
    )


def _follows_branch(attempt: Attempt) -> bool:
    return attempt.contract.config.upstream.branch is not None


def _has_fetched(attempt: Attempt, pull: PullRequest) -> bool:
    try:
        fetch(attempt, PUSH, [pull.head_commit])
    except (GitError, Stalled):
        # The commit is gone, so nothing shows what the pull request was about.
        return False
    return True
