"""During a slow reconcile of a Sync, its decision may become outdated."""

from typing import Any

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import WORKFLOWS
from resync_argo.controller.sync import reconcile
from resync_argo.controller.sync.decision.decide import decide
from resync_argo.controller.sync.decision.inputs import Decision, Submit
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def test_a_release_is_not_submitted_if_a_person_submitted_one_after_the_decision(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.add_plan(suspend=True)
    with lab.running() as controller:
        lab.wait_until_next("1.0.0", "PlanSuspended")
        runs = controller.parts.cluster.caches.runs
        key = ObjectKey(lab.namespace, "by-hand")

        def decide_and_be_late(*known: Any) -> Decision:
            decision = decide(*known)
            if isinstance(decision.act, Submit) and not lab.workflows():
                lab.kube.create(WORKFLOWS, by_hand(lab, key))
                wait_for(lambda: runs.get(key), deadline_seconds=20, describe="it to be seen")
            return decision

        monkeypatch.setattr(reconcile, "decide", decide_and_be_late)
        lab.add_plan()
        wait_for(lab.workflows, deadline_seconds=20, describe="a Workflow")
        lab.wait_until_idle(controller)
        names = [it["metadata"]["name"] for it in lab.workflows()]
        lab.wait_until_next("1.0.0", "BranchBusy")

    assert names == ["by-hand"]


def by_hand(lab: Lab, key: ObjectKey) -> dict[str, Any]:
    """Return the Workflow of another release of the Plan."""
    labels = {
        "resync.openshift.io/plan": "z-1",
        "resync.openshift.io/plan-uid": lab.plan().metadata.uid,
        "resync.openshift.io/version": "0.9.0",
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": key.name, "namespace": key.namespace, "labels": labels},
        "spec": {"workflowTemplateRef": {"name": "z-1"}},
    }
