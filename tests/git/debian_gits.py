"""Runs the gits of other Debian releases beside this machine's own.

A release's package and its libraries are downloaded once per user, with a separate apt
configuration, from the mirror of this machine's apt. They are unpacked, not installed: a small
script for each program starts it with its own loader and libraries. Downloads are not updated; to
follow the release, `rm -r` its folder in the cache.
"""

import fcntl
import os
import re
import shutil
import subprocess
from pathlib import Path

from tests.cluster.errors import ClusterError
from tests.cluster.toolchain import cache_directory

RELEASES = ("bullseye", "trixie", "sid")
"""The oldest that Debian's mirrors have, and those after bookworm."""

_PACKAGES = ("git", "libc6", "libpcre2-8-0", "zlib1g")
_SOURCES = ("sources.list", "sources.list.d/debian.sources")
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
_SCRIPT = """#!/bin/sh
export GIT_EXEC_PATH='{programs}' GIT_TEMPLATE_DIR='{root}/usr/share/git-core/templates'
exec '{loader}' --library-path '{libraries}' '{program}' "$@"
"""


def programs_of(release: str) -> Path:
    """Return the folder with a Debian release's `git`, for a PATH.

    Raises:
        ClusterError: it cannot be downloaded or unpacked.
    """
    folder = cache_directory() / "gits" / release
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "programs").exists():
            for left in ("apt", "root", "unfinished"):
                shutil.rmtree(folder / left, ignore_errors=True)
            _unpack(folder, release)
            _write_scripts(folder)
    return folder / "programs"


def _unpack(folder: Path, release: str) -> None:
    """Download the packages, and unpack them below `root`."""
    print(f"downloading {release}'s git …", flush=True)
    apt = folder / "apt"
    for made in ("lists/partial", "cache/archives/partial", "packages"):
        (apt / made).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "debian.sources").write_text(
        f"Types: deb\nURIs: {_mirror()}\nSuites: {release}\nComponents: main\n"
        f"Targets: Packages\nSigned-By: {_KEYRING}\n"
    )
    options = {
        "Dir::Etc::sourcelist": apt / "debian.sources",
        "Dir::Etc::sourceparts": os.devnull,
        "Dir::State::lists": apt / "lists",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "APT::Sandbox::User": "root",  # the one who runs this: no other may enter the folder
    }
    argv = ["apt-get", "--quiet", *(f"--option={name}={value}" for name, value in options.items())]
    _run([*argv, "update"], apt)
    _run([*argv, "download", *_PACKAGES], apt / "packages")
    for package in sorted((apt / "packages").glob("*.deb")):
        _run(["dpkg-deb", "--extract", package, folder / "root"], apt)
    shutil.rmtree(apt)


def _mirror() -> str:
    """Return the address of Debian's packages that this machine's apt uses."""
    for name in _SOURCES:
        file = Path("/etc/apt") / name
        found = re.search(r"https?://\S+/debian/?(?=\s)", file.read_text() if file.exists() else "")
        if found:
            return found[0]
    raise ClusterError("other releases' gits come from Debian's packages, and apt here knows none")


def _write_scripts(folder: Path) -> None:
    """Make `programs`: git's folder of programs, each started with its own loader."""
    root, programs = folder / "root", folder / "programs"
    (loader, *_) = sorted(root.glob("**/ld-linux*.so*"))
    libraries = ":".join(sorted({str(it.parent) for it in root.glob("**/lib*.so*")}))
    unfinished = folder / "unfinished"
    unfinished.mkdir()
    for found in sorted((root / "usr/lib/git-core").iterdir()):
        link = unfinished / found.name
        if found.is_dir() or found.read_bytes()[:4] != b"\x7fELF":
            link.symlink_to(found)
            continue
        program = str(found.resolve())
        if found.resolve().name == "git" and found.name != "git":
            # A built-in is a link to git, which would not find the command's name in its own.
            program += f"' '{found.name.removeprefix('git-')}"
        link.write_text(
            _SCRIPT.format(
                programs=programs, root=root, loader=loader, libraries=libraries, program=program
            )
        )
        link.chmod(0o755)
    unfinished.rename(programs)


def _run(argv: list[str | Path], folder: Path) -> None:
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ClusterError(f"{argv[0]} failed:\n{done.stderr.strip()[-1000:]}")
