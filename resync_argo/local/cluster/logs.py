"""The log of a sync's newest attempt, step by step, from its pod."""

from collections.abc import Iterator
from typing import Any

from resync_argo.api.meta import ObjectKey
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import PODS, Kube
from resync_argo.errors import UsageError
from resync_argo.names import MAX_CONTAINER, slug

ARGO_CONTAINERS = ("init", "wait")
WORKFLOW_LABEL = "workflows.argoproj.io/workflow"


def read_logs(kube: Kube, tag: Tag, step: str | None) -> Iterator[tuple[str, str]]:
    """Yield container and log of the newest attempt's steps, in order.

    Args:
        kube: the cluster.
        tag: whose newest sync.
        step: one step's name or container; None: all.

    Raises:
        UsageError: there is no pod of it any more, or no such step.
        ResyncError: the API server does not answer.
    """
    pod = _newest_pod(kube, tag)
    names = [container["name"] for container in pod["spec"]["containers"]]
    ours = [name for name in names if name not in ARGO_CONTAINERS]
    wanted = [name for name in ours if step is None or _is_meant(name, step)]
    if not wanted:
        raise UsageError(f"There is no step `{step}`; there are {', '.join(ours)}.")
    key = ObjectKey(pod["metadata"]["namespace"], pod["metadata"]["name"])
    for name in wanted:
        yield name, kube.read_log(key, name)


def _newest_pod(kube: Kube, tag: Tag) -> dict[str, Any]:
    workflows = [sync.workflow for sync in tag.status.syncs if sync.workflow]
    if not workflows:
        raise UsageError(f"Nothing has run for the Tag `{tag.metadata.name}` yet.")
    selector = f"{WORKFLOW_LABEL}={workflows[-1]}"
    pages = kube.pages(PODS, tag.metadata.namespace, selector=selector)
    pods = [pod for page, _ in pages for pod in page]
    if not pods:
        raise UsageError(f"The pods of the Workflow {workflows[-1]} are gone, and logs with them.")
    newest: dict[str, Any] = max(pods, key=lambda pod: pod["metadata"]["creationTimestamp"])
    return newest


def _is_meant(container: str, step: str) -> bool:
    return step == container or slug(step, limit=MAX_CONTAINER - 3) == container[3:]
