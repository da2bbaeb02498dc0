"""etcd and kube-apiserver: Kubernetes' API with nothing behind it.

In: a folder for state. Out: an `ApiServer`, in a few seconds. The `apiserver` tier uses it alone
(no root needed); the node puts kubelet and the controllers behind it.
"""

import socket
import ssl
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from tests.cluster import processes
from tests.cluster.certificates import Authority, Pair, create_authority, create_signing_key
from tests.cluster.errors import ClusterError
from tests.cluster.kubeconfig import write_kubeconfig
from tests.cluster.toolchain import binary
from tests.cluster.waiting import wait_for

LOOPBACK = "127.0.0.1"
_READY_SECONDS = 180
_PORTS = 3
"""How often ports are chosen: another process may take one between its choice and its use."""
_SIGNERS = ("--service-account-issuer=https://kubernetes.default.svc",)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where the API server listens, and under which further addresses it is reached.

    Attributes:
        address: the address it listens on.
        port: its port; 0 takes a free one.
        aliases: further names for its certificate, such as `IP:10.198.0.1`.
        flags: what a node needs on top of an API alone.
    """

    address: str = LOOPBACK
    port: int = 0
    aliases: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ApiServer:
    """A running API server.

    Attributes:
        kubeconfig: the file of a cluster administrator.
        url: `https://<address>:<port>`.
        state: the folder that holds data, certificates and logs.
        authority: who signs certificates of this cluster.
        signing_key: what signs service account tokens.
    """

    kubeconfig: Path
    url: str
    state: Path
    authority: Authority
    signing_key: Pair
    commands: dict[str, Sequence[str | Path]] = field(repr=False)

    def start(self) -> None:
        """Start both processes with the data and the port that they had before."""
        for name, command in self.commands.items():
            processes.start(name, command, state=self.state)
        wait_for(self._is_ready, deadline_seconds=_READY_SECONDS, describe=self._explain)

    def stop(self) -> None:
        """End both processes; the data stays."""
        for process in processes.recorded(self.state):
            if process.name in self.commands:
                processes.stop(process, state=self.state)

    def restart(self) -> None:
        """End both and start them again: every watch breaks, nothing is lost."""
        self.stop()
        self.start()

    def _is_ready(self) -> bool:
        for process in processes.recorded(self.state):
            processes.require_alive(process, state=self.state)
        return answers(f"{self.url}/readyz", authority=self.authority)

    def _explain(self) -> str:
        return f"{self.url}/readyz; its log ends with:\n{processes.log_tail('kube-apiserver', state=self.state)}"


def start_apiserver(state: Path, *, endpoint: Endpoint = Endpoint()) -> ApiServer:
    """Start etcd and kube-apiserver, and wait until the API is ready.

    Args:
        state: where data, certificates and logs go; what is there already is used.
        endpoint: where to listen; by default a free port of the loopback interface.

    Raises:
        ClusterError: one of them ended; names its log.
    """
    for left in reversed(range(_PORTS)):
        server = _prepare(state, endpoint)
        try:
            server.start()
        except ClusterError as error:
            server.stop()
            if not left or "address already in use" not in str(error):
                raise
        else:
            return server
    raise AssertionError("the last try returns or raises")


def _prepare(state: Path, endpoint: Endpoint) -> ApiServer:
    """Return the API server of a state folder with ports that are free now; nothing runs yet."""
    authority = create_authority(state / "certificates")
    signing_key = create_signing_key(state / "certificates")
    port = endpoint.port or free_port()
    url = f"https://{endpoint.address}:{port}"
    administrator = authority.issue("admin", organization="system:masters")
    kubeconfig = write_kubeconfig(
        state / "admin.kubeconfig", server=url, authority=authority, user=administrator
    )
    etcd_url = f"http://{LOOPBACK}:{free_port()}"
    return ApiServer(
        kubeconfig=kubeconfig,
        url=url,
        state=state,
        authority=authority,
        signing_key=signing_key,
        commands={
            "etcd": _etcd_command(state, etcd_url),
            "kube-apiserver": [
                *_apiserver_command(authority, signing_key, etcd_url),
                *_serving_flags(authority, endpoint, port),
                *endpoint.flags,
            ],
        },
    )


def free_port() -> int:
    """A port of the loopback interface that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def answers(url: str, *, authority: Authority) -> bool:
    """Whether a health page of the cluster says that all is well."""
    context = ssl.create_default_context(cafile=str(authority.certificate))
    try:
        with urllib.request.urlopen(url, timeout=2, context=context) as response:
            return bool(response.status == 200)
    except (OSError, HTTPException):  # it is not there yet, or in the middle of coming or going
        return False


def _etcd_command(state: Path, url: str) -> list[str | Path]:
    peer = f"http://{LOOPBACK}:{free_port()}"
    return [
        binary("etcd"),
        f"--data-dir={state / 'etcd'}",
        "--unsafe-no-fsync",  # the data need not outlive the machine
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
    ]


def _apiserver_command(authority: Authority, signing_key: Pair, etcd_url: str) -> list[str | Path]:
    return [
        binary("kube-apiserver"),
        f"--etcd-servers={etcd_url}",
        f"--client-ca-file={authority.certificate}",
        *_SIGNERS,
        f"--service-account-key-file={signing_key.certificate}",
        f"--service-account-signing-key-file={signing_key.key}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
    ]


def _serving_flags(authority: Authority, endpoint: Endpoint, port: int) -> list[str]:
    names = (f"IP:{endpoint.address}", "DNS:localhost", "DNS:kubernetes.default.svc")
    pair = authority.issue("kube-apiserver", addresses=(*names, *endpoint.aliases))
    return [
        f"--bind-address={endpoint.address}",
        f"--advertise-address={endpoint.address}",
        f"--secure-port={port}",
        f"--tls-cert-file={pair.certificate}",
        f"--tls-private-key-file={pair.key}",
    ]
