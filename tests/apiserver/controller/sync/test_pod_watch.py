"""A Workflow whose pod is gone is stopped and its sync retried; one with its pod goes on."""

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import WORKFLOWS
from resync_argo.controller.sync import pod_watch
from resync_argo.submit.awaited_pod import POD_NAMES_ANNOTATION
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("LOOK_SECONDS", 0.2), ("CONFIRM_SECONDS", 0.5), ("GONE_SECONDS", 0.3)):
        monkeypatch.setattr(pod_watch, name, seconds)


def begin(lab: Lab) -> tuple[ObjectKey, str]:
    """Start a Workflow as Argo does; return it, and the name of its pod."""
    lab.add_plan()
    workflow = ObjectKey(lab.namespace, lab.wait_for_run("1.0.0"))
    naming = {"annotations": {POD_NAMES_ANNOTATION: "v2"}}
    lab.kube.patch(WORKFLOWS, workflow, {"metadata": naming})
    return workflow, f"{workflow.name}-attempt-1"


def make_pod(lab: Lab, name: str) -> None:
    """Create a pod that no node runs."""
    lab.kubectl.run("create", "serviceaccount", "default")  # as kube-controller-manager does
    container = {"name": "main", "image": "none"}
    lab.kubectl.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": lab.namespace},
            "spec": {"containers": [container], "automountServiceAccountToken": False},
        }
    )


def test_a_workflow_whose_pod_is_gone_is_stopped_and_its_sync_retried(lab: Lab) -> None:
    with lab.running():
        workflow, pod = begin(lab)
        make_pod(lab, pod)
        lab.argo_runs(workflow.name)
        lab.wait_until("1.0.0", "Running", "Running")
        lab.kubectl.run("delete", "pod", "--force", "--grace-period=0", pod)
        status = lab.wait_until("1.0.0", "Pending", "PodLost")

    ended = lab.kube.get(WORKFLOWS, workflow)
    assert ended["spec"]["shutdown"] == "Terminate"
    assert status.message is not None
    assert f"Pod {pod} is gone" in status.message
    assert status.next_try_time is not None


def test_a_workflow_with_its_pod_goes_on(lab: Lab) -> None:
    with lab.running() as controller:
        workflow, pod = begin(lab)
        make_pod(lab, pod)
        lab.argo_runs(workflow.name)
        lab.wait_until("1.0.0", "Running", "Running")
        sync = lab.sync_object("1.0.0")
        assert sync is not None
        looks = controller.parts.pollers.pods
        first = wait_for(
            lambda: looks.seen(sync.metadata.key), deadline_seconds=20, describe="a look"
        )
        wait_for(
            lambda: (seen := looks.seen(sync.metadata.key)) is not None and seen.at > first.at + 1,
            deadline_seconds=20,
            describe="more looks",
        )
        lab.wait_until("1.0.0", "Running", "Running")

    assert first.value is False
    assert "shutdown" not in lab.kube.get(WORKFLOWS, workflow)["spec"]
