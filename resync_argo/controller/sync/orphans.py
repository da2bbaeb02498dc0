"""Handles Syncs whose Plan or Tag is missing, or is another object of the same name.

Kubernetes deletes a Sync with its Plan. If its Tag was deleted, the Sync is deleted here, so that
the release starts over when the Tag is created again. If a person created a Sync too early, it
waits and reports for what.
"""

from resync_argo.api.conditions import Condition, merge
from resync_argo.api.meta import ObjectKey
from resync_argo.api.sync import Sync, SyncStatus
from resync_argo.controller.kube.api import SYNCS, TAGS
from resync_argo.controller.kube.errors import NotFound
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.objects import keep_sync
from resync_argo.controller.sync.decision.inputs import Stop
from resync_argo.controller.sync.workflow_actions import stop
from resync_argo.reasons import sections as at
from resync_argo.reasons.sync import PLAN_NOT_FOUND, STOPPED, TAG_NOT_FOUND


def let_go(cluster: Cluster, sync: Sync) -> None:
    """Delete such a Sync, or report what it waits for.

    Raises:
        ResyncError: the API server refuses it.
    """
    if not sync.status.tag_uid:
        _wait(cluster, sync)
    elif not _has_tag(cluster, sync):
        for run in cluster.caches.runs.by("owner", sync.metadata.uid):
            if run.is_active:
                message = f"Tag {sync.spec.tag} was deleted."
                stop(cluster, Stop(run=run, reason=STOPPED, message=message))
        cluster.kube.delete(SYNCS, sync.metadata.key, uid=sync.metadata.uid)


def _has_tag(cluster: Cluster, sync: Sync) -> bool:
    """Ask the API server, since a cache may lag: a Sync is never deleted on a guess."""
    try:
        found = cluster.kube.get(TAGS, ObjectKey(sync.metadata.namespace, sync.spec.tag))
    except NotFound:
        return False
    return bool(found["metadata"]["uid"] == sync.status.tag_uid)


def _wait(cluster: Cluster, sync: Sync) -> None:
    namespace, spec = sync.metadata.namespace, sync.spec
    has_plan = cluster.caches.plans.get(ObjectKey(namespace, spec.plan)) is not None
    reason, missing = TAG_NOT_FOUND, f"Tag {spec.tag}"
    if not has_plan:
        reason, missing = PLAN_NOT_FOUND, f"Plan {spec.plan}"
    message = f"There is no {missing} in this namespace yet."
    succeeded = Condition(type=at.SUCCEEDED, status="Unknown", reason=reason, message=message)
    # Objects may be applied in any order, so this is not an error and resolves itself.
    observed = (succeeded, succeeded.repeated_as(at.RECONCILING))
    generation = sync.metadata.generation
    status = SyncStatus(
        observed_generation=generation,
        phase="Pending",
        reason=reason,
        message=message,
        conditions=tuple(
            merge(sync.status.conditions, observed, cluster.now(), generation=generation)
        ),
    )
    if status != sync.status:
        written = cluster.kube.replace_status(
            SYNCS,
            sync.metadata.key,
            status.dump(),
            resource_version=sync.metadata.resource_version,
        )
        cluster.caches.syncs.put(keep_sync(written), ours=True)
