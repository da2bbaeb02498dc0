"""The actions on a sync's Workflow: submit, explain, resume, stop, tidy.

A Workflow's name derives from its purpose, so that submitting twice finds the first one. Every
change of a running Workflow carries the resource version that the decision was based on. The API
server's answer goes into the cache at once.
"""

import base64
import gzip
import json
from collections.abc import Mapping

from resync_argo.api.meta import Json, ObjectKey
from resync_argo.contract import Report
from resync_argo.controller.kube.api import WORKFLOWS
from resync_argo.controller.kube.errors import AlreadyExists
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.workflow import (
    DESCRIPTION_ANNOTATION,
    RESUMED_ANNOTATION,
    STOPPED_ANNOTATION,
    TIDIED_ANNOTATION,
    Run,
    expand_nodes,
    keep_run,
)
from resync_argo.controller.sync.decision.inputs import Explain, Resume, Stop
from resync_argo.controller.sync.observe import Subject
from resync_argo.errors import Stalled
from resync_argo.reasons.cluster import NOT_OURS
from resync_argo.submit import Submission, build_workflow


def submit(cluster: Cluster, subject: Subject, submission: Submission) -> Run:
    """Create the Workflow, or return the one of that name if it is this Sync's.

    Raises:
        Stalled: reason `NotOurs`: something else has that name.
    """
    plan, tag, sync = subject.plan, subject.tag, subject.sync
    manifest = build_workflow(plan, tag, sync, submission)
    try:
        made = cluster.kube.create(WORKFLOWS, manifest)
    except AlreadyExists:
        key = ObjectKey(plan.metadata.namespace, manifest["metadata"]["name"])
        made = cluster.kube.get(WORKFLOWS, key)
        if keep_run(made).owner != sync.metadata.uid:
            raise Stalled(
                NOT_OURS, f"There is a Workflow {key.name} that does not belong to this Sync."
            ) from None
    return _taken_in(cluster, made)


def stop(cluster: Cluster, act: Stop) -> None:
    """End a Workflow with its pods, and record the reason."""
    change = _guarded(act.run)
    why = Report(reason=act.reason, message=act.message)
    change["metadata"]["annotations"] = {STOPPED_ANNOTATION: str(why)}
    change["spec"] = {"shutdown": "Terminate"}
    _taken_in(cluster, cluster.kube.patch(WORKFLOWS, act.run.metadata.key, change))


def explain(cluster: Cluster, act: Explain) -> None:
    """Show what a Workflow waits for, at the suspended node, in the list and in the description."""
    change = _guarded(act.run)
    change["metadata"]["annotations"] = {DESCRIPTION_ANNOTATION: act.description}
    change["status"] = {"message": act.message}
    _change_nodes(cluster, act.run, change, {str(act.run.node): {"message": act.message}})


def tidy(cluster: Cluster, run: Run, *, tries: int) -> None:
    """Correct the appearance of a run's nodes, and count the corrections of its attempt."""
    change = _guarded(run)
    change["metadata"]["annotations"] = {TIDIED_ANNOTATION: f"{run.attempt}.{tries}"}
    change["status"] = {} if run.list_message is None else {"message": run.list_message}
    _change_nodes(cluster, run, change, run.corrections)


def resume(cluster: Cluster, act: Resume) -> None:
    """Resume a suspended Workflow, as `argo resume` does: mark its node as succeeded."""
    run, number = act.run, act.pull_request.number
    change = _guarded(run)
    resumed = " ".join(map(str, sorted({*run.resumed, number})))
    change["metadata"]["annotations"] = {RESUMED_ANNOTATION: resumed}
    change["status"] = {"message": ""}
    message = f"Resumed: {act.pull_request.url} was merged"
    node = {"phase": "Succeeded", "message": message, "finishedAt": cluster.now()}
    _change_nodes(cluster, run, change, {str(run.node): node})


def _change_nodes(
    cluster: Cluster, run: Run, change: Json, fields: Mapping[str, Mapping[str, str]]
) -> None:
    """Merge changes into nodes, by their ids, including nodes that Argo keeps packed."""
    if run.packed:
        current = cluster.kube.get(WORKFLOWS, run.metadata.key)
        expand_nodes(current)
        nodes = current["status"]["nodes"]
        for name, values in fields.items():
            nodes[name] |= values
        packed = gzip.compress(json.dumps(nodes).encode(), mtime=0)
        change["status"]["compressedNodes"] = base64.b64encode(packed).decode()
    else:
        change["status"]["nodes"] = fields
    _taken_in(cluster, cluster.kube.patch(WORKFLOWS, run.metadata.key, change))


def _guarded(run: Run) -> Json:
    return {"metadata": {"resourceVersion": run.metadata.resource_version}}


def _taken_in(cluster: Cluster, item: Json) -> Run:
    run = keep_run(item)
    cluster.caches.runs.put(run, ours=True)
    return run
