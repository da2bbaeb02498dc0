"""Base layers: a minimal Debian with a few packages, from the sources that this machine uses."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.layers import FIXED_TIME, Layer, cached_layer

USER = 10001
"""The user of our images. Its group is root, which OpenShift gives to its arbitrary users, too."""

_SOURCES = ("sources.list", "sources.list.d/debian.sources", "sources.list.d/ubuntu.sources")
_WITHOUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
_ADD_USER = (
    f'chroot "$1" useradd --uid {USER} --gid 0 --home-dir /home/resync --create-home resync'
    ' && chmod 0770 "$1/home/resync"'
)


def debian_layer(name: str, packages: Sequence[str]) -> Layer:
    """A root file system of this machine's release with packages and the user `resync`.

    Raises:
        ClusterError: the packages cannot be installed.
    """
    release = _release()
    inputs = (release, sorted(packages), _WITHOUT, _ADD_USER, os.uname().machine)

    def make(path: Path) -> None:
        print(f"making the {name} layer from {release}'s packages (a minute) …", flush=True)
        _bootstrap(path, release, packages)

    return cached_layer(name, inputs, make)


def _bootstrap(path: Path, release: str, packages: Sequence[str]) -> None:
    argv: list[str | Path] = [
        *("mmdebstrap", "--quiet", "--variant=minbase", "--mode=root", "--format=tar"),
        f"--include={','.join(packages)}",
        *(f"--dpkgopt=path-exclude={pattern}" for pattern in _WITHOUT),
        f"--customize-hook={_ADD_USER}",
        *("--", release, path),
        *_sources(),
    ]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(FIXED_TIME)}
    result = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        path.unlink(missing_ok=True)
        raise ClusterError(f"mmdebstrap failed:\n{result.stderr.strip()[-2000:]}")


def _sources() -> list[Path]:
    """The distribution's own package sources, without those of other vendors."""
    files = [Path("/etc/apt") / name for name in _SOURCES]
    found = [file for file in files if file.exists() and file.read_text().strip()]
    if not found:
        raise ClusterError(f"none of {', '.join(map(str, files))} names a package source")
    return found


def _release() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values["VERSION_CODENAME"].strip('"')
