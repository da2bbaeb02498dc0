"""Reads the log of a sync's newest attempt, step by step, from its pod."""

from collections.abc import Iterator, Sequence
from typing import Any

from resync_argo.api.meta import ObjectKey
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import PODS, Kube
from resync_argo.errors import UsageError
from resync_argo.names import MAX_CONTAINER, slug

ARGO_CONTAINERS = ("init", "wait")
WORKFLOW_LABEL = "workflows.argoproj.io/workflow"


def read_logs(
    kube: Kube, tag: Tag, syncs: Sequence[Sync], step: str | None
) -> Iterator[tuple[str, str]]:
    """Yield the container and log of each step of the newest attempt, in order.

    Args:
        kube: the cluster.
        tag: the release.
        syncs: its Syncs; their newest Workflow counts.
        step: the name or container of one step; None: all steps.

    Raises:
        UsageError: its pod is gone, or there is no such step.
        ResyncError: the API server does not answer.
    """
    pod = _newest_pod(kube, tag, syncs)
    names = [container["name"] for container in pod["spec"]["containers"]]
    ours = [name for name in names if name not in ARGO_CONTAINERS]
    wanted = [
        name for name in ours if step is None or name in (step, slug(step, limit=MAX_CONTAINER))
    ]
    if not wanted:
        raise UsageError(f"There is no step `{step}`; there are {', '.join(ours)}.")
    key = ObjectKey(pod["metadata"]["namespace"], pod["metadata"]["name"])
    for name in wanted:
        yield name, kube.read_log(key, name)


def _newest_pod(kube: Kube, tag: Tag, syncs: Sequence[Sync]) -> dict[str, Any]:
    begun = [sync.status for sync in syncs if sync.status.workflow]
    if not begun:
        raise UsageError(f"Nothing has run for the Tag `{tag.metadata.name}` yet.")
    workflow = max(begun, key=lambda status: status.start_time or "").workflow
    selector = f"{WORKFLOW_LABEL}={workflow}"
    pages = kube.pages(PODS, tag.metadata.namespace, selector=selector)
    pods = [pod for page, _ in pages for pod in page]
    if not pods:
        raise UsageError(f"The pods of the Workflow {workflow} are gone, and their logs with them.")
    newest: dict[str, Any] = max(pods, key=lambda pod: pod["metadata"]["creationTimestamp"])
    return newest
