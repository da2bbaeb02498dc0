"""The local cluster as a whole: `up`, `down`, `status`.

State lives in one folder per user, `${XDG_STATE_HOME:-~/.local/state}/resync-argo/cluster` unless
`RESYNC_CLUSTER_STATE` names another. A cluster that runs is left alone but for this project's image,
which is brought up to date. Anything else, down or half dead, is swept away and started again and
empty: only images outlast a restart.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cluster import argo, network, processes, toolchain
from tests.cluster.apiserver import answers
from tests.cluster.catalogue import PROJECT_IMAGE, STEP_IMAGE, images, project_image
from tests.cluster.certificates import create_authority
from tests.cluster.coordinates import Coordinates
from tests.cluster.errors import ClusterError
from tests.cluster.images import import_image
from tests.cluster.kubectl import Kubectl
from tests.cluster.leftovers import sweep
from tests.cluster.network import HOST_ADDRESS
from tests.cluster.node import API_PORT, PROGRAMS, start_node
from tests.cluster.packages import NODE_PROGRAMS, ensure_programs
from tests.cluster.seed import start_seeded_api
from tests.cluster.waiting import wait_for

_LONGEST_STATE = 60  # a unix socket's path has 107 bytes, and kubelet's are deep
_COMPLETE = "complete"
_ANSWER_SECONDS = 30
_RESTART_SECONDS = 180


def state_directory() -> Path:
    """The folder of this user's cluster.

    Raises:
        ClusterError: its path is too long for the sockets in it.
    """
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    chosen = os.environ.get("RESYNC_CLUSTER_STATE") or Path(base) / "resync-argo" / "cluster"
    state = Path(chosen).resolve()
    if len(str(state)) > _LONGEST_STATE:
        raise ClusterError(f"{state} is too long; set RESYNC_CLUSTER_STATE to a shorter path")
    return state


def up() -> Coordinates:
    """Start the cluster if it does not run, and bring this project's image up to date.

    Raises:
        ClusterError: something is missing or does not start.
    """
    if os.geteuid() != 0:
        raise ClusterError("the local cluster runs containers and needs root")
    state = state_directory()
    with _alone(state):
        if is_up(state):
            import_image(state, project_image())
        else:
            _start(state)
    return coordinates(state)


def down() -> None:
    """End the cluster and remove all that it left, images and built programs excepted."""
    state = state_directory()
    with _alone(state):
        (state / _COMPLETE).unlink(missing_ok=True)
        sweep(state)


def is_up(state: Path) -> bool:
    """Whether a cluster of just these programs runs, all of it, and its API answers."""
    marker = state / _COMPLETE
    if not marker.exists() or marker.read_text() != _identity():
        return False
    found = processes.recorded(state)
    if not found or not all(processes.is_alive(process) for process in found):
        return False
    try:
        # On a busy machine an answer takes its time; that is no reason to throw a cluster away.
        _await_api(state, seconds=_ANSWER_SECONDS)
    except TimeoutError:
        return False
    return True


@contextmanager
def without_api(state: Path) -> Iterator[None]:
    """Run a block while kube-apiserver is killed; then start it again, and Argo if that ended.

    An `up` meanwhile waits: it would take the cluster for a half dead one and throw it away.
    """
    with _alone(state):
        bring_back = processes.take_down("kube-apiserver", state=state)
        try:
            yield
        finally:
            bring_back()
            _await_api(state, seconds=_RESTART_SECONDS)
            argo.revive_controller(Kubectl(kubeconfig=coordinates(state).kubeconfig), state=state)


@contextmanager
def without_argo(state: Path) -> Iterator[None]:
    """Run a block while the workflow-controller is killed; then start it again."""
    revive(state)
    with _alone(state):
        bring_back = processes.take_down(argo.CONTROLLER, state=state)
        try:
            yield
        finally:
            bring_back()


def revive(state: Path) -> None:
    """Start again what ends by itself when the API server comes and goes, as a kubelet does.

    The workflow-controller ends without its lease, the scheduler when it has missed an event.
    """
    with _alone(state):
        for name in ("kube-scheduler", "kube-controller-manager"):
            processes.revive(name, state=state)
        argo.revive_controller(Kubectl(kubeconfig=coordinates(state).kubeconfig), state=state)


def restart_api(state: Path) -> None:
    """Kill kube-apiserver and start it again, while everything else goes on or is started again."""
    with without_api(state):
        pass


def coordinates(state: Path) -> Coordinates:
    """Where the local cluster is."""
    return Coordinates(
        kubeconfig=state / "admin.kubeconfig",
        host_address=HOST_ADDRESS,
        step_image=STEP_IMAGE,
        project_image=PROJECT_IMAGE,
        argo_server=argo.SERVER_URL,
        state=state,
    )


def _await_api(state: Path, *, seconds: float) -> None:
    authority = create_authority(state / "certificates")
    page = f"https://{HOST_ADDRESS}:{API_PORT}/readyz"
    wait_for(lambda: answers(page, authority=authority), deadline_seconds=seconds, describe=page)


def _start(state: Path) -> None:
    ensure_programs(NODE_PROGRAMS)
    for name in (*PROGRAMS, *argo.PROGRAMS):
        toolchain.binary(name)
    made = images()
    (state / _COMPLETE).unlink(missing_ok=True)
    sweep(state)
    with _told("network"):
        network.set_up(state, host_only_ports=[argo.SERVER_PORT])
    with _told("API"):
        server = start_seeded_api(state, identity=_identity())
    with _told("node"):
        node = start_node(server)
    with _told("images"):
        for image in made:
            import_image(state, image)
    with _told(f"Argo Workflows {toolchain.version(toolchain.ARGO_MODULE)}"):
        argo.start_argo(node.kubectl, state=state)
    (state / _COMPLETE).write_text(_identity())


def _identity() -> str:
    """What the cluster is built of; another version of a program means another cluster."""
    programs = [str(toolchain.binary(name)) for name in (*PROGRAMS, *argo.PROGRAMS)]
    return "\n".join(programs)


@contextmanager
def _told(what: str) -> Iterator[None]:
    began = time.monotonic()
    print(f"starting {what} …", end=" ", flush=True)
    yield
    print(f"{time.monotonic() - began:.1f} s", flush=True)


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """Keep a second `up` or `down` waiting until this one is done."""
    state.mkdir(parents=True, exist_ok=True)
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # not on every root's path
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
