"""Fixtures: all tests of the kinds share a namespace, so each object has a unique name."""

from collections.abc import Iterator
from pathlib import Path

import kubernetes
import pytest

from tests.apiserver.crds.manifests import NAMESPACE
from tests.cluster.apiserver import ApiServer
from tests.cluster.kubectl import Kubectl

CRDS = Path(__file__).parents[3] / "crds"


@pytest.fixture(scope="package")
def kinds(apiserver: ApiServer) -> Iterator[Kubectl]:
    """Kubectl in a namespace of an API server that has our kinds."""
    kubectl = Kubectl(kubeconfig=apiserver.kubeconfig)
    kubectl.run("apply", "--server-side", "--filename", CRDS)
    for crd in ("plans", "tags", "syncs"):
        name = f"crd/{crd}.resync.openshift.io"
        kubectl.run("wait", "--for=condition=Established", "--timeout=60s", name)
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    yield kubectl.within(NAMESPACE)
    kubectl.run("delete", "namespace", NAMESPACE, "--wait=false")


@pytest.fixture(scope="package")
def objects(kinds: Kubectl) -> kubernetes.client.CustomObjectsApi:
    """The API without kubectl, which would take a second for each of the tests' many objects."""
    connection = kubernetes.config.new_client_from_config(str(kinds.kubeconfig))  # type: ignore[no-untyped-call]  # the client has no types
    return kubernetes.client.CustomObjectsApi(connection)
