"""A world outside pytest, for the demonstration and the measurements."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.cluster import cluster
from tests.cluster.kubectl import Kubectl
from tests.forge.launcher import start_forge
from tests.slack.receiver import SlackReceiver
from tests.world.world import ROOT, World

DELETE_SECONDS = 600
"""What is left of the demonstration before may take its time to end."""
KINDS_SECONDS = 60


@contextmanager
def standalone_world(namespace: str, folder: Path) -> Iterator[World]:
    """Start all that a world needs, in a fresh namespace; stop it at the end, but the cluster.

    Raises:
        ClusterError: the cluster does not start.
    """
    coordinates = cluster.up()
    kubectl = Kubectl(kubeconfig=coordinates.kubeconfig)
    delete = ("delete", "namespace", namespace, "--ignore-not-found", "--wait")
    kubectl.run(*delete, timeout_seconds=DELETE_SECONDS)
    kubectl.run("create", "namespace", namespace)
    inside = kubectl.within(namespace)
    inside.run("apply", "--kustomize", ROOT / "manifests" / "namespace")
    inside.run("apply", "--server-side", "--filename", ROOT / "crds")
    wait = ("wait", "--for=condition=Established", f"--timeout={KINDS_SECONDS}s")
    inside.run(*wait, "--filename", ROOT / "crds", timeout_seconds=2 * KINDS_SECONDS)
    with ExitStack() as stack:
        forge = start_forge(folder / "forge", listen=coordinates.host_address)
        stack.callback(forge.stop)
        slack = SlackReceiver(listen=coordinates.host_address)
        stack.callback(slack.stop)
        world = World(
            name=namespace,
            cluster=coordinates,
            kubectl=inside,
            forge=forge,
            slack=slack,
            folder=folder,
            upstream_name="kubernetes/kubernetes",
            downstream_name="openshift/kubernetes",
        )
        world.build()
        world.controller.start()
        stack.callback(world.controller.stop)
        yield world
