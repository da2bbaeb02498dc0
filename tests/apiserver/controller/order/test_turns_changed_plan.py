"""If a Plan changes while its syncs are under way, none is overtaken, run twice or left hanging."""

import pytest

from resync_argo.controller.kube.api import WORKFLOWS
from tests.apiserver.lab import STEPS, UPSTREAM, Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

NEWER = {"name": UPSTREAM, "matchedVersions": [">=1.0.1 <1.1.0"]}
OTHER_STEPS = [{"name": "Git merge", "run": "git merge --no-ff $UPSTREAM_TAG"}, STEPS[1]]
STRAY = "The Workflow by-hand is at work on the branch."
FAILURE = "StepFailed: Step `Git merge` ended with 7."


def test_a_failure_that_is_no_longer_wanted_does_not_block_the_next_release(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        lab.argo_ends(lab.wait_for_run("1.0.0"), 1, FAILURE)
        lab.wait_until_next("1.0.1", "BlockedByFailure")
        lab.add_plan(upstream=NEWER)
        lab.wait_until("1.0.0", "Skipped", "NotWanted")
        lab.wait_until("1.0.1", "Running")


def test_a_sync_under_way_is_not_overtaken_even_if_no_longer_wanted(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running() as controller:
        name = lab.wait_for_run("1.0.0")
        lab.argo_runs(name)
        lab.add_plan(upstream=NEWER)
        lab.wait_until_next("1.0.1", "BranchBusy")
        lab.wait_until_idle(controller)
        before = len(lab.workflows())
        lab.forge.open("resync/z-1/1.0.0")
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        lab.wait_until_next("1.0.1", "EarlierPullRequestOpen")

    assert before == 1


def test_a_plan_that_is_changed_and_changed_back_runs_again_each_time(lab: Lab) -> None:
    lab.add_plan()
    names = [""]
    with lab.running():
        for steps in (STEPS, OTHER_STEPS, STEPS):
            lab.add_plan(steps=steps)
            names.append(lab.wait_for_run("1.0.0", other_than=names[-1]))
            lab.argo_ends(names[-1], 1, FAILURE)
            lab.wait_until("1.0.0", "Failed", "StepFailed")

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("has_tag", [False, True])
def test_the_branch_waits_for_a_workflow_of_an_unwanted_version(lab: Lab, *, has_tag: bool) -> None:
    if has_tag:
        lab.kubectl.create(
            {
                "apiVersion": "resync.openshift.io/v1alpha1",
                "kind": "Tag",
                "metadata": {"name": "out-of-range", "namespace": lab.namespace},
                "spec": {"repository": UPSTREAM, "version": "0.9.0"},
            }
        )
    lab.add_plan(suspend=True)
    with lab.running():
        lab.wait_until_next("1.0.0", "PlanSuspended")
        labels = {
            "resync.openshift.io/plan": "z-1",
            "resync.openshift.io/plan-uid": lab.plan().metadata.uid,
            "resync.openshift.io/version": "0.9.0",
        }
        by_hand = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Workflow",
            "metadata": {"name": "by-hand", "namespace": lab.namespace, "labels": labels},
            "spec": {"workflowTemplateRef": {"name": "z-1"}},
        }
        lab.kube.create(WORKFLOWS, by_hand)
        lab.add_plan()
        lab.wait_until_next("1.0.0", "BranchBusy")
        occupant = "0.9.0 (Plan z-1) is running." if has_tag else STRAY
        wait_for(
            lambda: (queued := lab.plan().status.next) and queued.message == occupant,
            deadline_seconds=20,
            describe=lambda: f"{occupant!r}; it is {lab.plan().status.next}",
        )
        lab.argo_ends("by-hand", 1, FAILURE)
        lab.wait_until("1.0.0", "Running")
