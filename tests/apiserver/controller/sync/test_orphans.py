"""A Sync without its Plan or Tag says what it waits for, or is deleted."""

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import SYNCS, WORKFLOWS
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def said(lab: Lab, name: str) -> tuple[str, str, str]:
    """Return phase, reason and message of a Sync, whose Tag may be missing."""
    status = next(s.status for s in lab.syncs() if s.metadata.name == name)
    return status.phase or "", status.reason, status.message


def wait_until_said(lab: Lab, name: str, reason: str, message: str) -> None:
    wait_for(
        lambda: said(lab, name) == ("Pending", reason, message),
        deadline_seconds=20,
        describe=lambda: f"{reason}; it is {said(lab, name)}",
    )


def test_a_sync_created_before_its_plan_says_so_and_starts_when_the_plan_appears(lab: Lab) -> None:
    lab.add_sync("1.0.0")
    with lab.running():
        wait_until_said(
            lab,
            "z-1.project-1.0.0",
            "PlanNotFound",
            "There is no Plan z-1 in this namespace yet.",
        )
        lab.add_plan()
        lab.wait_until("1.0.0", "Running")


def test_a_sync_created_before_its_tag_says_so_and_counts_when_the_tag_appears(lab: Lab) -> None:
    lab.add_plan()
    lab.add_sync("1.0.1", skip=True)
    lab.add_sync("1.0.2")
    with lab.running():
        wait_until_said(
            lab,
            "z-1.project-1.0.1",
            "TagNotFound",
            "There is no Tag project-1.0.1 in this namespace yet.",
        )
        lab.wait_for_run("1.0.0")
        lab.release("v1.0.1", "v1.0.2")
        lab.wait_until("1.0.1", "Skipped", "SkipRequested")
        lab.wait_until("1.0.2", "Pending", "BranchBusy")
        lab.merge_release("1.0.0")
        lab.wait_until("1.0.2", "Running")

    assert len(lab.workflows()) == 2


def test_a_release_whose_tag_is_deleted_starts_over(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        first = lab.wait_for_run("1.0.0")
        old = lab.sync_object("1.0.0")
        lab.kubectl.run("delete", "tags.resync.openshift.io", "project-1.0.0")
        wait_for(
            lambda: old not in lab.syncs() and lab.workflows()[0]["spec"].get("shutdown"),
            deadline_seconds=20,
            describe="the Sync to go and its Workflow to be stopped",
        )
        lab.argo(first, {"phase": "Failed"})
        lab.wait_for_run("1.0.0", other_than=first)
        new = lab.sync_object("1.0.0")

    assert old is not None
    assert new is not None
    assert new.metadata.uid != old.metadata.uid
    assert new.metadata.name == old.metadata.name


def test_a_tag_that_only_the_cache_lacks_loses_no_sync(lab: Lab) -> None:
    """A cache may lag behind a restart: the API server is asked before anything is deleted."""
    lab.add_plan()
    with lab.running() as controller:
        name = lab.wait_for_run("1.0.0")
        lab.wait_until_idle(controller)
        tag, sync = lab.tag("1.0.0"), lab.sync_object("1.0.0")
        assert tag is not None
        assert sync is not None
        version = int(tag.metadata.resource_version)
        controller.parts.cluster.caches.tags.drop(tag.metadata.key, version)
        lab.wait_until_idle(controller)

    run = lab.kube.get(WORKFLOWS, ObjectKey(lab.namespace, name))
    assert "shutdown" not in run["spec"]
    assert lab.kube.get(SYNCS, sync.metadata.key)["metadata"]["uid"] == sync.metadata.uid
