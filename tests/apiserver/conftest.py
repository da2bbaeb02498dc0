"""Fixtures of the controller's tests: the kinds installed once, a namespace and a lab per test."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.apiserver.lab import Lab
from tests.apiserver.site import slow
from tests.cluster.apiserver import ApiServer
from tests.cluster.kubectl import Kubectl
from tests.cluster.toolchain import folder
from tests.cluster.waiting import wait_for

__all__ = ["slow"]

CRDS = Path(__file__).parents[2] / "crds"


@pytest.fixture(scope="session")
def kinds(apiserver: ApiServer) -> ApiServer:
    """The API server with our kinds and Argo's."""
    install_kinds(apiserver)
    return apiserver


def install_kinds(apiserver: ApiServer) -> None:
    """Install our kinds, and Argo's kinds that we use."""
    kubectl = Kubectl(kubeconfig=apiserver.kubeconfig)
    argo = folder("argo", "manifests/base/crds/full")
    for plural in ("workflows", "workflowtemplates"):
        _install(kubectl, argo / f"argoproj.io_{plural}.yaml")
    for file in sorted(CRDS.glob("*.yaml")):
        _install(kubectl, file)
    wait_for(
        lambda: all(map(_is_established, kubectl.list("crd"))),
        deadline_seconds=60,
        describe="the kinds to be established",
    )


@pytest.fixture
def lab(kinds: ApiServer, tmp_path: Path) -> Iterator[Lab]:
    """A namespace for this test, an upstream with a release, and credentials."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    kubectl = Kubectl(kubeconfig=kinds.kubeconfig)
    kubectl.run("create", "namespace", name)
    made = Lab(kubeconfig=kinds.kubeconfig, namespace=name, folder=tmp_path)
    made.release("v1.0.0")
    made.make_repository("down/project")
    made.add_secret(token="token-of-a-test")
    yield made
    kubectl.run("delete", "namespace", name, "--wait=false")


def _install(kubectl: Kubectl, file: Path) -> None:
    kubectl.run("apply", "--server-side", "--force-conflicts", "--filename", file)


def _is_established(kind: dict[str, Any]) -> bool:
    conditions = (kind.get("status") or {}).get("conditions") or []
    return any(c["type"] == "Established" and c["status"] == "True" for c in conditions)
