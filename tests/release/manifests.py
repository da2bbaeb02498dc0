"""The manifests: ready to apply with the image's name in them, and as they are, for overlays."""

import gzip
import io
import tarfile
from pathlib import Path

from tests.release.programs import ReleaseError, run
from tests.release.source import Source

READY = {
    "install.yaml": "manifests/cluster-install",
    "namespace-install.yaml": "manifests/namespace-install",
    "namespace.yaml": "manifests/namespace",
    "crds.yaml": "crds",
}
"""Name of a published file -> the folder that kubectl renders."""

_OVERLAY = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../{folder}]
images:
  - {{name: resync-argo, newName: "{name}", newTag: "{tag}"{digest}}}
"""


def write_manifests(
    source: Source, target: Path, *, image: str, digest: str = "", kubectl: str = "kubectl"
) -> None:
    """Write the manifests, in which `image` is the controller's image, into a folder.

    Args:
        source: what they are made of.
        target: the folder.
        image: registry/name:tag.
        digest: `sha256:…` of the image that was pushed; the manifests name it where it is known.
        kubectl: the program that renders them.

    Raises:
        ReleaseError: kubectl is missing or refuses them, or `image` has no tag.
    """
    name, tag = split_image(image)
    overlay = source.folder / "overlay"
    overlay.mkdir(exist_ok=True)
    pinned = f', digest: "{digest}"' if digest else ""
    for file, folder in READY.items():
        (overlay / "kustomization.yaml").write_text(
            _OVERLAY.format(folder=folder, name=name, tag=tag, digest=pinned)
        )
        (target / file).write_text(run([kubectl, "kustomize", overlay]))
    archive = target / f"resync-argo-manifests-{source.version}.tar.gz"
    archive.write_bytes(_packed(source, ("manifests", "crds")))


def split_image(image: str) -> tuple[str, str]:
    """Return name and tag of an image.

    Raises:
        ReleaseError: it has no tag.
    """
    name, _, tag = image.rpartition(":")
    if not name or "/" in tag:
        raise ReleaseError(f"an image is registry/name:tag, with a tag; this is {image}")
    return name, tag


def _packed(source: Source, folders: tuple[str, ...]) -> bytes:
    """Return an archive of some folders, with nothing of this machine in it: no user, mode or time."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        for file in sorted(
            file for folder in folders for file in (source.folder / folder).rglob("*")
        ):
            if file.is_file():
                member = tarfile.TarInfo(str(file.relative_to(source.folder)))
                member.size, member.mtime, member.mode = file.stat().st_size, source.epoch, 0o644
                with file.open("rb") as content:
                    archive.addfile(member, content)
    return gzip.compress(tar.getvalue(), mtime=source.epoch)
