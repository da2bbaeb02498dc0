"""One pair's folder in the volume: packs, what they lead to, and a lock.

    <volume>/<hash of the pair>/packs/pack/pack-*.pack   as git writes them
                               /tips                     commits and tags whose history the packs hold
                               /lock                     held while one attempt fetches
                               /pair                     which repositories these are, for people

A pack is there once its index is, and its name is the hash of its contents, so attempts may add packs at the same
time. The lock only saves fetching the same twice. Packs go only all at once, with the folder; who reads them just then
goes on without. Callers treat every `OSError` as the loss of the volume.
"""

import fcntl
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MOST_PACKS = 200
"""With more packs, the folder is emptied: git looks into each pack, and this also removes old objects."""

MOST_TIPS = 5_000
"""Only the newest commits and tags are remembered; an attempt adds all releases that a branch contains."""

TURN_SECONDS = 120.0
"""How long to wait for another attempt's fetch, which usually brings the same objects."""

_LOOK_SECONDS = 0.2
_SUFFIXES = (".promisor", ".rev", ".pack", ".idx")
"""The files of a pack; git finds it by the last one."""

OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""The id of an object, in either of git's hashes."""

_MOST_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Store:
    """A pair's folder.

    Attributes:
        folder: in the volume; it need not exist.
    """

    folder: Path

    @property
    def objects(self) -> Path:
        """Return the folder that git borrows objects from."""
        return self.folder / "packs"

    @property
    def _packs(self) -> Path:
        return self.objects / "pack"

    def open(self, pair: str) -> None:
        """Make the folder, with a file that says to people whose it is; begin it afresh where it has grown too large."""
        if len(list(self._packs.glob("*.pack"))) > MOST_PACKS:
            self.remove()
        self._packs.mkdir(parents=True, exist_ok=True)
        name = self.folder / "pair"
        if not name.exists():
            name.write_text(pair)

    def remove(self) -> None:
        """Delete all that is kept of the pair."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def tips(self) -> list[str]:
        """Return the ids of commits and tags with their history in the packs, oldest first."""
        try:
            with (self.folder / "tips").open() as file:
                words = file.read(_MOST_BYTES).split()
        except FileNotFoundError:
            return []
        return [word for word in words if OBJECT_ID.fullmatch(word)]

    def add(self, packs: Path, tips: Iterable[str]) -> None:
        """Move a folder's packs here, and remember their commits.

        Raises:
            OSError: the volume is full or not writable.
        """
        for index in sorted(packs.glob("*.idx")):
            files = [file for suffix in _SUFFIXES if (file := index.with_suffix(suffix)).exists()]
            for file in files:
                self._write(file, self._packs / file.name)
            for file in reversed(files):
                file.unlink()
        known = dict.fromkeys([*self.tips(), *tips])
        newest = packs / f"tmp-{uuid.uuid4().hex}"
        newest.write_text("".join(f"{it}\n" for it in list(known)[-MOST_TIPS:]))
        self._write(newest, self.folder / "tips")
        newest.unlink()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a while if another attempt is fetching."""
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _wait_for(lock)
            yield
        finally:
            os.close(lock)

    def _write(self, source: Path, target: Path) -> None:
        """Copy a file so that it appears only when complete, even after a crash of the node."""
        half = self.objects / f"tmp-{uuid.uuid4().hex}"
        try:
            with source.open("rb") as read, half.open("wb") as write:
                shutil.copyfileobj(read, write, 1 << 20)
                write.flush()
                os.fsync(write.fileno())
            half.replace(target)
        finally:
            with suppress(OSError):
                half.unlink(missing_ok=True)


def _wait_for(lock: int) -> None:
    deadline = time.monotonic() + TURN_SECONDS
    while time.monotonic() < deadline:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOOK_SECONDS)
        except OSError:
            return  # A file system without locks: the same objects may be fetched twice.
        else:
            return
