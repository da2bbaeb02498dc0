"""Images as OCI archives, and their way into containerd.

An `Image` is a name, layers and a configuration. Its manifest, and so its digest, follows from
them: containerd is asked for that digest, and gets only the blobs that it does not have (OCI image
layout: image-spec, "image-layout.md"; names: annotation `io.containerd.image.name`).
"""

import hashlib
import io
import json
import platform
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import IO, Any

from tests.cluster.containerd import ctr, ctr_command
from tests.cluster.errors import ClusterError
from tests.cluster.layers import Layer

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, kw_only=True)
class Image:
    """What an image consists of.

    Attributes:
        name: as pods write it, `resync.local/step:1`.
        layers: lowest first.
        settings: `Entrypoint`, `Env`, `User` … (image-spec, "config.md").
    """

    name: str
    layers: Sequence[Layer]
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The manifest's digest, which is the image's identity."""
        return _digest(self.manifest())

    def configuration(self) -> bytes:
        """The image's configuration blob."""
        return _encode(
            {
                "architecture": _ARCHITECTURES[platform.machine()],
                "os": "linux",
                "config": self.settings,
                "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in self.layers]},
            }
        )

    def manifest(self) -> bytes:
        """The image's manifest blob."""
        layers = [_descriptor(_LAYER, layer.digest, layer.size) for layer in self.layers]
        return _encode(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": _described(_CONFIG, self.configuration()),
                "layers": layers,
            }
        )


def import_image(state: Path, image: Image) -> bool:
    """Bring an image into the cluster's containerd; return False if it was there already.

    Raises:
        ClusterError: containerd refused it.
    """
    if _imported(state, image):
        return False
    refused = _import(state, image, without=set(ctr(state, "content", "list", "--quiet").split()))
    if refused:
        # What an image of that name had before may be collected as garbage meanwhile.
        refused = _import(state, image, without=set())
    if refused:
        raise ClusterError(f"containerd does not take {image.name}: {refused}")
    return True


def _import(state: Path, image: Image, *, without: set[str]) -> str:
    """Import an image but for some blobs; return why containerd refused it, "" if it did not."""
    argv = ctr_command(state, "images", "import", "-")
    with subprocess.Popen(argv, stdin=PIPE, stdout=DEVNULL, stderr=PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        with suppress(BrokenPipeError):  # it has ended, and says why
            write_archive(process.stdin, image, without=without)
        with suppress(BrokenPipeError):
            process.stdin.close()
        said = process.stderr.read().decode().strip()
    return said or f"exit code {process.returncode}" if process.returncode else ""


def write_archive(target: IO[bytes], image: Image, *, without: set[str]) -> None:
    """Write an OCI archive, leaving out blobs that the receiver has."""
    entry = _described(_MANIFEST, image.manifest())
    entry["annotations"] = {"io.containerd.image.name": image.name}
    with tarfile.open(fileobj=target, mode="w|") as archive:
        _add_bytes(archive, "oci-layout", _encode({"imageLayoutVersion": "1.0.0"}))
        _add_bytes(archive, "index.json", _encode({"schemaVersion": 2, "manifests": [entry]}))
        for blob in (image.manifest(), image.configuration()):
            _add_bytes(archive, _blob_path(_digest(blob)), blob)
        for layer in image.layers:
            if layer.digest not in without:
                archive.add(layer.path, arcname=_blob_path(layer.digest))


def _imported(state: Path, image: Image) -> bool:
    return read_images(ctr(state, "images", "list")).get(image.name) == image.digest


def read_images(listing: str) -> dict[str, str]:
    """Return the digest of each image in what `ctr images list` prints, by its name.

    The columns are found by their titles, and a line that is not a row of the table is ignored.
    """
    lines = listing.splitlines()
    title = next((n for n, line in enumerate(lines) if line.startswith("REF ")), None)
    if title is None:
        return {}
    columns = lines[title].split()
    name, digest = columns.index("REF"), columns.index("DIGEST")
    rows = [line.split() for line in lines[title + 1 :]]
    return {
        row[name]: row[digest]
        for row in rows
        if len(row) > digest and row[digest].startswith("sha256:")
    }


def _blob_path(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _descriptor(media_type: str, digest: str, size: int) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest, "size": size}


def _described(media_type: str, blob: bytes) -> dict[str, Any]:
    return _descriptor(media_type, _digest(blob), len(blob))


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _encode(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True).encode()


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
