"""The manifests of a release apply unchanged on a separate API server, with the published image."""

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.apiserver import ApiServer, start_apiserver
from tests.cluster.kubectl import Kubectl
from tests.cluster.toolchain import binary
from tests.release.manifests import split_image, write_manifests
from tests.release.programs import ReleaseError
from tests.release.source import export_source

pytestmark = pytest.mark.apiserver

IMAGE = "images.example.com:5000/team/resync-argo:7.8.9"


@pytest.fixture(scope="module")
def files(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the manifests for IMAGE."""
    folder = tmp_path_factory.mktemp("manifests")
    source = export_source(project, tmp_path_factory.mktemp("export"))
    write_manifests(source, folder, image=IMAGE, kubectl=str(binary("kubectl")))
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server on which nothing is installed."""
    server = start_apiserver(tmp_path_factory.mktemp("installed"))
    yield server
    server.stop()


def test_they_install_the_controller_with_the_published_image(
    files: Path, server: ApiServer
) -> None:
    kubectl = Kubectl(kubeconfig=server.kubeconfig)

    kubectl.run("apply", "--server-side", "--filename", files / "install.yaml")
    kubectl.run("create", "namespace", "forks")
    kubectl.within("forks").run("apply", "--server-side", "--filename", files / "namespace.yaml")

    deployment = kubectl.within("resync-argo").get("deployment", "resync-argo-controller")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == IMAGE
    assert kubectl.within("forks").list("rolebinding")


def test_a_pushed_image_is_named_by_its_digest(project: Path, tmp_path: Path) -> None:
    digest = f"sha256:{'ab' * 32}"
    source = export_source(project, tmp_path / "export")

    write_manifests(source, tmp_path, image=IMAGE, digest=digest, kubectl=str(binary("kubectl")))

    assert f"image: {IMAGE}@{digest}" in (tmp_path / "install.yaml").read_text()


def test_one_namespace_gets_its_own_controller(files: Path, server: ApiServer) -> None:
    kubectl = Kubectl(kubeconfig=server.kubeconfig)
    kubectl.run("create", "namespace", "alone")

    within = kubectl.within("alone")
    within.run("apply", "--server-side", "--filename", files / "namespace-install.yaml")

    deployment = within.get("deployment", "resync-argo-controller")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"] == IMAGE
    (watched,) = [it for it in container["env"] if it["name"] == "RESYNC_NAMESPACE"]
    assert watched["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.namespace"


def test_the_kinds_are_those_of_the_installation(files: Path) -> None:
    kinds = (files / "crds.yaml").read_text()

    assert kinds.count("kind: CustomResourceDefinition") == 3
    assert "kind: Deployment" not in kinds


def test_the_archive_has_everything_for_an_overlay_and_nothing_of_this_machine(files: Path) -> None:
    (packed,) = files.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        members = archive.getmembers()

    names = {member.name for member in members}
    assert {"crds/plan.yaml", "manifests/namespace-install/kustomization.yaml"} <= names
    assert {(member.uid, member.uname, member.mode) for member in members} == {(0, "", 0o644)}


@pytest.mark.parametrize("image", ["resync-argo", "images.example.com:5000/resync-argo", ":1"])
def test_an_image_without_a_tag_is_refused(image: str) -> None:
    with pytest.raises(ReleaseError, match="with a tag"):
        split_image(image)
