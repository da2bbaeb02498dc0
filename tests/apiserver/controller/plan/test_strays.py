"""Before Workflows of a Plan that the cache lacks are stopped, the API server is asked about the Plan."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import PLANS, WORKFLOW_TEMPLATES
from tests.apiserver.conditions import condition
from tests.apiserver.lab import Lab
from tests.cluster.errors import ClusterError
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

CRD = "plans.resync.openshift.io"
ORDER = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/config/properties/order/enum"


@contextmanager
def newer_kinds(lab: Lab) -> Iterator[None]:
    """Make the API server accept a later version's order, `Newest`, inside the block."""
    add = f'[{{"op": "add", "path": "{ORDER}/-", "value": "Newest"}}]'
    lab.kubectl.run("patch", "crd", CRD, "--type=json", f"--patch={add}")
    try:
        yield
    finally:
        remove = f'[{{"op": "remove", "path": "{ORDER}/2"}}]'
        lab.kubectl.run("patch", "crd", CRD, "--type=json", f"--patch={remove}")


def test_an_unreadable_plan_keeps_its_runs(lab: Lab) -> None:
    lab.add_plan()
    with lab.running() as controller:
        name = lab.wait_for_run("1.0.0")
        lab.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod",))
        lab.argo_suspends(name, "ab12")
        lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        lab.wait_until_idle(controller)
    before = lab.syncs()[0].status
    with newer_kinds(lab):
        wait_for(lambda: is_newer(lab), deadline_seconds=20, describe="the Plan to be changed")
        with lab.running() as controller:
            lab.wait_until_idle(controller)
            readable = controller.parts.cluster.caches.plans.all()
            lab.wait_until_idle(controller)
            said = said_of(lab)
            (run,) = lab.workflows()
            after = lab.syncs()[0].status
            templates = lab.objects(WORKFLOW_TEMPLATES)
            lab.add_plan(order="Sequential")
            condition(lab, "Ready", "Ready")

    assert readable == []
    assert "shutdown" not in run["spec"]
    assert after == before
    assert len(templates) == 1
    assert set(said) >= {("Ready", "False", "Unreadable"), ("Stalled", "True", "Unreadable")}
    assert (
        "spec.config.order: Input should be 'Sequential' or 'Latest'"
        in said["Ready", "False", "Unreadable"]
    )


def said_of(lab: Lab) -> dict[tuple[str, str, str], str]:
    """Return the messages of a Plan's conditions, by type, status and reason."""
    plan = lab.kube.get(PLANS, ObjectKey(lab.namespace, "z-1"))
    return {
        (c["type"], c["status"], c["reason"]): c["message"] for c in plan["status"]["conditions"]
    }


def is_newer(lab: Lab) -> bool:
    """Write the later version's order into the Plan, and return whether the API server accepted it."""
    patch = '{"spec": {"config": {"order": "Newest"}}}'
    try:
        lab.kubectl.run("patch", CRD, "z-1", "--type=merge", f"--patch={patch}")
    except ClusterError:
        return False
    return True
