"""A Plan's conditions, and the objects created and stopped for it, on a real API server."""

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import EVENTS, PLANS, WORKFLOW_TEMPLATES, WORKFLOWS
from resync_argo.controller.kube.errors import ChangedMeanwhile
from tests.apiserver.conditions import condition
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def test_a_plan_becomes_ready_with_its_template_and_its_counts(lab: Lab) -> None:
    lab.release("v1.0.1", "v1.1.0")
    lab.add_plan()
    with lab.running():
        lab.kubectl.run(
            "wait", "--for=condition=Ready", "--timeout=20s", "plans.resync.openshift.io/z-1"
        )
        wait_for(
            lambda: (lab.plan().status.running, lab.plan().status.pending) == (1, 1),
            deadline_seconds=20,
            describe=lambda: f"the counts; the status is {lab.plan().status}",
        )

    template = lab.kube.get(WORKFLOW_TEMPLATES, ObjectKey(lab.namespace, "z-1"))
    assert template["metadata"]["ownerReferences"][0]["uid"] == lab.plan().metadata.uid
    assert lab.plan().status.latest == "1.0.1"
    assert sorted(tag.version for tag in lab.tags()) == ["1.0.0", "1.0.1"]


def test_a_missing_secret_is_reported_and_found_when_it_appears(lab: Lab) -> None:
    lab.add_plan(github={"credentials": {"secretSelector": "later"}})
    with lab.running():
        message = condition(lab, "CredentialsFound", "SecretNotFound")
        before = lab.workflows()
        lab.add_secret("later", token="token-of-a-test")
        condition(lab, "Ready", "Ready")
        lab.wait_until("1.0.0", "Running")

    assert "later" in message
    assert before == []


def test_a_secret_without_a_usable_key_is_reported_without_its_content(lab: Lab) -> None:
    lab.add_secret("odd", tokn="do-not-show-this")
    lab.add_plan(github={"credentials": {"secretSelector": "odd"}})
    with lab.running():
        message = condition(lab, "CredentialsFound", "CredentialsMissing")

    assert "`token`" in message
    assert "do-not-show-this" not in message


def test_an_apps_invalid_key_is_reported_without_its_content(lab: Lab) -> None:
    lab.add_secret("odd", appId="1", privateKey="do-not-show-this")
    lab.add_plan(github={"credentials": {"secretSelector": "odd"}})
    with lab.running():
        message = condition(lab, "CredentialsFound", "CredentialsInvalid")

    assert message.startswith("Secret odd: `privateKey`")
    assert "do-not-show-this" not in message


def test_a_missing_upstream_is_a_condition_and_recovers_by_itself(lab: Lab) -> None:
    lab.add_plan(upstream={"name": "forge.test/up/other", "matchedVersions": ["1.0.x"]})
    with lab.running():
        condition(lab, "UpstreamReachable", "RepositoryNotFound")
        lab.release("v1.0.5", path="up/other")
        condition(lab, "UpstreamReachable", "Reached")
        lab.wait_until("1.0.5", "Running")


def test_a_plan_is_never_ready_before_its_upstream_was_read(lab: Lab) -> None:
    lab.add_plan(upstream={"name": "forge.test/up/other", "matchedVersions": ["1.0.x"]})
    with lab.running():
        condition(lab, "Ready", "RepositoryNotFound")
        told = wait_for(lambda: lab.objects(EVENTS), deadline_seconds=20, describe="an Event")

    assert {event["reason"] for event in told} == {"RepositoryNotFound"}


def test_a_bad_range_is_a_condition_that_says_what_is_wrong(lab: Lab) -> None:
    lab.add_plan(upstream={"name": "forge.test/up/project", "matchedVersions": [">=1.0.0 <x"]})
    with lab.running():
        message = condition(lab, "TemplateApplied", "InvalidRange")

    assert "<x" in message
    assert lab.tags() == []


def test_a_template_that_the_plan_does_not_own_is_never_adopted(lab: Lab) -> None:
    foreign = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "WorkflowTemplate",
        "metadata": {"name": "z-1", "namespace": lab.namespace},
        "spec": {"entrypoint": "mine", "templates": [{"name": "mine", "suspend": {}}]},
    }
    made = lab.kube.create(WORKFLOW_TEMPLATES, foreign)
    lab.add_plan()
    with lab.running():
        condition(lab, "Ready", "NotOurs")

    assert lab.kube.get(WORKFLOW_TEMPLATES, ObjectKey(lab.namespace, "z-1")) == made


def test_a_template_that_somebody_changed_is_applied_again(lab: Lab) -> None:
    lab.add_plan(suspend=True)
    key = ObjectKey(lab.namespace, "z-1")
    with lab.running():
        condition(lab, "Ready", "Suspended")
        lab.kube.patch(WORKFLOW_TEMPLATES, key, {"spec": {"entrypoint": "resolve-conflicts"}})
        wait_for(
            lambda: lab.kube.get(WORKFLOW_TEMPLATES, key)["spec"]["entrypoint"] == "sync",
            deadline_seconds=20,
            describe="the template to be as it was",
        )


def test_a_suspended_plan_starts_nothing(lab: Lab) -> None:
    lab.add_plan(suspend=True)
    with lab.running():
        lab.wait_until_next("1.0.0", "PlanSuspended")

    assert lab.workflows() == []


def test_a_deleted_plans_workflows_are_stopped(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        lab.wait_for_run("1.0.0")
        lab.kubectl.run("delete", "plans.resync.openshift.io", "z-1")
        wait_for(
            lambda: lab.workflows()[0]["spec"].get("shutdown") == "Terminate",
            deadline_seconds=20,
            describe="the Workflow to be stopped",
        )


def test_the_younger_of_two_workflows_of_a_branch_is_stopped(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        first = lab.wait_for_run("1.0.0")
        oldest = lab.workflows()[0]
        by_hand = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Workflow",
            "metadata": {
                "name": "by-hand",
                "namespace": lab.namespace,
                "labels": oldest["metadata"]["labels"] | {"resync.openshift.io/version": "1.0.1"},
            },
            "spec": {"workflowTemplateRef": {"name": "z-1"}},
        }
        lab.kube.create(WORKFLOWS, by_hand)
        stopped = wait_for(
            lambda: [w["metadata"]["name"] for w in lab.workflows() if w["spec"].get("shutdown")],
            deadline_seconds=20,
            describe="one of them to be stopped",
        )

    assert stopped == ["by-hand"]
    assert first == oldest["metadata"]["name"]


def test_a_status_does_not_overwrite_somebody_elses_change(lab: Lab) -> None:
    lab.add_plan()
    stale = lab.plan()
    lab.kube.patch(PLANS, stale.metadata.key, {"metadata": {"annotations": {"a": "b"}}})

    with pytest.raises(ChangedMeanwhile):
        lab.kube.replace_status(
            PLANS,
            stale.metadata.key,
            {"pending": 1},
            resource_version=stale.metadata.resource_version,
        )
