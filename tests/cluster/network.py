"""The node's network: an address of its own, the pods' links, and what is swept away at the end.

Every pod has a point-to-point link to the host (CNI's `ptp`), so all traffic is routed and no
bridge has to see it. Names of pods and hosts are not resolved, and no address outside this machine
is reached: what pods talk to, a forge for example, listens on `HOST_ADDRESS`. NetworkPolicies are
accepted by the API and not enforced.
"""

import json
import socket
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from tests.cluster.errors import ClusterError

HOST_ADDRESS = "10.199.0.1"
"""The host, for pods and for itself. It is on an interface of the cluster's own, so that nothing
depends on the network that the machine happens to be in."""
POD_RANGE = "10.199.0.0/22"
SERVICE_RANGE = "10.198.0.0/16"
SERVICE_OF_API = "10.198.0.1"

_INTERFACE = "resync0"
_NETWORK = "resync"
_TABLE = ("inet", "resync-argo")
_KUBE_PROXY_TABLES = (("ip", "kube-proxy"), ("ip6", "kube-proxy"))
_HOST_ONLY = """\
table {table} {{
  chain input {{
    type filter hook input priority 0; policy accept;
    iifname != "lo" tcp dport {{ {ports} }} drop
  }}
}}
"""
_LISTENING = "0A"  # the state in /proc/net/tcp


def set_up(state: Path, *, host_only_ports: Iterable[int]) -> None:
    """Make the host's address and the pods' network.

    Args:
        state: the cluster's state folder; `cni/` of it is for containerd.
        host_only_ports: ports that neither pods nor other machines may reach.
    """
    # A bridge without ports serves as an interface of our own; not every kernel has dummy ones.
    _run("ip", "link", "add", _INTERFACE, "type", "bridge")
    _run("ip", "address", "add", f"{HOST_ADDRESS}/32", "dev", _INTERFACE)
    _run("ip", "link", "set", _INTERFACE, "up")
    ports = ", ".join(str(port) for port in host_only_ports)
    rules = _HOST_ONLY.format(table=" ".join(_TABLE), ports=ports)
    _run("nft", "-f", "-", text=rules)
    _write_cni(state)


def tear_down() -> None:
    """Remove what `set_up`, kube-proxy and CNI made, as far as it is there."""
    for table in (_TABLE, *_KUBE_PROXY_TABLES):
        subprocess.run(["nft", "delete", "table", *table], capture_output=True, check=False)
    subprocess.run(["ip", "link", "delete", _INTERFACE], capture_output=True, check=False)
    for result in Path("/var/lib/cni/results").glob(f"{_NETWORK}-*"):
        result.unlink()


def require_free(address: str, port: int) -> None:
    """Make sure that a port can be listened on.

    Raises:
        ClusterError: a process holds it; the message says which.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            holder = _holder(port) or "an unknown process"
            raise ClusterError(f"port {port} is needed, but {holder} listens on it") from None


def listens(pid: int, port: int) -> bool | None:
    """Return whether a process listens on a port; False: another one does; None: nobody does."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    return any(link in sockets for link in _descriptors(pid)) if sockets else None


def _descriptors(pid: int) -> Iterator[str]:
    for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):  # closed meanwhile
            yield str(descriptor.readlink())


def _write_cni(state: Path) -> None:
    directory = state / "cni"
    directory.mkdir(exist_ok=True)
    ipam = {
        "type": "host-local",
        "dataDir": str(state / "ipam"),
        # The first address of the range is the gateway: the host.
        "ranges": [[{"subnet": POD_RANGE, "gateway": HOST_ADDRESS}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    plugins = [{"type": "ptp", "ipMasq": False, "ipam": ipam}]
    configuration = {"cniVersion": "0.4.0", "name": _NETWORK, "plugins": plugins}
    (directory / "10-resync.conflist").write_text(json.dumps(configuration))


def _holder(port: int) -> str | None:
    """The process that listens on a port, as `name (pid)`."""
    sockets = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(descriptor.readlink()) in sockets:
                process = descriptor.parents[1]
                return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
        except OSError:
            continue  # the process or the descriptor is gone, or another user's
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(fields[9])
    return inodes


def _run(*argv: str, text: str | None = None) -> None:
    result = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ClusterError(f"{' '.join(argv)} failed: {result.stderr.strip()}")
