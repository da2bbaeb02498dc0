"""A Plan's WorkflowTemplate is its compiled form, even after the controller was away for a while."""

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import WORKFLOW_TEMPLATES
from tests.apiserver.conditions import condition
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def test_a_template_changed_while_no_controller_ran_is_applied_again(lab: Lab) -> None:
    lab.add_plan(suspend=True)
    key = ObjectKey(lab.namespace, "z-1")
    with lab.running():
        condition(lab, "Ready", "Suspended")
    before = lab.kube.get(WORKFLOW_TEMPLATES, key)["spec"]
    lab.kube.patch(WORKFLOW_TEMPLATES, key, {"spec": {"serviceAccountName": "somebody-else"}})
    with lab.running():
        wait_for(
            lambda: lab.kube.get(WORKFLOW_TEMPLATES, key)["spec"] == before,
            deadline_seconds=20,
            describe="the template to be as it was",
        )

    assert before["serviceAccountName"] != "somebody-else"


def test_an_unchanged_template_is_left_alone(lab: Lab) -> None:
    """The API server may store it in another form, which does not count as a change."""
    lab.add_plan(suspend=True)
    key = ObjectKey(lab.namespace, "z-1")
    with lab.running() as controller:
        condition(lab, "Ready", "Suspended")
        lab.wait_until_idle(controller)
        before = lab.kube.get(WORKFLOW_TEMPLATES, key)
    with lab.running() as controller:
        lab.wait_until_idle(controller)

    assert lab.kube.get(WORKFLOW_TEMPLATES, key) == before
