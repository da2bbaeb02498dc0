"""Faults of the controller, the cluster or the forge duplicate nothing and lose nothing."""

import json

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import WORKFLOWS
from resync_argo.forge.interface import ForgeUnavailable, PullRequestState
from tests.apiserver.lab import Lab
from tests.cluster.apiserver import ApiServer
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def test_a_crash_between_submit_and_status_makes_no_second_workflow(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
    sync = lab.sync_object("1.0.0")
    assert sync is not None
    empty = [{"op": "replace", "path": "/status", "value": {}}]
    lab.kubectl.run(
        *("patch", "syncs", sync.metadata.name, "--subresource=status", "--type=json"),
        *("--patch", json.dumps(empty)),
    )
    with lab.running():
        again = lab.wait_for_run("1.0.0")

    assert again == name
    assert len(lab.workflows()) == 1


def test_two_controllers_make_one_of_everything(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running(), lab.running():
        name = lab.wait_for_run("1.0.0")
        lab.forge.open("resync/z-1/1.0.0")
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        lab.forge.set_state(1, PullRequestState.MERGED)
        lab.wait_until("1.0.1", "Running")

    assert len(lab.workflows()) == 2
    assert len(lab.tags()) == 2


def test_a_merge_while_no_controller_ran_counts_after_the_start(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        pull = lab.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod",))
        node = lab.argo_suspends(name, "ab12")
        lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
    lab.forge.set_state(pull.number, PullRequestState.MERGED)
    with lab.running():
        wait_for(
            lambda: lab.workflows()[0]["status"]["nodes"][node]["phase"] == "Succeeded",
            deadline_seconds=20,
            describe="the Workflow to be resumed",
        )


def test_a_workflow_that_is_deleted_while_suspended_is_submitted_again(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        lab.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod",))
        lab.argo_suspends(name, "ab12")
        lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        before = lab.workflows()[0]["metadata"]["uid"]
        lab.kubectl.run("delete", "workflows.argoproj.io", name)
        wait_for(
            lambda: [w for w in lab.workflows() if w["metadata"]["uid"] != before],
            deadline_seconds=20,
            describe="another Workflow",
        )
        lab.wait_until("1.0.0", "Running")


def test_an_abandoned_conflict_stops_its_workflow_and_the_next_release_starts(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        pull = lab.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod",))
        lab.argo_suspends(name, "ab12")
        lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        lab.forge.set_state(pull.number, PullRequestState.CLOSED)
        lab.wait_until("1.0.0", "Skipped", "Abandoned")
        lab.wait_until("1.0.1", "Running")

    stopped = lab.kube.get(WORKFLOWS, ObjectKey(lab.namespace, name))
    assert stopped["spec"]["shutdown"] == "Terminate"


def test_an_unreachable_forge_is_reported_and_retried(lab: Lab) -> None:
    lab.forge.failure = ForgeUnavailable("The forge answered 503.")
    lab.add_plan()
    with lab.running():
        lab.wait_until("1.0.0", "Pending", "ForgeUnavailable")
        lab.forge.failure = None
        lab.wait_until("1.0.0", "Running")

    assert len(lab.workflows()) == 1


def test_a_merged_pull_request_from_before_a_lost_cluster_is_not_repeated(lab: Lab) -> None:
    pull = lab.forge.open("resync/z-1/1.0.0")
    lab.forge.set_state(pull.number, PullRequestState.MERGED)
    lab.add_plan()
    with lab.running():
        lab.wait_until("1.0.0", "Finished", "Merged")

    assert lab.workflows() == []


def test_a_moved_tag_is_reported_and_not_run_again(lab: Lab) -> None:
    lab.add_plan(suspend=True)
    with lab.running():
        lab.wait_until_next("1.0.0", "PlanSuspended")
        lab.release("other")
        lab.git("tag", "--force", "v1.0.0", "other")
        wait_for(lambda: _unchanged(lab) == "TagMoved", deadline_seconds=20, describe="TagMoved")
        lab.git("tag", "--delete", "v1.0.0")
        wait_for(lambda: _unchanged(lab) == "TagGone", deadline_seconds=20, describe="TagGone")


def test_a_failure_is_retried_when_a_person_asks_and_when_the_plan_changes(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        first = lab.wait_for_run("1.0.0")
        lab.argo_ends(first, 1, "StepFailed: Step `Git merge` ended with 7.")
        failed = lab.wait_until("1.0.0", "Failed", "StepFailed")
        lab.ask("1.0.0", retry=1)
        second = lab.wait_for_run("1.0.0", other_than=first)
        lab.argo_ends(second, 1, "StepFailed: Step `Git merge` ended with 7.")
        lab.wait_until("1.0.0", "Failed", "StepFailed")
        lab.add_plan(steps=[{"name": "Git merge", "run": "git merge --no-ff $UPSTREAM_TAG"}])
        third = lab.wait_for_run("1.0.0", other_than=second)

    assert failed.message == "Step `Git merge` ended with 7."
    assert len({first, second, third}) == 3


def test_a_tag_made_by_hand_is_as_good_whatever_its_name(lab: Lab) -> None:
    by_hand = {
        "apiVersion": "resync.openshift.io/v1alpha1",
        "kind": "Tag",
        "metadata": {"name": "mine", "namespace": lab.namespace},
        "spec": {"repository": "forge.test/up/project", "version": "1.0.0"},
    }
    lab.kubectl.create(by_hand)
    lab.add_plan()
    with lab.running():
        lab.wait_until("1.0.0", "Running")

    assert [tag.metadata.name for tag in lab.tags()] == ["mine"]
    assert lab.tags()[0].spec.commit is not None


def test_a_retry_overrides_a_newer_release_in_the_branch(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        lab.wait_until_next("1.0.1", "BranchBusy")
        lab.forge.contained |= {tag.spec.commit for tag in lab.tags() if tag.spec.commit}
        lab.argo_ends(name, 11, "AlreadySynced: 1.0.1 is what the branch contains.")
        lab.wait_until("1.0.0", "Skipped", "Superseded")
        lab.wait_until("1.0.1", "Finished", "AlreadySynced")
        lab.ask("1.0.0", retry=1)
        again = lab.wait_for_run("1.0.0", other_than=name)

    run = lab.kube.get(WORKFLOWS, ObjectKey(lab.namespace, again))
    parameters = {p["name"]: p["value"] for p in run["spec"]["arguments"]["parameters"]}
    assert parameters["force"] == "true"


def test_a_restart_of_the_api_server_loses_nothing(lab: Lab, kinds: ApiServer) -> None:
    lab.add_plan()
    with lab.running():
        lab.wait_for_run("1.0.0")
        kinds.restart()
        lab.release("v1.0.1")
        lab.wait_until_next("1.0.1", "BranchBusy")

    assert len(lab.workflows()) == 1


def _unchanged(lab: Lab) -> str:
    tag = lab.tag("1.0.0")
    conditions = tag.status.conditions if tag else ()
    return next((c.reason for c in conditions if c.type == "UpstreamUnchanged"), "")
