"""The node: everything of Kubernetes that runs pods, as processes of the host.

In: a state folder whose network is set up. Out: a Ready node named `resync`. Started by `cluster`;
ended by `leftovers.sweep`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.cluster import processes
from tests.cluster.apiserver import ApiServer, Endpoint, start_apiserver
from tests.cluster.certificates import create_authority
from tests.cluster.containerd import start_containerd
from tests.cluster.errors import ClusterRefused
from tests.cluster.kubeconfig import write_kubeconfig
from tests.cluster.kubectl import Kubectl
from tests.cluster.leftovers import socket_of
from tests.cluster.network import (
    HOST_ADDRESS,
    POD_RANGE,
    SERVICE_OF_API,
    SERVICE_RANGE,
    require_free,
)
from tests.cluster.toolchain import binary
from tests.cluster.waiting import wait_for

NAME = "resync"
PROGRAMS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "kubectl",
)
API_PORT = 6443
_KUBELET_PORT = 10250
_PROXY_PORTS = (10249, 10256)
_READY_SECONDS = 180


@dataclass(frozen=True, kw_only=True)
class Node:
    """A node that takes pods."""

    server: ApiServer
    kubectl: Kubectl


def start_node(server: ApiServer) -> Node:
    """Start containerd, kubelet and the controllers; wait until the node is Ready."""
    state = server.state
    for port in (_KUBELET_PORT, *_PROXY_PORTS):
        require_free(HOST_ADDRESS, port)
    start_containerd(state)
    _start_controllers(server)
    _start_kubelet(server)
    _start_proxy(server)
    node = Node(server=server, kubectl=Kubectl(kubeconfig=server.kubeconfig))
    wait_for(
        lambda: _is_ready(node),
        deadline_seconds=_READY_SECONDS,
        describe=lambda: f"the node; kubelet says:\n{processes.log_tail('kubelet', state=state)}",
    )
    return node


def start_api(state: Path) -> ApiServer:
    """Start the node's API server, with the data that is in the state folder."""
    require_free(HOST_ADDRESS, API_PORT)
    client = create_authority(state / "certificates").issue(
        "kubelet-client", organization="system:masters"
    )
    flags = (
        f"--service-cluster-ip-range={SERVICE_RANGE}",
        # `kubectl logs` and `exec` need these; there is no name server to look the node up.
        f"--kubelet-client-certificate={client.certificate}",
        f"--kubelet-client-key={client.key}",
        "--kubelet-preferred-address-types=InternalIP",
    )
    aliases = (f"IP:{SERVICE_OF_API}",)
    endpoint = Endpoint(address=HOST_ADDRESS, port=API_PORT, aliases=aliases, flags=flags)
    return start_apiserver(state, endpoint=endpoint)


def _start_controllers(server: ApiServer) -> None:
    manager = _kubeconfig(server, "system:kube-controller-manager")
    manager_flags = (
        f"--root-ca-file={server.authority.certificate}",
        f"--service-account-private-key-file={server.signing_key.key}",
        "--use-service-account-credentials",
    )
    _start_controller(server, "kube-controller-manager", manager, manager_flags)
    scheduler = _kubeconfig(server, "system:kube-scheduler")
    _start_controller(server, "kube-scheduler", scheduler)


def _start_controller(
    server: ApiServer, name: str, kubeconfig: Path, flags: Sequence[str] = ()
) -> None:
    own = (f"--kubeconfig={kubeconfig}", "--leader-elect=false", "--secure-port=0")
    processes.start(name, [binary(name), *own, *flags], state=server.state)


def _start_kubelet(server: ApiServer) -> None:
    # The machine may lack systemd and have cgroup v1: hence failCgroupV1, cgroupsPerQOS and
    # enforceNodeAllocatable. Nothing answers at clusterDNS, so a lookup fails at once.
    configuration: dict[str, object] = {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": HOST_ADDRESS,
        "port": _KUBELET_PORT,
        "healthzPort": 0,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(server.authority.certificate)},
        },
        "authorization": {"mode": "Webhook"},
        "cgroupDriver": "cgroupfs",
        "cgroupsPerQOS": False,
        "clusterDNS": [HOST_ADDRESS],
        "containerRuntimeEndpoint": f"unix://{socket_of(server.state)}",
        "enforceNodeAllocatable": [],
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "imagefs.available": "1%",
        },
        "failCgroupV1": False,
        "failSwapOn": False,
        "makeIPTablesUtilChains": False,  # we need none of them
        "imageGCHighThresholdPercent": 100,  # an image that is collected cannot be pulled again
    }
    kubeconfig = _kubeconfig(server, f"system:node:{NAME}", organization="system:nodes")
    argv: list[str | Path] = [
        binary("kubelet"),
        f"--config={_write(server.state / 'kubelet.yaml', configuration)}",
        f"--kubeconfig={kubeconfig}",
        f"--root-dir={server.state / 'kubelet'}",
        f"--hostname-override={NAME}",
        f"--node-ip={HOST_ADDRESS}",
    ]
    processes.start("kubelet", argv, state=server.state)


def _start_proxy(server: ApiServer) -> None:
    metrics, health = _PROXY_PORTS
    configuration: dict[str, object] = {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",  # its one table is easy to delete
        "clusterCIDR": POD_RANGE,
        "hostnameOverride": NAME,
        "clientConnection": {"kubeconfig": str(_kubeconfig(server, "system:kube-proxy"))},
        "conntrack": {"maxPerCore": 0},
        "metricsBindAddress": f"{HOST_ADDRESS}:{metrics}",
        "healthzBindAddress": f"{HOST_ADDRESS}:{health}",
    }
    path = _write(server.state / "kube-proxy.yaml", configuration)
    processes.start("kube-proxy", [binary("kube-proxy"), f"--config={path}"], state=server.state)


def _is_ready(node: Node) -> bool:
    for process in processes.recorded(node.server.state):
        processes.require_alive(process, state=node.server.state)
    try:
        found = node.kubectl.list("nodes")
    except ClusterRefused:  # a busy API server
        return False
    return any(
        condition["type"] == "Ready" and condition["status"] == "True"
        for item in found
        for condition in item["status"].get("conditions", [])
    )


def _kubeconfig(server: ApiServer, user: str, *, organization: str = "resync") -> Path:
    pair = server.authority.issue(user, organization=organization)
    path = server.state / f"{user.replace(':', '-')}.kubeconfig"
    return write_kubeconfig(path, server=server.url, authority=server.authority, user=pair)


def _write(path: Path, configuration: dict[str, object]) -> Path:
    path.write_text(yaml.safe_dump(configuration))
    return path
