"""Steps of a test's Plan: scripts, and the actions that follow them."""

import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from resync_argo.api.plan import PullRequestAction, Regenerate, SlackNotificationAction
from resync_argo.api.regenerate import PROGRAM
from resync_argo.contract import RESERVED_CONTAINERS, StepContract
from resync_argo.names import container_names


def contracts_of(
    steps: tuple[str | StepContract, ...],
) -> tuple[tuple[StepContract, ...], dict[str, str]]:
    """Return the steps as the contract has them, and the scripts by container."""
    contracts: list[StepContract] = []
    scripts: dict[str, str] = {}
    titles = [step.split("\n", 1)[0] for step in steps if isinstance(step, str)]
    given = [step.container for step in steps if isinstance(step, StepContract)]
    named = iter(container_names(titles, reserved=(*RESERVED_CONTAINERS, *given)))
    for step in steps:
        if isinstance(step, StepContract):
            contracts.append(step)
            if step.regenerate is not None:
                scripts[step.container] = f"{PROGRAM} {step.regenerate}"
            continue
        name = next(named)
        contracts.append(StepContract(container=name, title=step.split("\n", 1)[0][:60]))
        scripts[name] = step
    return tuple(contracts), scripts


def regenerate_step(kind: Regenerate, container: str = "again") -> StepContract:
    """Return a step that regenerates files of the branch."""
    return StepContract(container=container, title="Make it again", regenerate=kind)


def pull_request_step(
    title: str = "Sync $UPSTREAM_VERSION", body: str = "", container: str = "create-pr"
) -> StepContract:
    """Return a step with the action `pull-request`."""
    action = PullRequestAction(type="pull-request", title=title, body=body)
    return StepContract(container=container, title="Create PR", action=action)


def notification_step(message: str, container: str = "tell") -> StepContract:
    """Return a step with the action `slack-notification`."""
    action = SlackNotificationAction(type="slack-notification", channel="news", message=message)
    return StepContract(container=container, title="Tell", action=action)


class Answering(Protocol):
    """Answers a step's questions, like `Resolver`."""

    def look(self) -> None:
        """Answer a step that asks."""

    def close(self) -> None:
        """Stop answering."""


def run_answered(
    argv: Sequence[str | Path],
    resolver: Answering,
    *,
    folder: Path,
    environment: Mapping[str, str],
    seconds: float = 120,
) -> subprocess.CompletedProcess[bytes]:
    """Run a step in its own process group while trusted code answers it."""
    deadline = time.monotonic() + seconds
    with subprocess.Popen(
        argv,
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
    ) as process:
        try:
            while True:
                try:
                    out, err = process.communicate(timeout=0.02)
                except subprocess.TimeoutExpired:
                    assert time.monotonic() < deadline, f"{argv} does not end"
                    resolver.look()
                else:
                    return subprocess.CompletedProcess(argv, process.returncode, out, err)
        finally:
            process.kill()
            resolver.close()
