"""Steps of a test's Plan: scripts, and the actions that follow them."""

from resync_argo.api.plan import PullRequestAction, SlackNotificationAction
from resync_argo.contract import StepContract
from resync_argo.names import container_name


def contracts_of(
    steps: tuple[str | StepContract, ...],
) -> tuple[tuple[StepContract, ...], dict[str, str]]:
    """Return the steps as the contract has them, and the scripts by container."""
    contracts: list[StepContract] = []
    scripts: dict[str, str] = {}
    for position, step in enumerate(steps, start=2):
        if isinstance(step, StepContract):
            contracts.append(step)
            continue
        name = container_name(position, step.split("\n", 1)[0])
        contracts.append(StepContract(container=name, title=step.split("\n", 1)[0][:60]))
        scripts[name] = step
    return tuple(contracts), scripts


def pull_request_step(
    title: str = "Sync $UPSTREAM_VERSION", body: str = "", container: str = "08-create-pr"
) -> StepContract:
    """Return a step with the action `pull-request`."""
    action = PullRequestAction(type="pull-request", title=title, body=body)
    return StepContract(container=container, title="Create PR", action=action)


def notification_step(message: str, container: str = "09-tell") -> StepContract:
    """Return a step with the action `slack-notification`."""
    action = SlackNotificationAction(type="slack-notification", channel="news", message=message)
    return StepContract(container=container, title="Tell", action=action)
