"""The name of the pod that Argo waits for, as Argo 4.0.2 names it."""

from typing import Any

import pytest

from resync_argo.submit.awaited_pod import awaited_pod

NODE = {
    "id": "w-1-3846481591",
    "name": "w-1[0].attempt",
    "type": "Pod",
    "templateName": "attempt",
    "phase": "Running",
}


def workflow(
    *, naming: str | None = "v2", workflow_phase: str = "Running", **node: Any
) -> dict[str, Any]:
    """Return a Workflow with one pod, whose containers have their own nodes."""
    annotations = {"workflows.argoproj.io/pod-name-format": naming} if naming else {}
    container = {"id": "w-1-1", "type": "Container", "phase": "Running"}
    return {
        "metadata": {"name": "w-1", "annotations": annotations},
        "status": {"phase": workflow_phase, "nodes": {"w-1-1": container, "w-1-2": NODE | node}},
    }


def test_a_running_pods_name_follows_from_the_workflows_rule() -> None:
    assert awaited_pod(workflow()) == "w-1-attempt-3846481591"
    assert awaited_pod(workflow(naming="v1")) == "w-1-3846481591"


@pytest.mark.parametrize("naming", [None, "v3"])
def test_under_an_unknown_rule_no_pod_is_taken_for_gone(naming: str | None) -> None:
    assert awaited_pod(workflow(naming=naming)) is None


@pytest.mark.parametrize(
    "message",
    ["", "PodInitializing", 'ImagePullBackOff: Back-off pulling image "a:1"', "Unschedulable: 0/3"],
)
def test_a_waiting_pod_is_awaited(message: str) -> None:
    assert awaited_pod(workflow(phase="Pending", message=message)) == "w-1-attempt-3846481591"


@pytest.mark.parametrize(
    "message",
    [
        'pods "w-1-attempt-3846481591" is forbidden: exceeded quota: compute, requested: pods=1',
        "Pod auto-restarting due to Evicted: The node was low on resource: memory",
    ],
)
def test_a_pod_that_argo_could_not_create_yet_is_not_gone(message: str) -> None:
    assert awaited_pod(workflow(phase="Pending", message=message)) is None


def test_no_pod_is_awaited_once_the_pod_or_the_workflow_has_ended() -> None:
    assert awaited_pod(workflow(phase="Failed")) is None
    assert awaited_pod(workflow(workflow_phase="Failed")) is None
    assert awaited_pod({"metadata": {"name": "w-1"}}) is None
