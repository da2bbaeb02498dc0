"""Fixtures for the tests of lint's verdicts."""

from collections.abc import Iterator

import kubernetes
import pytest

from tests.cluster.apiserver import ApiServer
from tests.cluster.kubectl import Kubectl


@pytest.fixture(scope="module")
def objects(
    kinds: ApiServer, request: pytest.FixtureRequest
) -> Iterator[kubernetes.client.CustomObjectsApi]:
    """Return a client of an API server that has the kinds; a module's objects lie in its `NAMESPACE`."""
    namespace = request.module.NAMESPACE
    kubectl = Kubectl(kubeconfig=kinds.kubeconfig)
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    connection = kubernetes.config.new_client_from_config(str(kinds.kubeconfig))  # type: ignore[no-untyped-call]  # the client has no types
    yield kubernetes.client.CustomObjectsApi(connection)
    kubectl.run("delete", "namespace", namespace, "--wait=false")
