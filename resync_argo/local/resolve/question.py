"""Finds the conflict of a Plan that waits for a resolution."""

from dataclasses import dataclass, replace

from resync_argo.attempt.connections import with_token
from resync_argo.attempt.context import Attempt
from resync_argo.contract import CHECKOUT, Layout
from resync_argo.errors import UsageError
from resync_argo.forge.interface import PullRequest
from resync_argo.local.run.local_attempt import Request, build_attempt
from resync_argo.local.sync.asked import ask, list_own_refs
from resync_argo.names import CONFLICTS, sync_branch


@dataclass(frozen=True, kw_only=True)
class Question:
    """A conflict that waits for a resolution.

    Attributes:
        attempt: speaks to the forge, for the release in conflict.
        pull_request: the one that asks.
        is_claimed: whether a cluster or a job asked, which goes on with the release once it is merged.
    """

    attempt: Attempt
    pull_request: PullRequest
    is_claimed: bool


class NothingAsked(UsageError):
    """No conflict of the Plan waits for a resolution."""


def open_question(request: Request, layout: Layout) -> Question:
    """Return the conflict that waits for a resolution.

    Args:
        request: its `version` names the release, or is "" for whichever is in conflict.
        layout: where secrets lie.

    Raises:
        NothingAsked: there is none.
        UsageError: there is more than one.
        ResyncError: the forge or the host cannot be asked.
    """
    attempt = with_token(build_attempt(request, layout), CHECKOUT)
    refs = list_own_refs(attempt)
    stem = f"refs/heads/{sync_branch(attempt.plan, CONFLICTS)}/"
    begun = {name.removeprefix(stem).rsplit("/", 2)[0] for name in refs if name.startswith(stem)}
    wanted = begun & {attempt.line} if request.version else begun
    questions = {line: ask(attempt, line, refs).conflict for line in sorted(wanted)}
    waiting = {line: it for line, it in questions.items() if it is not None}
    if not waiting:
        of = f" of {request.version}" if request.version else ""
        raise NothingAsked(f"No conflict{of} of the Plan {attempt.plan} waits for a resolution.")
    if len(waiting) > 1:
        raise UsageError(
            f"Several releases wait for a resolution, {', '.join(waiting)}: choose one with --tag."
        )
    ((line, pull_request),) = waiting.items()
    attempt = _of_line(attempt, line)
    # Nobody but this person works in a folder.
    is_claimed = attempt.folder_forge is None and attempt.owner_ref in refs
    return Question(attempt=attempt, pull_request=pull_request, is_claimed=is_claimed)


def _of_line(attempt: Attempt, line: str) -> Attempt:
    is_version = attempt.contract.config.upstream.branch is None
    version = line if is_version else attempt.version
    return replace(attempt, parameters=replace(attempt.parameters, tag=version))
