"""Observations, runs and pull requests with only what a test is about."""

from dataclasses import replace
from typing import Any

from resync_argo.api.meta import ObjectKey, ObjectMeta
from resync_argo.api.tag import Sync
from resync_argo.contract import Report
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.inputs import Observation
from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.upstream.graph import Action, Standing
from tests.fakes import FakeForge

NOW = "2026-01-02T00:00:00Z"
BEFORE = "2026-01-01T00:00:00Z"


def standing(action: Action, reason: str = "Because", *, force: bool = False) -> Standing:
    """Return a standing."""
    return Standing(action=action, reason=reason, message=f"{reason}.", force=force)


def seen(**changes: Any) -> Observation:
    """Return an observation of a Tag whose turn it is not."""
    plain = Observation(
        plan="z-1",
        plan_uid="plan-uid",
        version="1.0.0",
        template_hash="hash-1",
        opens_pull_request=True,
        standing=standing("Keep"),
        run=None,
        now=NOW,
    )
    return replace(plain, **changes)


def sync(phase: str, reason: str = "", **changes: Any) -> Sync:
    """Return an entry that began yesterday."""
    begun = {} if phase == "Pending" else {"start_time": BEFORE, "template_hash": "hash-1"}
    fields = {"plan": "z-1", "plan_uid": "plan-uid", "phase": phase, "reason": reason}
    return Sync.model_validate(fields | begun | changes)


def run(state: str = "Running", name: str = "w-1", **changes: Any) -> Run:
    """Return a Workflow in its first attempt."""
    fields: dict[str, Any] = {
        "metadata": ObjectMeta(name=name, namespace="ns", creation_timestamp=BEFORE),
        "plan": ObjectKey("ns", "z-1"),
        "plan_uid": "plan-uid",
        "version": "1.0.0",
        "state": state,
        "attempt": 1,
    }
    return Run(**(fields | changes))


def suspended(key: str = "ab12", **changes: Any) -> Run:
    """Return a Workflow that waits for a conflict to be resolved."""
    report = Report(reason="Conflict", message=f"{key} 2 files")
    return run("Suspended", node="node-1", report=report, **changes)


def pull(state: PullRequestState = PullRequestState.OPEN, number: int = 7) -> PullRequest:
    """Return a pull request."""
    return replace(FakeForge().open("some-branch"), state=state, number=number, url=f"url/{number}")
