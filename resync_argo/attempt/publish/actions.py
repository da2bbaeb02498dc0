"""Runs one action of a Plan when its turn comes.

The action's container calls `run_action`. It does nothing after a step that failed or stopped at a
conflict, or if there is nothing to sync. It then succeeds, since it did not fail itself.
"""

from resync_argo.api.plan import PullRequestAction, SlackNotificationAction
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.publish.notification import notify
from resync_argo.attempt.publish.pull_request import open_pull_request
from resync_argo.attempt.results import Result, load_result, skipped
from resync_argo.contract import CHECKOUT, Outcome, StepContract
from resync_argo.errors import ResyncError


def require_action(attempt: Attempt, container: str) -> None:
    """Check that a container is an action's.

    Raises:
        ResyncError: the Plan has no such action.
    """
    if not any(step.container == container and step.action for step in attempt.contract.steps):
        raise ResyncError(f"The Plan has no action {container}.")


def run_action(attempt: Attempt, container: str, *, code_before: int) -> Result:
    """Run the action, unless the attempt has already failed or stopped.

    Args:
        attempt: the run.
        container: the action's.
        code_before: exit code of the first earlier container that failed; 0: none did.

    Raises:
        ResyncError: it failed; the message says why.
    """
    nothing_to_do = _nothing_to_do(attempt)
    if nothing_to_do is not None:
        return nothing_to_do
    if code_before:
        return skipped(f"a step before it ended with exit code {code_before}")
    step = _step(attempt, container)
    match step.action:
        case None:
            raise ResyncError(f"The step {container} is not an action.")
        case PullRequestAction():
            return open_pull_request(attempt, step.action)
        case SlackNotificationAction():
            return notify(attempt, step.action)


def _nothing_to_do(attempt: Attempt) -> Result | None:
    for container in (CHECKOUT, *(step.container for step in attempt.contract.steps)):
        result = load_result(attempt, container)
        if result is not None and result.outcome is Outcome.ALREADY_SYNCED:
            return result
    replay = attempt.replay_input()
    return skipped(str(replay.skip)) if replay.asks_at_once else None


def _step(attempt: Attempt, container: str) -> StepContract:
    return next(step for step in attempt.contract.steps if step.container == container)
