"""The door from the steps' clone to ours: commits, by object id, and nothing else.

Whatever a step left in its clone, git never reads it in place: no configuration, hook, alternate,
replace ref, graft or link of it is ever in effect. Plain object files are copied to a folder of
ours, links and special files left out; from there git makes one pack of what is new, and
`git index-pack --strict` computes every object's id anew. What is not connected to commits that
checkout fetched is refused.
"""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from resync_argo.attempt.context import Attempt
from resync_argo.attempt.control import Untrustworthy
from resync_argo.git import Git, GitError

MAX_BYTES = 4 << 30
"""Of object files that the steps made."""

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FOLDER = re.compile(r"[0-9a-f]{2}|pack")
_FILE = re.compile(r"[0-9a-f]{38}|[0-9a-f]{62}|pack-[0-9a-f]{40,64}\.(?:pack|idx)")


def take_commits(attempt: Attempt, commits: Sequence[str]) -> None:
    """Take commits, and what they need, from the steps' clone into the trusted one.

    Args:
        attempt: whose clones.
        commits: full object ids; callers have checked that they are hex.

    Raises:
        Untrustworthy: they are not there, not sound, or need what is not there.
    """
    git = attempt.repository
    if all(_is_complete(git, attempt, commit) for commit in commits):
        return
    with tempfile.TemporaryDirectory(dir=attempt.layout.trusted) as folder:
        _copy_objects(attempt, Path(folder))
        _import(attempt, commits, Path(folder))
    for commit in commits:
        if not _is_complete(git, attempt, commit):
            raise Untrustworthy(f"The commit {commit} that the steps left is not complete.")


def descends_from(git: Git, commit: str, ancestor: str) -> bool:
    """Tell whether a commit contains another."""
    return git.succeeds("merge-base", "--is-ancestor", ancestor, commit)


def _import(attempt: Attempt, commits: Sequence[str], objects: Path) -> None:
    git = attempt.repository
    observation = attempt.observation()
    known = [f"^{commit}" for commit in (observation.head, observation.tag_commit)]
    wanted = "".join(f"{word}\n" for word in (*commits, *known)).encode()
    borrowed = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects)}
    try:
        pack = git.run(
            *("pack-objects", "--quiet", "--revs", "--stdout", "--delta-base-offset"),
            stdin=wanted,
            environment=borrowed,
        )
        git.run("index-pack", "--strict", "--stdin", f"--max-input-size={MAX_BYTES}", stdin=pack)
    except GitError as error:
        raise Untrustworthy(
            f"What the steps left cannot be taken: {error.stderr[-300:]}"
        ) from error


def has_commit(git: Git, commit: str) -> bool:
    """Tell whether a commit is here, without asking a remote of the partial clone for it."""
    return git.succeeds("rev-list", "--missing=print", "--quiet", "--max-count=1", commit)


def _is_complete(git: Git, attempt: Attempt, commit: str) -> bool:
    observation = attempt.observation()
    known = (f"^{observation.head}", f"^{observation.tag_commit}")
    listing = git.attempt("rev-list", "--objects", "--missing=print", "--quiet", commit, *known)
    return has_commit(git, commit) and listing.returncode == 0 and b"?" not in listing.stdout


def _copy_objects(attempt: Attempt, target: Path) -> None:
    """Copy the steps' object files that the trusted clone does not have."""
    have = {file.name for file in (attempt.layout.repository / "objects" / "pack").iterdir()}
    left = MAX_BYTES
    for folder, name, descriptor in _object_files(attempt.layout.work_tree):
        with open(descriptor, "rb") as source:
            status = os.fstat(descriptor)
            if name in have or not stat.S_ISREG(status.st_mode):
                continue
            left -= status.st_size
            if left < 0:
                raise Untrustworthy(f"The steps made more than {MAX_BYTES} bytes of git objects.")
            (target / folder).mkdir(exist_ok=True)
            with (target / folder / name).open("wb") as copy:
                shutil.copyfileobj(source, copy)


def _object_files(work_tree: Path) -> Iterator[tuple[str, str, int]]:
    """Yield folder, name and an open descriptor of each object file, following no link."""
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
        for name in sorted(filter(_FILE.fullmatch, os.listdir(opened))):
            with suppress(OSError):
                # O_NONBLOCK: opening a fifo must not wait for its other end.
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
                yield folder, name, os.open(name, flags, dir_fd=opened)
    finally:
        os.close(opened)


def _descend(start: Path, names: Sequence[str]) -> int:
    if not names:
        return os.open(start, _DIRECTORY)
    outer = _descend(start, names[:-1])
    try:
        return os.open(names[-1], _DIRECTORY, dir_fd=outer)
    finally:
        os.close(outer)
