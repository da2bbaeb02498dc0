"""A release: all its files in one folder, and the image in its registry."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.release.image import find_builder, publish_image, sign_image
from tests.release.manifests import split_image, write_manifests
from tests.release.packages import build_packages
from tests.release.programs import ReleaseError
from tests.release.provenance import write_provenance
from tests.release.sbom import write_sbom
from tests.release.signature import check_key, sign_sums, write_sums
from tests.release.source import export_source


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a release is to have.

    Attributes:
        image: registry/name:tag, built and pushed; "" for none.
        signing_key: private key (PEM); None: nothing is signed.
        builder: the URI of who or what runs the build.
        kubectl: the program that renders the manifests.
    """

    image: str = ""
    signing_key: Path | None = None
    builder: str
    kubectl: str = "kubectl"


def make_release(repository: Path, target: Path, wanted: Wanted) -> Iterator[str]:
    """Build a repository's HEAD into a folder, whose content is replaced at the end; yield what was done.

    Raises:
        ReleaseError: something is missing or failed; the folder is as it was.
    """
    _check(wanted)
    with tempfile.TemporaryDirectory() as place:
        source = export_source(repository, Path(place) / "source")
        files = Path(place) / "files"
        files.mkdir()
        image = wanted.image or f"resync-argo:{source.version}"
        build_packages(source, files)
        write_manifests(source, files, image=image, kubectl=wanted.kubectl)
        write_sbom(source, files)
        images = {}
        if wanted.image:
            digest = publish_image(source, image, builder=[find_builder()])
            images[image] = digest
            write_manifests(source, files, image=image, digest=digest, kubectl=wanted.kubectl)
            yield f"pushed {image} with digest {digest}"
        else:
            yield f"no image was built: IMAGE is not given; the manifests name {image}"
        write_provenance(source, files, images=images, builder=wanted.builder)
        write_sums(files)
        yield from _sign(files, images, wanted.signing_key)
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(files, target)
    yield f"{target} has release {source.version} of commit {source.commit}"


def _check(wanted: Wanted) -> None:
    """Refuse at once what would fail only after the image is public."""
    if wanted.signing_key:
        check_key(wanted.signing_key)
    if wanted.image:
        split_image(wanted.image)
        find_builder()
        if wanted.signing_key and not shutil.which("cosign"):
            raise ReleaseError("an image is signed by cosign, which is not here")


def _sign(files: Path, images: dict[str, str], key: Path | None) -> Iterator[str]:
    if key is None:
        yield "nothing was signed: SIGNING_KEY is not given"
        return
    sign_sums(files, key)
    for image, digest in images.items():
        sign_image(image, digest, key)
    yield f"signed SHA256SUMS{''.join(f' and {image}' for image in images)}"
