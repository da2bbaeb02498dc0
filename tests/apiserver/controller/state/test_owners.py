"""A recreated Plan still owns its branches; one of the same name elsewhere does not."""

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import PLANS
from resync_argo.controller.state.owners import Owners
from resync_argo.git import Git
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

LEFT = "syncs.resync.openshift.io,workflows.argoproj.io,workflowtemplates.argoproj.io"
"""What Kubernetes' garbage collector, which this tier lacks, deletes with a Plan."""


def owner_in_workflow(lab: Lab) -> str:
    """Return the branches' owner in the newest Workflow."""
    parameters = lab.workflows()[-1]["spec"]["arguments"]["parameters"]
    return next(str(it["value"]) for it in parameters if it["name"] == "owner")


def test_a_deleted_and_recreated_plan_keeps_its_branches(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        first = lab.wait_for_run("1.0.0")
        before = owner_in_workflow(lab)
        lab.kube.delete(PLANS, lab.plan().metadata.key, uid=lab.plan().metadata.uid)
        lab.kubectl.run("delete", LEFT, "--all")
        lab.add_plan()
        wait_for(
            lambda: any(it["metadata"]["name"] != first for it in lab.workflows()),
            deadline_seconds=20,
            describe="the new Plan's Workflow",
        )
        after = owner_in_workflow(lab)

    assert len(before) == 16
    assert before == after


def test_plans_of_the_same_name_in_two_namespaces_are_two_owners(lab: Lab) -> None:
    git = Git(directory=lab.folder)
    owners = Owners(lab.kube, git)
    own = owners.owner_of(ObjectKey(lab.namespace, "z-1"))

    assert own != owners.owner_of(ObjectKey("default", "z-1"))
    assert own != owners.owner_of(ObjectKey(lab.namespace, "z-2"))
    assert own == Owners(lab.kube, git).owner_of(ObjectKey(lab.namespace, "z-1"))
