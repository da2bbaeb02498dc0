"""Makes the API server refuse certain writes, so that a controller gets stuck exactly there."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from resync_argo.names import GROUP
from tests.cluster.errors import ClusterError
from tests.cluster.waiting import wait_for
from tests.world.world import Manifest, World

_API = "admissionregistration.k8s.io/v1"
_KINDS = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
_PROBE = "nobody.nothing"


@contextmanager
def status_writes_refused(world: World) -> Iterator[None]:
    """Forbid changes of the status of the world's Tags; wait until the API server does."""
    world.apply(
        {
            "apiVersion": f"{GROUP}/v1alpha1",
            "kind": "Sync",
            "metadata": {"name": _PROBE},
            "spec": {"plan": "nobody", "tag": "nothing"},
        }
    )
    world.apply(*_policy(world.name))
    try:
        wait_for(lambda: _is_refused(world), deadline_seconds=60, describe="a refusal")
        yield
    finally:
        world.kubectl.run("delete", ",".join(_KINDS), world.name)
        wait_for(lambda: not _is_refused(world), deadline_seconds=60, describe="its end")


def _policy(namespace: str) -> tuple[Manifest, Manifest]:
    rule = {
        "apiGroups": [GROUP],
        "apiVersions": ["*"],
        "operations": ["UPDATE"],
        "resources": ["syncs/status"],
    }
    there = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    policy = {
        "matchConstraints": {"namespaceSelector": there, "resourceRules": [rule]},
        "validations": [{"expression": "false", "message": "refused by a test"}],
    }
    binding = {"policyName": namespace, "validationActions": ["Deny"]}
    made = zip(_KINDS, (policy, binding), strict=True)
    first, second = (
        {"apiVersion": _API, "kind": kind, "metadata": {"name": namespace}, "spec": spec}
        for kind, spec in made
    )
    return first, second


def _is_refused(world: World) -> bool:
    patch = json.dumps({"status": {"phase": "Pending"}})
    try:
        world.kubectl.run(
            *("patch", "syncs.resync.openshift.io", _PROBE, "--subresource=status"),
            *("--type=merge", "--dry-run=server", "--patch", patch),
        )
    except ClusterError as error:
        if "refused by a test" not in str(error):
            raise
        return True
    return False
