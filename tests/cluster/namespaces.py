"""A namespace for one test: made ready for Plans, described when the test fails, deleted after."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for

EXECUTOR = "resync-argo-executor"
_MANIFESTS = Path(__file__).parents[2] / "manifests" / "namespace"
_LOG_LINES = 60


@contextmanager
def temporary_namespace(kubectl: Kubectl) -> Iterator[str]:
    """Yield the name of a new namespace in which attempts can run."""
    name = f"test-{uuid.uuid4().hex[:10]}"
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    try:
        inside = kubectl.within(name)
        inside.run("apply", "--server-side", "--kustomize", _MANIFESTS)
        wait_for(lambda: _has_token(inside), deadline_seconds=120, describe="the executor's token")
        yield name
    finally:
        kubectl.run("delete", "namespace", "--wait=false", "--", name)


def describe(kubectl: Kubectl) -> str:
    """What a person would look at in this namespace when something went wrong."""
    parts = [
        _try(kubectl, "get", "workflows,pods", "--output=wide"),
        _try(kubectl, "get", "events", "--sort-by=.metadata.creationTimestamp"),
        *(_nodes(workflow) for workflow in kubectl.list("workflows")),
        *(_logs(kubectl, pod["metadata"]["name"]) for pod in kubectl.list("pods")),
    ]
    return "\n\n".join(parts)


def _has_token(kubectl: Kubectl) -> bool:
    return "token" in kubectl.get("secret", f"{EXECUTOR}.service-account-token").get("data", {})


def _nodes(workflow: dict[str, object]) -> str:
    return json.dumps(workflow.get("status"), indent=1)


def _logs(kubectl: Kubectl, pod: str) -> str:
    options = ("--all-containers", "--prefix", f"--tail={_LOG_LINES}")
    return _try(kubectl, "logs", *options, "--", pod)


def _try(kubectl: Kubectl, *arguments: str) -> str:
    try:
        return f"$ kubectl {' '.join(arguments)}\n{kubectl.run(*arguments)}"
    except ClusterError as error:
        return str(error)
