"""Builds the Containerfile without a registry: by buildah, on a base made of Debian's packages.

In: a copy of what the Containerfile reads. Out: images in a store of their own, their layers and
their files. The base stands in for `python:3.11-slim-trixie`: an older Debian with its own Python. pip and apt
use the sources that this machine uses.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster.debian import debian_layer
from tests.cluster.layers import FIXED_TIME
from tests.cluster.packages import IMAGE_PROGRAMS, ensure_programs

ROOT = Path(__file__).parents[2]
BASE = "localhost/base:1"
_BASE_PACKAGES = (
    *("ca-certificates", "git", "openssh-client"),
    *("python-is-python3", "python3", "python3-pip", "python3-venv"),
)
_LENT = ("/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt")
"""Files of this machine that say where packages come from, lent to each step of a build."""
_PATH = "PATH=/usr/local/bin:/usr/bin:/bin"


class BuildError(Exception):
    """buildah failed; the message ends with what it said."""


@dataclass(frozen=True)
class Store:
    """A folder with images; `close` when they are not needed any more."""

    folder: Path

    def run(self, *argv: str | Path) -> str:
        """Run buildah and return what it prints.

        Raises:
            BuildError: it failed.
        """
        places = ("--root", self.folder / "images", "--runroot", self.folder / "run")
        result = subprocess.run(
            ["buildah", *places, *argv], capture_output=True, text=True, check=False
        )
        if result.returncode != 0:
            raise BuildError(f"buildah {argv[0]}: {(result.stdout + result.stderr)[-3000:]}")
        return result.stdout.strip()

    def make_base(self) -> None:
        """Make the image that the Containerfile begins with."""
        layer = debian_layer("base", _BASE_PACKAGES)
        with self._container("scratch") as container:
            self.run("add", "--quiet", container, layer.path, "/")
            self.run("config", "--env", _PATH, container)
            self.run("commit", "--quiet", container, BASE)

    def build(self, context: Path, tag: str) -> None:
        """Build the Containerfile of a folder."""
        lent = [f"--volume={file}:{file}:ro" for file in _LENT if Path(file).exists()]
        self.run(
            *("build", "--isolation=chroot", "--network=host", "--pull-never", "--no-cache"),
            *(f"--timestamp={FIXED_TIME}", f"--build-arg=BASE={BASE}", *lent),
            *(f"--tag={tag}", f"--file={context / 'Containerfile'}", context),
        )

    def inspect(self, tag: str) -> dict[str, Any]:
        """Return an image's configuration as the OCI has it (image-spec, "config.md")."""
        found: dict[str, Any] = json.loads(self.run("inspect", "--type=image", tag))["OCIv1"]
        return found

    @contextmanager
    def mounted(self, tag: str) -> Iterator[Path]:
        """Yield the folder with an image's files."""
        with self._container(tag) as container:
            yield Path(self.run("mount", container))

    def close(self) -> None:
        """Remove everything."""
        self.run("rm", "--all")
        shutil.rmtree(self.folder)

    @contextmanager
    def _container(self, image: str) -> Iterator[str]:
        container = self.run("from", "--pull-never", image)
        try:
            yield container
        finally:
            self.run("rm", container)


def new_store(folder: Path) -> Store:
    """Return an empty store; buildah is installed if need be.

    Raises:
        ClusterError: it is missing, and this user cannot install it.
    """
    ensure_programs(IMAGE_PROGRAMS)
    return Store(folder)


def copy_context(target: Path) -> Path:
    """Copy what the Containerfile reads, so that nobody changes it between two builds."""
    shutil.copytree(
        ROOT / "resync_argo", target / "resync_argo", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "manifests" / "image", target / "manifests" / "image")
    shutil.copyfile(ROOT / "Containerfile", target / "Containerfile")
    return target


def run_read_only(files: Path, user: int, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run a program of an image as some user of group 0, in a root that cannot be written to."""
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift 2 && exec "$@"'
    inside: tuple[str | Path, ...] = ("chroot", f"--userspec={user}:0", "--groups=", files, *argv)
    path = "/opt/resync-argo/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    return subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, "sh", files, "--", *inside],
        env={"PATH": path, "HOME": "/home/resync", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def bytes_in(folder: Path) -> int:
    """Return how much the files below a folder hold."""
    return sum(
        (Path(place) / name).lstat().st_size
        for place, _folders, names in os.walk(folder)
        for name in names
    )
