"""Argo Workflows on a cluster: its kinds, the workflow-controller and the Argo server.

Both run as processes of the host, with the cluster's kubeconfig. The Argo server serves the API
only (its web UI is not in the Go module) at `SERVER_URL`, which neither pods nor other machines
reach; an Argo UI that is there already, such as one run from its sources, can be pointed at it.
"""

import json
import shutil
import tempfile
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from http.client import HTTPException
from pathlib import Path

import yaml

from tests.cluster import processes
from tests.cluster.apiserver import LOOPBACK
from tests.cluster.catalogue import executor_image_name
from tests.cluster.errors import ClusterRefused
from tests.cluster.kubectl import Kubectl
from tests.cluster.network import require_free
from tests.cluster.toolchain import ARGO_MODULE, binary, cache_directory, folder, version
from tests.cluster.waiting import wait_for

NAMESPACE = "argo"
SERVER_PORT = 2746
SERVER_URL = f"http://{LOOPBACK}:{SERVER_PORT}"
CONTROLLER = "workflow-controller"
PROGRAMS = ("argo", "argoexec", CONTROLLER)
_SERVER = "argo-server"
_LEASE = "workflow-controller"
_NEEDED = {"workflows", "workflowtemplates", "workflowtaskresults"}
_READY_SECONDS = 180
_CONFIGURATION = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "workflow-controller-configmap", "namespace": NAMESPACE},
    # Both would listen on fixed ports of every interface.
    "data": {"metricsConfig": "{enabled: false}", "telemetryConfig": "{enabled: false}"},
}


def install_kinds(kubectl: Kubectl) -> None:
    """Install what Argo has in the API: its kinds, its namespace, its settings."""
    _create_kinds(kubectl)
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    kubectl.apply(_CONFIGURATION)
    wait_for(lambda: serves_argo(kubectl), deadline_seconds=_READY_SECONDS, describe="Argo's kinds")


def start_argo(kubectl: Kubectl, *, state: Path) -> None:
    """Start the workflow-controller and the Argo server on a cluster that has Argo's kinds."""
    require_free("", SERVER_PORT)
    wait_for(lambda: serves_argo(kubectl), deadline_seconds=_READY_SECONDS, describe="Argo's kinds")
    start_controller(kubectl, state=state)
    _start_server(kubectl, state=state)


def start_controller(kubectl: Kubectl, *, state: Path) -> None:
    """Start the workflow-controller and wait until it leads, by a lease that it renewed itself."""
    before = _renewed(kubectl)
    process = processes.start(
        CONTROLLER,
        [
            binary(CONTROLLER),
            f"--kubeconfig={kubectl.kubeconfig}",
            f"--namespace={NAMESPACE}",
            f"--executor-image={executor_image_name()}",
            "--executor-image-pull-policy=IfNotPresent",
        ],
        state=state,
        environment={
            "LEADER_ELECTION_IDENTITY": "local",
            "ARGO_NAMESPACE": NAMESPACE,
            # Argo's own 10 s would be paid at every hand-over between pods.
            "DEFAULT_REQUEUE_TIME": "500ms",
        },
    )

    def leads() -> bool:
        processes.require_alive(process, state=state)
        try:
            return _renewed(kubectl) not in (None, before)
        except ClusterRefused:  # a busy API server
            return False

    wait_for(leads, deadline_seconds=_READY_SECONDS, describe="the workflow-controller")


def _renewed(kubectl: Kubectl) -> str | None:
    """Return when the workflow-controller last renewed its lease; None: it never led."""
    leases = kubectl.within(NAMESPACE).list("leases")
    found = (it["spec"].get("renewTime") for it in leases if it["metadata"]["name"] == _LEASE)
    return next(found, None)


def restart_controller(kubectl: Kubectl, *, state: Path) -> None:
    """Kill the workflow-controller and start it again."""
    for process in processes.recorded(state):
        if process.name == CONTROLLER:
            processes.stop(process, state=state, grace_seconds=0)
    start_controller(kubectl, state=state)


def revive_controller(kubectl: Kubectl, *, state: Path) -> None:
    """Start the workflow-controller if it has ended, which it does without its lease."""
    if not any(
        it.name == CONTROLLER and processes.is_alive(it) for it in processes.recorded(state)
    ):
        start_controller(kubectl, state=state)


def serves_argo(kubectl: Kubectl) -> bool:
    """Whether the API server serves the kinds of Argo that a Workflow's run needs."""
    try:
        found = json.loads(kubectl.run("get", "--raw", "/apis/argoproj.io/v1alpha1"))
    except ClusterRefused:
        return False
    return {resource["name"] for resource in found["resources"]} >= _NEEDED


def _create_kinds(kubectl: Kubectl) -> None:
    """Create Argo's CustomResourceDefinitions, all at once: the API server is what takes time."""
    files = sorted(_kinds().iterdir())
    with ThreadPoolExecutor(max_workers=len(files)) as pool:
        list(pool.map(partial(_create, kubectl), files))  # raises what any of them raised


def _create(kubectl: Kubectl, file: Path) -> str:
    return kubectl.run("create", "--validate=false", "--filename", file)


def _kinds() -> Path:
    """A folder of Argo's kinds as JSON: kubectl takes many seconds for 11 MB of YAML."""
    directory = cache_directory() / f"argo-kinds-{version(ARGO_MODULE)}"
    if not directory.exists():
        unfinished = Path(tempfile.mkdtemp(dir=directory.parent))
        for source in folder(ARGO_MODULE, "manifests/base/crds/full").glob("argoproj.io_*.yaml"):
            kind = yaml.load(source.read_bytes(), yaml.CSafeLoader)
            (unfinished / f"{source.stem}.json").write_text(json.dumps(kind))
        try:
            unfinished.rename(directory)
        except OSError:  # another process was first, with the same
            shutil.rmtree(unfinished)
    return directory


def _start_server(kubectl: Kubectl, *, state: Path) -> None:
    argv: list[str | Path] = [
        *(binary("argo"), "server", f"--kubeconfig={kubectl.kubeconfig}"),
        *(f"--namespace={NAMESPACE}", f"--port={SERVER_PORT}"),
        *("--auth-mode=server", "--secure=false"),
    ]
    process = processes.start(_SERVER, argv, state=state, environment={"ARGO_NAMESPACE": NAMESPACE})

    def answers() -> bool:
        processes.require_alive(process, state=state)
        try:
            with urllib.request.urlopen(f"{SERVER_URL}/api/v1/version", timeout=2) as response:
                return bool(response.status == HTTPStatus.OK)
        except (OSError, HTTPException):  # it is not there yet
            return False

    wait_for(answers, deadline_seconds=_READY_SECONDS, describe="the Argo server")
