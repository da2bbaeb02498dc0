"""An upstream's releases become Tags, whatever the API server or the upstream say to one of them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from resync_argo.controller.kube.api import SYNCS, TAGS, WORKFLOWS
from tests.apiserver.conditions import condition
from tests.apiserver.lab import Lab
from tests.apiserver.writes import status_writes
from tests.cluster.errors import ClusterError
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


@contextmanager
def denied(lab: Lab, version: str) -> Iterator[None]:
    """Let an admission policy deny the Tag of one version while the block lasts."""
    name = f"no-{lab.namespace}"
    place = {"matchLabels": {"kubernetes.io/metadata.name": lab.namespace}}
    tags = {
        "apiGroups": ["resync.openshift.io"],
        "apiVersions": ["v1alpha1"],
        "operations": ["CREATE"],
        "resources": ["tags"],
    }
    policy: dict[str, Any] = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {"namespaceSelector": place, "resourceRules": [tags]},
            "validations": [
                {"expression": f"object.spec.version != '{version}'", "message": "Not this one."}
            ],
        },
    }
    binding: dict[str, Any] = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    }
    lab.kubectl.within("").apply(policy, binding)
    wait_for(lambda: is_denied(lab, version), deadline_seconds=60, describe="the policy to work")
    try:
        yield
    finally:
        for kind in ("validatingadmissionpolicybinding", "validatingadmissionpolicy"):
            lab.kubectl.within("").run("delete", kind, name)
        wait_for(
            lambda: not is_denied(lab, version), deadline_seconds=60, describe="the policy to end"
        )


def is_denied(lab: Lab, version: str) -> bool:
    """Tell whether a Tag of the version would be refused."""
    tag = {
        "apiVersion": "resync.openshift.io/v1alpha1",
        "kind": "Tag",
        "metadata": {"name": "trial", "namespace": lab.namespace},
        "spec": {"repository": "forge.test/up/other", "version": version},
    }
    try:
        lab.kubectl.run("create", "--dry-run=server", "--filename=-", stdin=json.dumps(tag))
    except ClusterError as error:
        return "Not this one." in str(error)
    return False


def test_a_tag_that_is_refused_holds_up_no_other_release(lab: Lab) -> None:
    lab.release("v1.0.1", "v1.0.2")
    lab.add_plan()
    with denied(lab, "1.0.1"), lab.running():
        lab.wait_for_run("1.0.0")
        lab.wait_for_tag("1.0.2")
        lab.release("v1.0.3")
        lab.wait_for_tag("1.0.3")
        refused = lab.tag("1.0.1")
        lab.merge_release("1.0.0")
        lab.wait_until("1.0.2", "Running")

    assert refused is None


def test_a_tag_that_was_refused_is_made_once_it_is_allowed(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan(suspend=True)
    with lab.running():
        with denied(lab, "1.0.2"):
            lab.release("v1.0.2", "v1.0.3")
            lab.wait_for_tag("1.0.3")
            refused = lab.tag("1.0.2")
        lab.release("v1.0.4")
        lab.wait_for_tag("1.0.2")

    assert refused is None


def test_an_upstream_that_fails_is_written_once_and_on_no_release(lab: Lab) -> None:
    lab.release_at_once(*(f"v1.0.{number}" for number in range(1, 40)))
    lab.add_plan()
    upstream, away = lab.folder / "up/project", lab.folder / "up/away"
    with lab.running() as controller:
        lab.wait_for_run("1.0.0")
        wait_for(
            lambda: lab.plan().status.pending == 39,
            deadline_seconds=30,
            describe=lambda: f"39 to be queued; the status is {lab.plan().status}",
        )
        condition(lab, "PermissionsGranted", "Granted")
        lab.wait_until_idle(controller)
        before, written = releases(lab), status_writes(lab)
        upstream.rename(away)
        condition(lab, "UpstreamReachable", "RepositoryNotFound")
        lab.wait_until_idle(controller)
        lab.wait_until_next("1.0.1", "PlanNotReady")
        lab.wait_until_idle(controller)
        failed = status_writes(lab) - written
        away.rename(upstream)
        condition(lab, "UpstreamReachable", "Reached")
        lab.wait_until_next("1.0.1", "BranchBusy")
        lab.wait_until_idle(controller)
        after = releases(lab)

    assert after == before
    assert failed == 1


def releases(lab: Lab) -> dict[str, str]:
    """Return the resource version of everything that there is for a release."""
    return {
        f"{resource.plural}/{item['metadata']['name']}": item["metadata"]["resourceVersion"]
        for resource in (TAGS, SYNCS, WORKFLOWS)
        for item in lab.objects(resource)
    }
