"""The API server alone does what tests of restarts rely on."""

import json

import pytest

from tests.cluster.apiserver import ApiServer
from tests.cluster.errors import ClusterRefused
from tests.cluster.kubectl import Kubectl

pytestmark = pytest.mark.apiserver


def test_a_restart_keeps_the_data_and_the_address(apiserver: ApiServer) -> None:
    kubectl = Kubectl(kubeconfig=apiserver.kubeconfig)
    kubectl.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kept"}})

    apiserver.restart()

    assert kubectl.get("namespace", "kept")["status"]["phase"] == "Active"


def test_what_is_read_without_kubectl_is_what_kubectl_shows(apiserver: ApiServer) -> None:
    kubectl = Kubectl(kubeconfig=apiserver.kubeconfig, namespace="default")
    labelled = {"name": "read", "labels": {"read": "yes"}}
    kubectl.apply({"apiVersion": "v1", "kind": "Secret", "metadata": labelled})

    read, listed = kubectl.get("secret", "read"), kubectl.list("secrets", selector="read=yes")

    shown = kubectl.run("get", "secret", "read", "--output=json", "--show-managed-fields")
    assert read == json.loads(shown)
    assert [it["metadata"]["name"] for it in listed] == ["read"]
    assert kubectl.list("secrets", selector="read=no") == []
    with pytest.raises(ClusterRefused, match='secrets "absent" not found'):
        kubectl.get("secret", "absent")
