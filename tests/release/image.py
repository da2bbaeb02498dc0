"""The image: built from the Containerfile by podman or buildah, pushed, and signed by cosign."""

import os
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.release.manifests import split_image
from tests.release.programs import ReleaseError, run
from tests.release.source import Source


def find_builder() -> str:
    """Return the name of the program that builds images here.

    Raises:
        ReleaseError: there is neither podman nor buildah.
    """
    for program in ("podman", "buildah"):
        if shutil.which(program):
            return program
    raise ReleaseError("an image is built by podman or buildah; neither is here")


def publish_image(
    source: Source, image: str, *, builder: Sequence[str], push_flags: Sequence[str] = ()
) -> str:
    """Build and push an image; return its digest in the registry, `sha256:…`.

    Args:
        source: what it is built from.
        image: registry/name:tag.
        builder: podman or buildah, with its own flags.
        push_flags: for its command `push`.

    Raises:
        ReleaseError: it cannot be built or pushed.
    """
    run(
        [
            *(*builder, "build", "--timestamp", str(source.epoch), "--tag", image),
            *("--file", source.folder / "Containerfile", source.folder),
        ]
    )
    with tempfile.TemporaryDirectory() as folder:
        digest = Path(folder) / "digest"
        run([*builder, "push", "--digestfile", digest, *push_flags, image])
        found = digest.read_text().strip()
    if not re.fullmatch("sha256:[0-9a-f]{64}", found):
        raise ReleaseError(f"{builder[0]} gave no digest of {image}, but {found!r}")
    return found


def sign_image(image: str, digest: str, key: Path) -> None:
    """Sign a pushed image with a private key (PEM).

    What else cosign does, such as an entry in the public log, its own variables `COSIGN_…` say.

    Raises:
        ReleaseError: cosign is missing, or did not sign: it refused the key or the registry.
    """
    name, _ = split_image(image)
    with tempfile.TemporaryDirectory() as folder:
        # cosign takes keys of its own format only. This copy is gone at the end, and its password with it.
        environment = {**os.environ, "COSIGN_PASSWORD": secrets.token_hex(32)}
        prefix = f"{folder}/key"
        run(
            ["cosign", "import-key-pair", "--key", key.resolve(), "--output-key-prefix", prefix],
            environment=environment,
        )
        # Not `run`, which would hide what cosign asks.
        done = subprocess.run(
            ["cosign", "sign", "--key", f"{prefix}.key", f"{name}@{digest}"],
            env=environment,
            check=False,
        )
    if done.returncode != 0:
        raise ReleaseError(f"cosign did not sign {image}")
