"""A Tag or a Sync that this version cannot read stays unchanged, says so, and holds up no other release."""

from collections.abc import Callable

import pytest

from resync_argo.api.meta import Json, ObjectKey
from resync_argo.controller.kube.api import SYNCS, TAGS, Resource
from resync_argo.controller.state import objects
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def refusing(keep: Callable[[Json], object], name: str) -> Callable[[Json], object]:
    """Return the reader of an older version, which cannot read one object."""

    def read(item: Json) -> object:
        if item["metadata"]["name"] == name:
            raise ValueError("It has a field of a later version.")
        return keep(item)

    return read


def stalled(lab: Lab, resource: Resource, name: str) -> Json | None:
    """Return an object's reason for not being reconciled."""
    status = lab.kube.get(resource, ObjectKey(lab.namespace, name)).get("status", {})
    found = (c for c in status.get("conditions", []) if c["type"] == "Stalled")
    return next(found, None)


def test_an_unreadable_tag_is_left_alone_and_the_others_go_on(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.release("v1.0.1")
    lab.add_plan(suspend=True)
    with lab.running():
        lab.wait_for_tag("1.0.1")
    before = lab.kube.get(TAGS, ObjectKey(lab.namespace, "project-1.0.0"))
    read = refusing(objects.keep_tag, "project-1.0.0")
    for place in ("main", "upstream.reconcile"):
        monkeypatch.setattr(f"resync_argo.controller.{place}.keep_tag", read)
    lab.add_plan()
    with lab.running() as controller:
        lab.wait_until("1.0.1", "Running")
        said = wait_for(
            lambda: stalled(lab, TAGS, "project-1.0.0"), deadline_seconds=20, describe="the Tag"
        )
        lab.wait_until_idle(controller)
    after = lab.kube.get(TAGS, ObjectKey(lab.namespace, "project-1.0.0"))

    assert (said["reason"], said["status"]) == ("Unreadable", "True")
    assert "It has a field of a later version." in said["message"]
    assert (after["metadata"]["uid"], after["spec"]) == (before["metadata"]["uid"], before["spec"])


def test_an_unreadable_sync_keeps_its_status_and_its_workflow(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "z-1.project-1.0.0"
    lab.add_plan()
    with lab.running():
        lab.argo_runs(lab.wait_for_run("1.0.0"))
    before = lab.syncs()[0]
    read = refusing(objects.keep_sync, name)
    for place in ("main", "order.reconcile"):
        monkeypatch.setattr(f"resync_argo.controller.{place}.keep_sync", read)
    with lab.running() as controller:
        wait_for(lambda: stalled(lab, SYNCS, name), deadline_seconds=20, describe="the Sync")
        lab.wait_until_idle(controller)
    (after,) = lab.syncs()
    (run,) = lab.workflows()

    assert after.status.model_copy(update={"conditions": ()}) == before.status.model_copy(
        update={"conditions": ()}
    )
    assert after.metadata.uid == before.metadata.uid
    assert "shutdown" not in run["spec"]
