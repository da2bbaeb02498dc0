"""K3s in a Docker container, by testcontainers, for people who have Docker.

Argo's controller runs on the host against it, as with the local cluster, and the images are brought
in with K3s's own `ctr`. Only the message for a machine without a Docker engine has been tried:
where this project is developed there is none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from docker.errors import DockerException
from testcontainers.community.k3s import K3SContainer
from testcontainers.core.docker_client import DockerClient

from tests.cluster import argo, processes
from tests.cluster.catalogue import PROJECT_IMAGE, STEP_IMAGE, images
from tests.cluster.coordinates import Coordinates
from tests.cluster.errors import ClusterError
from tests.cluster.images import write_archive
from tests.cluster.kubectl import Kubectl

_ARCHIVE = "resync-image.tar"


@contextmanager
def k3s_cluster(directory: Path) -> Iterator[Coordinates]:
    """Yield a K3s with Argo and our images; it ends with the test run.

    Raises:
        ClusterError: there is no Docker engine.
    """
    _require_docker()
    made = images()
    with K3SContainer() as container:
        kubeconfig = directory / "k3s.kubeconfig"
        kubeconfig.write_text(container.config_yaml())
        for image in made:
            archive = directory / _ARCHIVE
            with archive.open("wb") as target:
                write_archive(target, image, without=set())
            _import(container, archive)
        kubectl = Kubectl(kubeconfig=kubeconfig)
        argo.install_kinds(kubectl)
        argo.start_argo(kubectl, state=directory)
        try:
            yield Coordinates(
                kubeconfig=kubeconfig,
                host_address=_gateway(container),
                step_image=STEP_IMAGE,
                project_image=PROJECT_IMAGE,
                argo_server=argo.SERVER_URL,
            )
        finally:
            for process in processes.recorded(directory):
                processes.stop(process, state=directory, grace_seconds=0)


def _require_docker() -> None:
    try:
        DockerClient()
    except DockerException as error:
        raise ClusterError(
            f"RESYNC_TEST_CLUSTER=k3s needs a Docker engine, and none answers: {error}"
        ) from error


def _import(container: K3SContainer, archive: Path) -> None:
    inside = f"/{_ARCHIVE}"
    container.copy_into_container(archive, inside)
    result = container.exec(["ctr", "--namespace", "k8s.io", "images", "import", inside])
    if result.exit_code != 0:
        raise ClusterError(f"K3s does not take an image: {result.output.decode().strip()}")


def _gateway(container: K3SContainer) -> str:
    """The host, as the container and so its pods reach it."""
    settings = container.get_wrapped_container().attrs["NetworkSettings"]
    networks = settings["Networks"].values()
    return str(next(iter(networks))["Gateway"])
