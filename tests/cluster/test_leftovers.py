"""A cluster that was killed, or half of it, is started again as if nothing had been."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cluster.coordinates import Coordinates
from tests.cluster.kubectl import Kubectl
from tests.cluster.leftovers import is_shim
from tests.cluster.namespaces import temporary_namespace
from tests.cluster.processes import recorded
from tests.cluster.waiting import wait_for
from tests.cluster.workflows import attempt, container, workflow

pytestmark = pytest.mark.cluster

Command = Callable[..., subprocess.CompletedProcess[str]]


def pod_phase(kubectl: Kubectl, name: str) -> str:
    found = kubectl.list("pods", selector=f"workflows.argoproj.io/workflow={name}")
    return str(found[0]["status"]["phase"]) if found else ""


def run_to(kubectl: Kubectl, name: str, script: str, phase: str, *, image: str) -> None:
    kubectl.apply(workflow(name, attempt(container("main", image, script))))
    wait_for(
        lambda: pod_phase(kubectl, name) == phase,
        deadline_seconds=90,
        describe=f"the pod of {name} to be {phase}",
    )


def shims(state: Path) -> list[int]:
    pids = (int(entry) for entry in os.listdir("/proc") if entry.isdigit())
    return [pid for pid in pids if is_shim(pid, state)]


def mounts(state: Path) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[4] for line in lines if f" {state}/" in line]


def test_a_cluster_that_was_killed_under_a_running_pod_starts_again(
    local: Path, cluster: Coordinates, command: Command
) -> None:
    kubectl = Kubectl(kubeconfig=cluster.kubeconfig)
    with temporary_namespace(kubectl) as lost:
        inside = kubectl.within(lost)
        run_to(inside, "lost", "sleep 1000", "Running", image=cluster.step_image)
        # Containers and what watches over them live on: the harder case.
        for process in recorded(local):
            os.kill(process.pid, signal.SIGKILL)

        result = command("up")

        assert result.returncode == 0, result.stderr
        # The cluster is a new and empty one, but the name may be deleted as before.
        kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": lost}})
    with temporary_namespace(kubectl) as name:
        run_to(kubectl.within(name), "new", "true", "Succeeded", image=cluster.step_image)


def test_down_leaves_no_process_no_mount_and_no_interface(local: Path, command: Command) -> None:
    doomed = [process.pid for process in recorded(local)]

    result = command("down")

    assert result.returncode == 0, result.stderr
    assert not recorded(local)
    assert not shims(local)
    assert not mounts(local)
    assert not Path("/sys/class/net/resync0").exists()
    assert not [pid for pid in doomed if _runs(pid)]
    assert command("up").returncode == 0


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
