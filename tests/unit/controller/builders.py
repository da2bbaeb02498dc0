"""Builds Plans, Tags, Syncs, phases, Workflows and pull requests with only what a test needs."""

from dataclasses import replace
from typing import Any

from resync_argo.api.meta import ObjectKey, ObjectMeta
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync, SyncSpec
from resync_argo.api.tag import Tag
from resync_argo.contract import Report
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.decision import phases
from resync_argo.controller.sync.decision.inputs import Inputs
from resync_argo.controller.sync.decision.phases import Phase, Question, Review, Why
from resync_argo.controller.sync.decision.stored import name_of
from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.upstream.graph import Action, Standing
from tests.fakes import FakeForge

NOW = "2026-01-02T00:00:00Z"
BEFORE = "2026-01-01T00:00:00Z"

WORKFLOW = phases.Run(workflow="w-1", attempt=1, template_hash="hash-1")
REVIEW = Review(url="url/7", number=7)
QUESTION = Question(url="url/7", number=7)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def standing(action: Action, reason: str = "Because", *, force: bool = False) -> Standing:
    """Return a standing."""
    return Standing(action=action, reason=reason, message=f"{reason}.", force=force)


def inputs(**changes: Any) -> Inputs:
    """Return the inputs for a release whose turn has not come."""
    plain = Inputs(
        plan="z-1",
        version="1.0.0",
        line="1.0.0",
        spec=SyncSpec(plan="z-1", tag="project-1.0.0"),
        template_hash="hash-1",
        opens_pull_request=True,
        standing=standing("Keep"),
        run=None,
        seen_seconds=600.0,
        now=NOW,
    )
    return replace(plain, **changes)


def asking(**wishes: Any) -> SyncSpec:
    """Return the spec of a Sync with a person's request."""
    return SyncSpec(plan="z-1", tag="project-1.0.0", **wishes)


def queued(reason: str = "Next", **changes: Any) -> phases.Queued:
    """Return a sync that waits for its first Workflow."""
    return phases.Queued(why=Why(reason=reason), **changes)


def running(**changes: Any) -> phases.Running:
    """Return a sync whose Workflow began yesterday."""
    fields: dict[str, Any] = {"why": Why(reason="Running"), "run": WORKFLOW, "started": BEFORE}
    return phases.Running(**(fields | changes))


def in_conflict(**changes: Any) -> phases.InConflict:
    """Return a sync that waits for a conflict to be resolved."""
    why = Why(reason="WaitingForResolution")
    fields: dict[str, Any] = {"why": why, "run": WORKFLOW, "started": BEFORE}
    return phases.InConflict(**(fields | changes))


def finished(reason: str = "Succeeded", **changes: Any) -> phases.Finished:
    """Return a sync that succeeded yesterday."""
    return phases.Finished(**_at_rest(reason, changes))


def failed(reason: str = "StepFailed", **changes: Any) -> phases.Failed:
    """Return a sync that failed yesterday."""
    return phases.Failed(**_at_rest(reason, changes))


def skipped(reason: str = "Abandoned", **changes: Any) -> phases.Skipped:
    """Return a sync that was skipped yesterday."""
    return phases.Skipped(**_at_rest(reason, changes))


def _at_rest(reason: str, changes: dict[str, Any]) -> dict[str, Any]:
    fields = {"why": Why(reason=reason), "run": WORKFLOW, "started": BEFORE, "ended": BEFORE}
    return fields | changes


def stands(phase: Phase) -> tuple[str, str]:
    """Return a sync's phase and reason."""
    return name_of(phase), phase.why.reason


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


def plan(name: str = "z-1", *, status: Any = None, **config: Any) -> Plan:
    """Return a Plan that follows `up/project` and is ready; `config` adds to its spec."""
    known = {
        "upstream": {"name": "forge.test/up/project", "matchedVersions": ["1.x"]},
        "downstream": {"name": "forge.test/down/project", "branch": "main"},
        "image": "registry.test/steps:1",
    }
    ready = {"type": "Ready", "status": "True", "reason": "Ready", "observedGeneration": 1}
    return Plan.parse(
        {
            "metadata": _metadata(name, "plan-uid" if name == "z-1" else f"{name}-uid"),
            "spec": {"config": known | config, "steps": [{"run": "true"}]},
            "status": {"conditions": [ready], **(status or {})},
        }
    )


def tag(version: str = "1.0.0", *, status: Any = None, made: str = BEFORE, **spec: Any) -> Tag:
    """Return a release of `up/project`."""
    name = f"project-{version}"
    known = {"repository": "forge.test/up/project", "version": version}
    metadata = _metadata(name, f"uid-of-{name}") | {"creationTimestamp": made}
    return Tag.parse({"metadata": metadata, "spec": known | spec, "status": status or {}})


def sync(version: str = "1.0.0", *, plan: str = "z-1", spec: Any = None, **status: Any) -> Sync:
    """Return the Sync of a release, owned by its Plan."""
    name = f"project-{version}"
    owner = {"uid": "plan-uid" if plan == "z-1" else f"{plan}-uid", "controller": True}
    known = {"version": version, "tag_uid": f"uid-of-{name}"} if status else {}
    return Sync.parse(
        {
            "metadata": _metadata(f"{plan}.{name}", f"uid-of-{plan}.{name}")
            | {"ownerReferences": [owner]},
            "spec": {"plan": plan, "tag": name, **(spec or {})},
            "status": known | status,
        }
    )


def _metadata(name: str, uid: str) -> dict[str, Any]:
    return {
        "name": name,
        "namespace": "ns",
        "uid": uid,
        "generation": 1,
        "resourceVersion": "1",
    }
