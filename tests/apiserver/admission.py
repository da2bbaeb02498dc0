"""An administrator's admission policy, which refuses some of the controller's objects."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from resync_argo.controller.kube.api import Resource
from tests.apiserver.lab import Lab
from tests.cluster.errors import ClusterError
from tests.cluster.waiting import wait_for

PROBE = "probe.probe"
"""The name of an object that each policy here denies."""


@contextmanager
def denied(
    lab: Lab, resource: Resource, expression: str, *, status: str = "true"
) -> Iterator[None]:
    """Admit only objects of a kind for which a CEL expression is true.

    Args:
        lab: has the namespace.
        resource: the kind.
        expression: must be true for a created object.
        status: must be true for an object whose status is written.
    """
    name = f"no-{lab.namespace}"
    place = {"matchLabels": {"kubernetes.io/metadata.name": lab.namespace}}
    made = {
        "apiGroups": [resource.group],
        "apiVersions": [resource.version],
        "operations": ["CREATE", "UPDATE"],
        "resources": [resource.plural, f"{resource.plural}/status"],
    }
    validation = {
        "expression": f"object.metadata.name != '{PROBE}' && "
        f"(request.operation == 'CREATE' ? ({expression}) : ({status}))",
        "message": "Not this one.",
    }
    policy: dict[str, Any] = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "matchConstraints": {"namespaceSelector": place, "resourceRules": [made]},
            "validations": [validation],
        },
    }
    binding: dict[str, Any] = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, "validationActions": ["Deny"]},
    }
    lab.kubectl.within("").apply(policy, binding)
    wait_for(lambda: _is_at_work(lab, resource), deadline_seconds=60, describe="the policy to work")
    try:
        yield
    finally:
        for kind in ("validatingadmissionpolicybinding", "validatingadmissionpolicy"):
            lab.kubectl.within("").run("delete", kind, name)
        wait_for(
            lambda: not _is_at_work(lab, resource),
            deadline_seconds=60,
            describe="the policy to end",
        )


def _is_at_work(lab: Lab, resource: Resource) -> bool:
    manifest = {
        "apiVersion": f"{resource.group}/{resource.version}",
        "kind": resource.plural.capitalize().removesuffix("s"),
        "metadata": {"name": PROBE, "namespace": lab.namespace},
        "spec": _SPECS[resource.plural],
    }
    try:
        lab.kubectl.run("create", "--dry-run=server", "--filename=-", stdin=json.dumps(manifest))
    except ClusterError as error:
        return "Not this one." in str(error)
    return False


_SPECS: dict[str, dict[str, str]] = {
    "workflows": {"entrypoint": "probe"},
    "tags": {"repository": "forge.test/up/probe", "version": "0.0.0"},
    "syncs": {"plan": "probe", "tag": "probe"},
}
