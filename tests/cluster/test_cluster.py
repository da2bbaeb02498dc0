"""The local cluster does what the other tiers rely on."""

import hashlib
import subprocess
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import argo, images
from tests.cluster.containerd import ctr
from tests.cluster.coordinates import Coordinates
from tests.cluster.images import Image, import_image
from tests.cluster.kubectl import Kubectl
from tests.cluster.layers import Layer
from tests.cluster.waiting import wait_for
from tests.cluster.workflows import CONFLICT, attempt, container, suspension, sync, workflow

pytestmark = pytest.mark.cluster

_RUN_SECONDS = 90


def phase(kubectl: Kubectl, name: str) -> str:
    return str(kubectl.get("workflow", name).get("status", {}).get("phase", ""))


def wait_for_phase(kubectl: Kubectl, name: str, wanted: str) -> None:
    wait_for(
        lambda: phase(kubectl, name) == wanted,
        deadline_seconds=_RUN_SECONDS,
        describe=lambda: f"{name} to be {wanted}; it is {phase(kubectl, name)!r}",
    )


def suspended_node(kubectl: Kubectl, name: str) -> str | None:
    """The id of the node at which a Workflow waits for a person."""
    nodes = kubectl.get("workflow", name).get("status", {}).get("nodes", {})
    waiting = [node for node in nodes.values() if node["type"] == "Suspend"]
    return next((node["id"] for node in waiting if node["phase"] == "Running"), None)


def resume(kubectl: Kubectl, name: str, node: str) -> None:
    """End a suspension with nothing but the Kubernetes API, guarded by the resourceVersion."""
    found = kubectl.get("workflow", name)
    done = {
        "phase": "Succeeded",
        "message": "Resumed: the pull request was merged",
        "finishedAt": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    found["status"]["nodes"][node] |= done
    kubectl.replace(found)


def sync_workflow(name: str, image: str) -> dict[str, Any]:
    """A conflict in the first attempt, none in the second."""
    script = f'[ "{{{{inputs.parameters.attempt}}}}" != 1 ] || exit {CONFLICT}'
    checkout = container("checkout", image, "git init -q /workspace/clone")
    return workflow(
        name,
        sync(),
        attempt(checkout, container("main", image, script, after="checkout")),
        suspension(),
    )


def test_the_node_is_ready(cluster: Coordinates) -> None:
    nodes = Kubectl(kubeconfig=cluster.kubeconfig).list("nodes")

    conditions = {c["type"]: c["status"] for c in nodes[0]["status"]["conditions"]}
    assert conditions["Ready"] == "True"


def test_containers_of_one_pod_share_a_workspace_and_their_logs_can_be_read(
    cluster: Coordinates, kubectl: Kubectl
) -> None:
    first = container("write", cluster.step_image, "go version > /workspace/version")
    second = container("main", cluster.project_image, "cat /workspace/version", after="write")

    kubectl.apply(workflow("two", attempt(first, second)))

    wait_for_phase(kubectl, "two", "Succeeded")
    assert "go version go1." in kubectl.run("logs", "two", "--container=main")


def test_a_step_gets_no_token_of_the_cluster(cluster: Coordinates, kubectl: Kubectl) -> None:
    look = "! ls /var/run/secrets/kubernetes.io"

    kubectl.apply(workflow("blind", attempt(container("main", cluster.step_image, look))))

    wait_for_phase(kubectl, "blind", "Succeeded")


def test_pods_reach_a_server_on_the_host(
    cluster: Coordinates, kubectl: Kubectl, host_server: str
) -> None:
    fetch = f"python3 -c 'import urllib.request as r; print(r.urlopen(\"{host_server}\").status)'"

    kubectl.apply(workflow("fetch", attempt(container("main", cluster.project_image, fetch))))

    wait_for_phase(kubectl, "fetch", "Succeeded")


def test_a_conflict_suspends_and_a_resume_makes_another_attempt(
    cluster: Coordinates, kubectl: Kubectl
) -> None:
    kubectl.apply(sync_workflow("sync", cluster.step_image))
    node = wait_for(
        lambda: suspended_node(kubectl, "sync"),
        deadline_seconds=_RUN_SECONDS,
        describe="the suspension",
    )

    resume(kubectl, "sync", node)

    wait_for_phase(kubectl, "sync", "Succeeded")
    assert len(kubectl.list("pods")) == 2


def test_a_suspended_workflow_survives_a_restart_of_argo(
    local: Path, cluster: Coordinates, kubectl: Kubectl
) -> None:
    kubectl.apply(sync_workflow("kept", cluster.step_image))
    node = wait_for(
        lambda: suspended_node(kubectl, "kept"),
        deadline_seconds=_RUN_SECONDS,
        describe="the suspension",
    )

    argo.restart_controller(Kubectl(kubeconfig=cluster.kubeconfig), state=local)
    resume(kubectl, "kept", node)

    wait_for_phase(kubectl, "kept", "Succeeded")


def test_layers_that_containerd_threw_away_meanwhile_are_sent_to_it(
    local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text(str(tmp_path))
    with tarfile.open(tmp_path / "layer.tar", "w") as archive:
        archive.add(tmp_path / "file", arcname="file")
    digest = f"sha256:{hashlib.sha256((tmp_path / 'layer.tar').read_bytes()).hexdigest()}"
    layer = Layer(path=tmp_path / "layer.tar", digest=digest)
    image = Image(name="resync.local/test-of-garbage:1", layers=[layer])
    said = {"images": ctr(local, "images", "list"), "content": digest}
    monkeypatch.setattr(images, "ctr", lambda _state, kind, *_: said[kind])

    imported = import_image(local, image)

    found = ctr(local, "images", "list", "--quiet")
    ctr(local, "images", "delete", image.name)
    assert imported
    assert image.name in found


def test_a_second_up_changes_nothing(
    local: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    before = {path: path.read_text() for path in (local / "run").iterdir()}

    result = command("up")

    assert result.returncode == 0, result.stderr
    assert "starting" not in result.stdout
    assert {path: path.read_text() for path in (local / "run").iterdir()} == before


def test_status_tells_that_the_cluster_is_up(
    local: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    result = command("status")

    assert result.returncode == 0
    assert "ended" not in result.stdout
    assert (local / "run").is_dir()
