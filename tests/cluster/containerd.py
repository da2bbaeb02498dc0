"""containerd: runs the pods' containers and holds the images.

Its socket, state and root are in the cluster's state folder, so it never touches the machine's own
containerd.
"""

import subprocess
from pathlib import Path

from tests.cluster import processes
from tests.cluster.errors import ClusterError
from tests.cluster.leftovers import socket_of
from tests.cluster.waiting import wait_for

PAUSE_IMAGE = "resync.local/pause:1"
_NAME = "containerd"
_CRI_IS_UP = "Start streaming server"
"""The last line of its log before it serves kubelet."""

# restrict_oom_score_adj: without CAP_SYS_RESOURCE every sandbox fails with "can't get final
# child's PID from pipe: EOF". netns_mounts_under_state_dir: to tell our mounts from others'.
_CONFIGURATION = """\
version = 2
root = "{state}/containerd"
state = "{state}/containerd-state"
[grpc]
  address = "{socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{state}/cni"
"""


def start_containerd(state: Path) -> None:
    """Start containerd, free of the containers that an earlier run left in its database."""
    _start(state)
    containers = ctr(state, "containers", "list", "--quiet").split()
    if containers:
        ctr(state, "containers", "delete", "--", *containers)
        # The CRI plugin read them when it started, and would go on listing them.
        _stop(state)
        _start(state)


def ctr(state: Path, *arguments: str | Path) -> str:
    """Run containerd's client in the namespace of Kubernetes.

    Raises:
        ClusterError: the command failed.
    """
    result = _try_ctr(state, *arguments)
    if result.returncode != 0:
        raise ClusterError(f"ctr {arguments[0]} {arguments[1]} failed: {result.stderr.strip()}")
    return result.stdout


def ctr_command(state: Path, *arguments: str | Path) -> list[str | Path]:
    """The argv of containerd's client, in the namespace of Kubernetes."""
    return ["ctr", "--address", socket_of(state), "--namespace", "k8s.io", *arguments]


def _try_ctr(state: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    argv = ctr_command(state, *arguments)
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def _start(state: Path) -> None:
    configuration = state / "containerd.toml"
    socket = socket_of(state)
    configuration.write_text(_CONFIGURATION.format(state=state, socket=socket, pause=PAUSE_IMAGE))
    process = processes.start(_NAME, [_NAME, "--config", configuration], state=state)

    def is_ready() -> bool:
        processes.require_alive(process, state=state)
        # `ctr` does not ask the CRI plugin, and kubelet exits if that is not up yet.
        log = (state / "log" / f"{_NAME}.log").read_text(errors="replace")
        serves = socket.exists() and _CRI_IS_UP in log
        return serves and _try_ctr(state, "version").returncode == 0

    wait_for(is_ready, deadline_seconds=120, describe="containerd")


def _stop(state: Path) -> None:
    for process in processes.recorded(state):
        if process.name == _NAME:
            processes.stop(process, state=state)
