"""A write that an administrator's policy refuses is reported, retried, and done once it is allowed."""

import pytest

from resync_argo.controller.kube.api import SYNCS, WORKFLOWS
from tests.apiserver.admission import denied
from tests.apiserver.conditions import condition
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def test_a_refused_workflow_is_reported_and_submitted_once_allowed(lab: Lab) -> None:
    with lab.running() as controller:
        with denied(lab, WORKFLOWS, "false"):
            lab.add_plan()
            told = lab.wait_until("1.0.0", "Pending", "Refused")
            lab.wait_until_idle(controller)
            assert lab.sync("1.0.0") == told
            assert lab.workflows() == []
        lab.ask("1.0.0", retry=1)
        lab.wait_until("1.0.0", "Running")

    assert "Not this one." in told.message
    assert "The next try begins at" in told.message


def test_a_refused_status_is_reported_on_the_plan_and_written_once_allowed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resync_argo.controller.workers.REFUSED_SECONDS", 0.5)
    lab.add_plan()
    with lab.running():
        workflow = lab.wait_for_run("1.0.0")
        with denied(lab, SYNCS, "true", status="false"):
            lab.argo_ends(workflow, 1, "StepFailed: The step says no.")
            said = condition(lab, "ObjectsCreated", "Refused")
        told = lab.wait_until("1.0.0", "Failed", "StepFailed")
        wait_for(
            lambda: all(c.type != "ObjectsCreated" for c in lab.plan().status.conditions),
            deadline_seconds=20,
            describe="the Plan to say nothing of it any more",
        )

    assert said.startswith("Status of Sync z-1.project-1.0.0: ")
    assert "Not this one." in said
    assert told.message == "The step says no."
