"""Fetches by way of the mirror: what it lacks from the host into it, then all of it from there.

    host  --what is new-->  view  --what is wanted-->  trusted clone
                             |  ^
                       packs v  | alternates
                            volume

The view is a repository beside the trusted clone, made for each attempt, whose alternate is the volume. So no
configuration, ref or hook lies in the volume. The host is asked for each ref every time, with the attempt's own
credentials. The trusted clone borrows nothing: it fetches from the view by git's own protocol, so it holds what it
would hold without a mirror, and git hashes each object again.
"""

import errno
import logging
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.mirror.store import OBJECT_ID, Store
from resync_argo.errors import ResyncError
from resync_argo.git import DISPOSABLE, Git, GitError, Remote
from resync_argo.hosts.refusals import explained
from resync_argo.names import short_hash

LOG = logging.getLogger(__name__)

MIRROR = "mirror"
"""The trusted clone's name for the view as a remote."""

_KEPT = "refs/mirror/"
_SORTED = b"# pack-refs with: sorted \n"
_SERVING = {
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "pack.window": "0",  # Packs that stay as fetched need no search for deltas.
    "pack.useBitmaps": "false",  # The volume receives only packs and their indices.
    "core.commitGraph": "false",
    "core.multiPackIndex": "false",
    "fetch.unpackLimit": "1",  # Always a pack, since loose objects do not move into the volume.
}


def view_of(attempt: Attempt) -> Path:
    """Return the view's folder, if there is a view."""
    return attempt.layout.trusted / "mirror.git"


def open_mirror(attempt: Attempt, settings: Mapping[str, str]) -> None:
    """Make the view of the pair's mirror, unless the volume cannot be used.

    Args:
        attempt: with the volume.
        settings: the settings of the remotes in a clone of the pair; another pair, or another
            filter, has another mirror.
    """
    volume = attempt.layout.mirror
    if volume is None:
        return
    close_mirror(attempt)
    pair = "".join(f"{name} = {value}\n" for name, value in sorted(settings.items()))
    mirror = Mirror(attempt=attempt, store=Store(folder=volume / short_hash(pair, length=16)))
    try:
        mirror.store.open(pair)
        view_of(attempt).mkdir(parents=True)
        mirror.view.run("init", "--quiet", "--bare", "--template=", ".")
        mirror.view.configure({**DISPOSABLE, **_SERVING, **settings})
        _borrow(view_of(attempt), mirror.store.objects)
        mirror.lookup.directory.mkdir()
        mirror.lookup.run("init", "--quiet", "--bare", "--template=", ".")
        _borrow(mirror.lookup.directory, view_of(attempt) / "objects")
        (view_of(attempt) / "store").write_text(str(mirror.store.folder))
    except OSError as error:
        mirror.leave(f"cannot be used: {error}")


def close_mirror(attempt: Attempt) -> None:
    """Remove the view; its objects are in the volume. If the volume is full, make room."""
    mirror = Mirror.of(attempt)
    if mirror is not None and mirror.full.exists():
        mirror.store.remove()
    shutil.rmtree(view_of(attempt), ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """The mirror of an attempt's pair of repositories.

    Attributes:
        attempt: the one that fetches.
        store: the pair's folder in the volume.
    """

    attempt: Attempt
    store: Store

    @classmethod
    def of(cls, attempt: Attempt) -> "Mirror | None":
        """Return the mirror that an attempt uses; None without one, or after giving up on it."""
        if attempt.layout.mirror is None:
            return None
        try:
            folder = (view_of(attempt) / "store").read_text()
        except FileNotFoundError:
            return None
        return cls(attempt=attempt, store=Store(folder=Path(folder)))

    @property
    def view(self) -> Git:
        """Return the repository that borrows from the volume."""
        return self.attempt.git_in(view_of(self.attempt))

    @property
    def lookup(self) -> Git:
        """Return a repository with the same objects but no promisor remote, so git asks no host for them."""
        return self.attempt.git_in(view_of(self.attempt) / "lookup")

    @property
    def full(self) -> Path:
        """Return the file that marks the volume as full."""
        return view_of(self.attempt) / "full"

    def fetch(
        self, command: Sequence[str], name: str, wants: Sequence[str], remote: Remote
    ) -> bool:
        """Bring the wanted objects into the trusted clone.

        Args:
            command: git's, `fetch` with its options, which reads the wants from its standard input.
            name: of the remote.
            wants: refspecs and ids.
            remote: how to reach it.

        Returns:
            Whether that worked; otherwise the mirror is unusable, and the caller fetches from the
            host.

        Raises:
            Stalled: the repository, a wanted object, or a permission is missing.
            Transient: the host cannot be reached.
            GitError: the disk is full.
        """
        try:
            with explained(remote, wants[0]):
                self._fill(command, name, wants, remote)
        except OSError as error:
            return self.leave(f"cannot be used: {error}")
        except ResyncError as error:
            if not self._is_sound():
                return self.throw_away(error)
            if isinstance(error, GitError):  # That is not the host's error.
                return self.leave(f"cannot be filled: {error}")
            raise
        local = _lines(map(_here, wants))
        try:
            self.attempt.published.run(
                *command, MIRROR, stdin=local, remote=Remote(url=str(view_of(self.attempt)))
            )
        except GitError as error:
            if "No space left" in error.stderr:
                raise
            return self.throw_away(error)
        return True

    def leave(self, why: str) -> bool:
        """Continue without the mirror; return False for `fetch` to return."""
        LOG.warning("The mirror %s; going on without it.", why)
        close_mirror(self.attempt)
        return False

    def throw_away(self, error: ResyncError) -> bool:
        """Delete a broken mirror, and continue without it."""
        self.store.remove()
        said = " ".join(str(error).split())[:300]
        return self.leave(f"was broken and is thrown away ({said})")

    def _fill(
        self, command: Sequence[str], name: str, wants: Sequence[str], remote: Remote
    ) -> None:
        """Fetch the missing objects from the host, and keep them.

        Raises:
            GitError: the host does not give it, or the mirror is broken.
            OSError: the volume is gone.
        """
        if not self._lacking(wants):
            return
        with self.store.turn():
            self._see_tips()
            # Another attempt may have fetched it meanwhile.
            if lacking := self._lacking(wants):
                self.view.run(*command, name, stdin=_lines(lacking), remote=remote)
                self._keep()

    def _lacking(self, wants: Sequence[str]) -> list[str]:
        """Return what to ask the host for: each ref, and the objects that are missing here."""
        ids = [want for want in wants if OBJECT_ID.fullmatch(want)]
        if not ids:
            return list(wants)
        here = self._types(ids).keys()
        return [want for want in wants if want not in here]

    def _see_tips(self) -> None:
        """Tell git what the volume holds, so that a host need not send it."""
        types = self._types(self.store.tips())
        tips = [tip for tip, kind in types.items() if kind in ("commit", "tag")]
        lines = _lines(f"{tip} {_KEPT}{tip}" for tip in sorted(tips))
        (view_of(self.attempt) / "packed-refs").write_bytes(_SORTED + lines)

    def _types(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the types of the objects that exist here."""
        check = ("cat-file", "--batch-check=%(objectname) %(objecttype)")
        lines = self.lookup.run(*check, stdin=_lines(ids)).decode().splitlines()
        pairs = (line.split(" ", 1) for line in lines)
        return {oid: kind for oid, kind in pairs if kind != "missing"}

    def _keep(self) -> None:
        """Put the fetched objects into the volume; if it rejects them, the next attempt empties it."""
        tips = self.view.text("for-each-ref", "--format=%(objectname)").split()
        try:
            self.store.add(view_of(self.attempt) / "objects" / "pack", tips)
        except OSError as error:
            LOG.warning("The mirror does not take what was fetched: %s", error)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                self.full.touch()

    def _is_sound(self) -> bool:
        """Return whether the mirror is intact, so that a failure is the host's."""
        packs = sorted(self.store.objects.glob("pack/*.idx"))
        if packs and not self.view.succeeds("verify-pack", *map(str, packs)):
            return False
        walk = ("rev-list", "--objects", "--filter=blob:none", "--quiet", "--all")
        return self.view.succeeds(*walk)


def _borrow(repository: Path, objects: Path) -> None:
    alternates = repository / "objects" / "info" / "alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_text(f"{objects}\n")


def _here(want: str) -> str:
    """Return the refspec for the view, which has a ref under its destination name."""
    source, colon, target = want.removeprefix("+").partition(":")
    return f"+{target}:{target}" if colon else source


def _lines(words: Iterable[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode()
