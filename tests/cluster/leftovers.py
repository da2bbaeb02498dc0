"""What a cluster leaves on the machine when it ends, or is killed: processes, mounts, rules.

`sweep` removes it, whatever state it is in, and touches nothing that is not this cluster's: a
process counts as ours by its recorded pid and start time, by our containerd's socket in its
arguments, or by one of our containers in its cgroup. Images stay: they are what takes time to make.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.cluster import network, processes
from tests.cluster.errors import ClusterError
from tests.cluster.waiting import wait_for

_CRI_NAMESPACE = "k8s.io"
# What a new start must not find. `containerd/` with the images is not among it.
_VOLATILE = ("cni", "containerd-state", "etcd", "ipam", "kubelet", "log", "run")


def sweep(state: Path) -> None:
    """End every process of the cluster, and remove its mounts, network and volatile files.

    Nothing is asked to end: what it would still write is thrown away, and the workflow-controller
    takes its time.

    Raises:
        ClusterError: something stayed mounted; what is below may be a folder of the host's.
    """
    for process in processes.recorded(state):
        processes.stop(process, state=state, grace_seconds=0)
    _end_containers(state)
    for mount in _mounts_below(state):
        subprocess.run(["umount", "--lazy", "--", mount], check=False, capture_output=True)
    if mounts := _mounts_below(state):
        raise ClusterError(f"cannot unmount {', '.join(mounts)}")
    network.tear_down()
    for name in _VOLATILE:
        shutil.rmtree(state / name, ignore_errors=True)


def socket_of(state: Path) -> Path:
    """Where this cluster's containerd listens."""
    return state / "containerd-state" / "containerd.sock"


def _end_containers(state: Path) -> None:
    """Kill shims first: they would report and clean up, each at its own pace."""
    containers = state / "containerd-state" / "io.containerd.runtime.v2.task" / _CRI_NAMESPACE
    ids = {path.name for path in containers.iterdir()} if containers.is_dir() else set()

    def kill_all() -> bool:
        found = [pid for pid in _pids() if is_shim(pid, state) or _is_in_container(pid, ids)]
        for pid in found:
            _kill(pid)
        return not found

    wait_for(kill_all, deadline_seconds=120, describe="the end of the cluster's containers")
    for identity in ids:
        _remove_cgroups(identity)


def is_shim(pid: int, state: Path) -> bool:
    """Whether a process watches over a container of this cluster."""
    argv = _read(pid, "cmdline").split("\0")
    return "containerd-shim" in argv[0] and str(socket_of(state)) in argv


def _is_in_container(pid: int, ids: set[str]) -> bool:
    return any(line.rpartition("/")[2] in ids for line in _read(pid, "cgroup").splitlines())


def _remove_cgroups(identity: str) -> None:
    """Remove a container's cgroups of every hierarchy; they are folders that must be empty."""
    root = Path("/sys/fs/cgroup")
    below = f"{_CRI_NAMESPACE}/{identity}"
    for cgroup in (root / below, *root.glob(f"*/{below}")):  # version 2; version 1
        try:
            cgroup.rmdir()
        except OSError:
            continue  # a process is on its way out; an empty cgroup costs nothing


def _mounts_below(state: Path) -> list[str]:
    """Mount points under the state folder, innermost first."""
    points = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    ours = [point for point in points if point.startswith(f"{state}/")]
    return sorted((_unescape(point) for point in ours), key=len, reverse=True)


def _unescape(point: str) -> str:
    return point.encode().decode("unicode_escape")


def _pids() -> Iterator[int]:
    return (int(entry) for entry in os.listdir("/proc") if entry.isdigit())


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text(errors="replace")
    except OSError:
        return ""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
