"""Imports from the steps' clone into ours: only commits, by object id.

Git never reads the steps' clone in place, so its configuration, hooks, alternates, replace refs,
grafts and links have no effect. Plain object files are copied to our own folder, without links and
special files. From there git makes one pack of the new objects, and `git index-pack --strict`
recomputes every object's id. Objects not connected to commits that checkout fetched are refused.
"""

import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.steps.control import Untrustworthy
from resync_argo.budget import Budget
from resync_argo.git import Git, GitError

MAX_BYTES = 4 << 30
"""Bytes of object files that the steps created."""

MAX_FILES = 1_000_000
"""How many object files; a clone with more would have been packed long ago."""

LISTING = Budget(seconds=300, output_bytes=64 << 20)
"""Bytes for the file names in a commit. A few trees that nest each other many times name more files
than fit on any disk, and walking such a commit would never end. The largest projects need 30
MiB."""

_PIECE = 1 << 20
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FOLDER = re.compile(r"[0-9a-f]{2}|pack")
_FILE = re.compile(r"[0-9a-f]{38}|[0-9a-f]{62}|pack-[0-9a-f]{40,64}\.(?:pack|idx)")


def take_commits(attempt: Attempt, commits: Sequence[str]) -> None:
    """Import commits, with everything that they need, from the steps' clone into the trusted one.

    Args:
        attempt: with the clones.
        commits: full object ids; callers have checked that they are hex.

    Raises:
        Untrustworthy: they are missing or invalid, or need missing objects.
        GitError: they need objects that the partial clone left out.
    """
    git = attempt.published
    if not all(_is_complete(git, attempt, commit) for commit in commits):
        with tempfile.TemporaryDirectory(dir=attempt.layout.trusted) as folder:
            _copy_objects(attempt, Path(folder))
            _import(attempt, commits, Path(folder))
    for commit in commits:
        if not _is_complete(git, attempt, commit):
            raise Untrustworthy(f"The commit {commit} that the steps left is not complete.")
        _refuse_endless(git, commit)


def descends_from(git: Git, commit: str, ancestor: str) -> bool:
    """Return whether a commit contains another."""
    return git.succeeds("merge-base", "--is-ancestor", ancestor, commit)


def _refuse_endless(git: Git, commit: str) -> None:
    try:
        git.within(LISTING).run("ls-tree", "-r", "-z", "--name-only", commit)
    except GitError as error:
        raise Untrustworthy(
            f"The commit {commit} that the steps left holds more files than anybody can use:"
            f" {error.stderr}"
        ) from error


def _import(attempt: Attempt, commits: Sequence[str], objects: Path) -> None:
    git = attempt.published
    replay = attempt.replay_input()
    known = [f"^{commit}" for commit in (replay.head, replay.tag_commit)]
    wanted = "".join(f"{word}\n" for word in (*commits, *known)).encode()
    borrowed = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects)}
    try:
        # Through a file, since the pack may be larger than our memory.
        made = git.run(
            *("pack-objects", "--revs", str(objects / "new")),
            stdin=wanted,
            environment=borrowed,
        )
        pack = objects / f"new-{made.decode().strip()}.pack"
        git.run("index-pack", "--strict", "--stdin", f"--max-input-size={MAX_BYTES}", stdin=pack)
    except GitError as error:
        if error.lacks_object and _lacks_only_promised(git, wanted, borrowed):
            raise
        raise Untrustworthy(
            f"What the steps left cannot be taken: {error.stderr[-300:]}"
        ) from error


def _lacks_only_promised(git: Git, wanted: bytes, borrowed: Mapping[str, str]) -> bool:
    """Return whether all missing objects belong to the partial fetch (git-rev-list, "allow-promisor")."""
    listing = ("rev-list", "--objects", "--missing=allow-promisor", "--quiet", "--stdin")
    return git.attempt(*listing, stdin=wanted, environment=borrowed).returncode == 0


def has_commit(git: Git, commit: str) -> bool:
    """Return whether a commit exists here, without asking a remote of the partial clone."""
    return git.succeeds("rev-list", "--missing=print", "--max-count=1", commit)


def _is_complete(git: Git, attempt: Attempt, commit: str) -> bool:
    replay = attempt.replay_input()
    known = (f"^{replay.head}", f"^{replay.tag_commit}")
    listing = git.attempt("rev-list", "--objects", "--missing=print", "--quiet", commit, *known)
    return has_commit(git, commit) and listing.returncode == 0 and b"?" not in listing.stdout


def _copy_objects(attempt: Attempt, target: Path) -> None:
    """Copy the steps' object files that the trusted clone lacks."""
    have = {file.name for file in (attempt.layout.repository / "objects" / "pack").iterdir()}
    left = MAX_BYTES
    for count, (folder, name, descriptor) in enumerate(_object_files(attempt.layout.work_tree)):
        with open(descriptor, "rb") as source:
            if count >= MAX_FILES:
                raise Untrustworthy(f"The steps made more than {MAX_FILES} git object files.")
            status = os.fstat(descriptor)
            if name in have or not stat.S_ISREG(status.st_mode):
                continue
            left -= status.st_size
            if left < 0:
                raise Untrustworthy(f"The steps made more than {MAX_BYTES} bytes of git objects.")
            (target / folder).mkdir(exist_ok=True)
            with (target / folder / name).open("wb") as copy:
                _copy(source, copy, status.st_size)


def _copy(source: BinaryIO, target: BinaryIO, size: int) -> None:
    """Copy a limited number of bytes: a leftover process of a step could make the file grow for ever."""
    while piece := source.read(min(size, _PIECE)):
        target.write(piece)
        size -= len(piece)


def _object_files(work_tree: Path) -> Iterator[tuple[str, str, int]]:
    """Yield folder, name and an open descriptor of each object file, without following links."""
    try:
        root = _descend(work_tree, (".git", "objects"))
    except OSError as error:
        raise Untrustworthy("The steps left no git repository.") from error
    try:
        for folder in sorted(filter(_FOLDER.fullmatch, os.listdir(root))):
            yield from _files(root, folder)
    finally:
        os.close(root)


def _files(root: int, folder: str) -> Iterator[tuple[str, str, int]]:
    try:
        opened = os.open(folder, _DIRECTORY, dir_fd=root)
    except OSError:
        return
    try:
        for name in sorted(filter(_FILE.fullmatch, _names(opened))):
            with suppress(OSError):
                # O_NONBLOCK: opening a fifo must not wait for its other end.
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
                yield folder, name, os.open(name, flags, dir_fd=opened)
    finally:
        os.close(opened)


def _names(folder: int, *, limit: int = MAX_FILES) -> list[str]:
    """Return the names in a folder; a step may have created any number of them."""
    with os.scandir(folder) as entries:
        found = [entry.name for entry in islice(entries, limit + 1)]
    if len(found) > limit:
        raise Untrustworthy(f"The steps made more than {limit} files in a folder of git's.")
    return found


def _descend(start: Path, names: Sequence[str]) -> int:
    if not names:
        return os.open(start, _DIRECTORY)
    outer = _descend(start, names[:-1])
    try:
        return os.open(names[-1], _DIRECTORY, dir_fd=outer)
    finally:
        os.close(outer)
