"""A cluster that is there already, with Argo Workflows installed by whoever keeps it.

The images that tests name (`resync.local/…`) have to be on its nodes or at its pull-through registry;
pods have to reach this machine under `RESYNC_TEST_HOST_ADDRESS`. Tried with this package's own
local cluster, given by its kubeconfig.
"""

import os
from pathlib import Path

from tests.cluster.argo import serves_argo
from tests.cluster.catalogue import PROJECT_IMAGE, STEP_IMAGE
from tests.cluster.coordinates import Coordinates
from tests.cluster.errors import ClusterError
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for

_PROBE_SECONDS = 30
_PROBE = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "Workflow",
    "metadata": {"generateName": "resync-probe-"},
    "spec": {"entrypoint": "wait", "templates": [{"name": "wait", "suspend": {}}]},
}


def given_cluster() -> Coordinates:
    """Return the cluster of `RESYNC_TEST_KUBECONFIG` after a look at what it has.

    Raises:
        ClusterError: it cannot be reached, or lacks something.
    """
    kubeconfig = Path(_required("RESYNC_TEST_KUBECONFIG"))
    if not kubeconfig.is_file():
        raise ClusterError(f"RESYNC_TEST_KUBECONFIG names {kubeconfig}, which is not a file")
    kubectl = Kubectl(kubeconfig=kubeconfig, namespace="default")
    kubectl.run("version")
    if not serves_argo(kubectl):
        raise ClusterError(f"the cluster of {kubeconfig} has not the kinds of Argo Workflows")
    _require_controller(kubectl)
    return Coordinates(
        kubeconfig=kubeconfig,
        host_address=_required("RESYNC_TEST_HOST_ADDRESS"),
        step_image=STEP_IMAGE,
        project_image=PROJECT_IMAGE,
    )


def _required(variable: str) -> str:
    value = os.environ.get(variable)
    if not value:
        raise ClusterError(f"{variable} must be set for RESYNC_TEST_CLUSTER=kubeconfig")
    return value


def _require_controller(kubectl: Kubectl) -> None:
    """See whether somebody runs Workflows: one that only waits needs no pod."""
    name = kubectl.create(_PROBE)["metadata"]["name"]

    def has_begun() -> bool:
        workflow = kubectl.get("workflow", name)
        return bool(workflow.get("status", {}).get("phase"))

    try:
        wait_for(has_begun, deadline_seconds=_PROBE_SECONDS, describe="the workflow-controller")
    except TimeoutError:
        raise ClusterError(
            f"no workflow-controller took up a Workflow in namespace default in {_PROBE_SECONDS} s"
        ) from None
    finally:
        kubectl.run("delete", "workflow", "--wait=false", "--", name)
