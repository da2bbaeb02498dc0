"""The API server alone does what tests of restarts rely on."""

import pytest

from tests.cluster.apiserver import ApiServer
from tests.cluster.kubectl import Kubectl

pytestmark = pytest.mark.apiserver


def test_a_restart_keeps_the_data_and_the_address(apiserver: ApiServer) -> None:
    kubectl = Kubectl(kubeconfig=apiserver.kubeconfig)
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kept"}})

    apiserver.restart()

    assert kubectl.get("namespace", "kept")["status"]["phase"] == "Active"
