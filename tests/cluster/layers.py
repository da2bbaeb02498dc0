"""Image layers: tar files with nothing of the machine in them, cached by what went in.

A layer is made once per key and kept in the user's cache as `<name>-<key>.tar`. Its members are
sorted, owned by root and carry one fixed time, so the same input gives the same digest. Of each name the
few that were used last are kept.
"""

import hashlib
import os
import re
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.files import write_whole
from tests.cluster.toolchain import cache_directory

FIXED_TIME = 1_000_000_000
"""Seconds since the epoch that every member carries."""
_BLOCK = 1 << 20
_KEPT = 4


@dataclass(frozen=True, kw_only=True)
class Layer:
    """An uncompressed tar in the cache."""

    path: Path
    digest: str

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size


def cached_layer(name: str, inputs: Iterable[object], make: Callable[[Path], None]) -> Layer:
    """Return the layer of these inputs, made by `make(path)` if it is not in the cache yet."""
    key = hashlib.sha256(repr(list(inputs)).encode()).hexdigest()[:16]
    path = cache_directory() / "layers" / f"{name}-{key}.tar"
    digest = path.with_suffix(".digest")
    if not digest.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        make(unfinished)
        unfinished.rename(path)
        write_whole(digest, _digest_of(path))
    digest.touch()  # used last just now
    _forget_old(path.parent, name)
    return Layer(path=path, digest=digest.read_text())


def add_file(archive: tarfile.TarFile, source: Path, name: str, *, mode: int | None = None) -> None:
    """Add a file, folder or symlink of the host under another name, stripped of whose it was."""
    member = archive.gettarinfo(str(source), arcname=name)
    member.mtime = FIXED_TIME
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mode = member.mode if mode is None else mode
    if member.isreg():
        with source.open("rb") as content:
            archive.addfile(member, content)
    else:
        archive.addfile(member)


def add_tree(
    archive: tarfile.TarFile,
    source: Path,
    name: str,
    *,
    keep: Callable[[Path], bool] = lambda _: True,
) -> None:
    """Add all that is below a folder; `keep` sees each path relative to it.

    A folder that is not kept takes what is below it along.
    """
    for child in sorted(source.iterdir()):
        _add_below(archive, source, child, name, keep)


def add_directory(archive: tarfile.TarFile, name: str, *, mode: int = 0o755) -> None:
    """Add an empty folder."""
    member = tarfile.TarInfo(name)
    member.type, member.mode, member.mtime = tarfile.DIRTYPE, mode, FIXED_TIME
    archive.addfile(member)


def _add_below(
    archive: tarfile.TarFile, root: Path, path: Path, name: str, keep: Callable[[Path], bool]
) -> None:
    relative = path.relative_to(root)
    if not keep(relative):
        return
    add_file(archive, path, f"{name}/{relative}")
    if path.is_dir() and not path.is_symlink():
        for child in sorted(path.iterdir()):
            _add_below(archive, root, child, name, keep)


def _forget_old(directory: Path, name: str) -> None:
    """Remove the layers of a name that were not used for longest; an edit makes a new one each time."""
    own = re.compile(rf"{re.escape(name)}-[0-9a-f]{{16}}\.digest")
    found = [path for path in directory.iterdir() if own.fullmatch(path.name)]
    for digest in sorted(found, key=_used_at, reverse=True)[_KEPT:]:
        digest.unlink(missing_ok=True)  # first: what has no digest is rebuilt
        digest.with_suffix(".tar").unlink(missing_ok=True)


def _used_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process forgets, too
        return 0.0


def _digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as content:
        while block := content.read(_BLOCK):
            digest.update(block)
    return f"sha256:{digest.hexdigest()}"
