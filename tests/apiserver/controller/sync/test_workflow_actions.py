"""The controller never acts on a Workflow that changed meanwhile, or that belongs to others."""

import json
from collections.abc import Callable

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import WORKFLOWS
from resync_argo.controller.kube.errors import ChangedMeanwhile
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.workflow import Run, keep_run
from resync_argo.controller.sync import workflow_actions
from resync_argo.controller.sync.decision.inputs import Explain, Resume, Stop
from tests.apiserver.lab import Lab
from tests.fakes import FakeForge

pytestmark = pytest.mark.apiserver

Act = Callable[[Cluster, Run], None]
ACTS: dict[str, Act] = {
    "stop": lambda cluster, run: workflow_actions.stop(
        cluster, Stop(run=run, reason="PlanChanged", message="The Plan changed.")
    ),
    "explain": lambda cluster, run: workflow_actions.explain(
        cluster, Explain(run=run, message="Merge url/7", description="Merge url/7")
    ),
    "resume": lambda cluster, run: workflow_actions.resume(
        cluster, Resume(run=run, pull_request=FakeForge().open("head"))
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_action_is_not_applied_to_a_workflow_that_changed_meanwhile(lab: Lab, act: Act) -> None:
    lab.add_plan()
    with lab.running() as controller:
        name = lab.wait_for_run("1.0.0")
        lab.argo_suspends(name, "ab12")
    cluster, key = controller.parts.cluster, ObjectKey(lab.namespace, name)
    run = keep_run(lab.kube.get(WORKFLOWS, key))
    lab.argo_suspends(name, "cd34", attempt=2)
    meanwhile = lab.kube.get(WORKFLOWS, key)

    with pytest.raises(ChangedMeanwhile):
        act(cluster, run)

    assert lab.kube.get(WORKFLOWS, key) == meanwhile
    act(cluster, keep_run(lab.kube.get(WORKFLOWS, key)))
    assert lab.kube.get(WORKFLOWS, key) != meanwhile


def test_a_foreign_workflow_of_the_same_name_is_left_alone_and_reported(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
    key = ObjectKey(lab.namespace, name)
    lab.kubectl.run("delete", "workflows.argoproj.io", name)
    sync = lab.sync_object("1.0.0")
    assert sync is not None
    empty = [{"op": "replace", "path": "/status", "value": {}}]
    lab.kubectl.run(
        *("patch", "syncs", sync.metadata.name, "--subresource=status", "--type=json"),
        *("--patch", json.dumps(empty)),
    )
    others = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": name, "namespace": lab.namespace},
        "spec": {"workflowTemplateRef": {"name": "of-somebody-else"}},
    }
    made = lab.kube.create(WORKFLOWS, others)
    with lab.running() as controller:
        told = lab.wait_until("1.0.0", "Pending", "NotOurs")
        lab.wait_until_idle(controller)

    assert f"There is a Workflow {name} that does not belong to this Sync." in told.message
    assert told.workflow is None
    assert lab.kube.get(WORKFLOWS, key) == made
