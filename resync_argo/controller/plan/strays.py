"""Finds stray Workflows: those of a deleted Plan, or a second one on the same branch."""

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.controller.kube.api import PLANS
from resync_argo.controller.kube.errors import NotFound
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.keys import branch_key
from resync_argo.controller.state.workflow import age_order
from resync_argo.controller.sync.decision.inputs import Stop
from resync_argo.controller.sync.workflow_actions import stop
from resync_argo.reasons.sync import STOPPED
from resync_argo.reasons.turn import BRANCH_BUSY


def stop_orphans(cluster: Cluster, key: ObjectKey, plan: Plan | None) -> None:
    """Stop the Workflows of a deleted Plan, after confirming the deletion with the API server."""
    active = [run for run in cluster.caches.runs.by("plan", key) if run.is_active]
    orphans = [run for run in active if plan is None or run.plan_uid != plan.metadata.uid]
    if not orphans:
        return
    there = _uid_of(cluster, key)
    for run in orphans:
        if run.plan_uid != there:
            message = f"Plan {key.name} was deleted."
            stop(cluster, Stop(run=run, reason=STOPPED, message=message))


def stop_latecomers(cluster: Cluster, plan: Plan) -> None:
    """Keep a branch's oldest Workflow; stop this Plan's other ones."""
    active = [
        run
        for other in cluster.caches.plans.by("branch", branch_key(plan))
        for run in cluster.caches.runs.by("plan", other.metadata.key)
        if run.is_active and run.plan_uid == other.metadata.uid
    ]
    for run in sorted(active, key=age_order)[1:]:
        if run.plan_uid == plan.metadata.uid:
            message = "An older Workflow is at work on the same branch."
            stop(cluster, Stop(run=run, reason=BRANCH_BUSY, message=message))


def _uid_of(cluster: Cluster, key: ObjectKey) -> str:
    """Ask the API server: a Plan that the cache lacks may be one that this version cannot read."""
    try:
        return str(cluster.kube.get(PLANS, key)["metadata"]["uid"])
    except NotFound:
        return ""
