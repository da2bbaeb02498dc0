"""The folder next to the clone, through which trusted containers and steps exchange plain files.

`checkout` writes facts for the steps; the step wrapper and our `git` write the results. Steps run
as the same user, so everything here is hostile once a step has run. It is read with `read`, which
follows no links, never waits and reads a bounded number of bytes. Contents are checked before use.
"""

import errno
import os
import re
import stat
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from resync_argo.errors import ResyncError
from resync_argo.reasons.attempt import UNTRUSTWORTHY

MAX_BYTES = 1 << 20

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class Untrustworthy(ResyncError):
    """A step left something unacceptable."""

    reason = UNTRUSTWORTHY


@dataclass(frozen=True, kw_only=True)
class Control:
    """The files of the folder.

    Attributes:
        directory: the folder, `Layout.control`.
    """

    directory: Path

    @property
    def wrapper(self) -> Path:
        """Return the program that runs each step: `sh step CONTAINER TOKEN SCRIPT`."""
        return self.directory / "step"

    @property
    def git(self) -> Path:
        """Return the `git` that comes first in the steps' PATH."""
        return self.directory / "bin" / "git"

    @property
    def regenerate(self) -> Path:
        """Return the program that regenerates files of the branch."""
        return self.directory / "bin" / "resync-regenerate"

    @property
    def request(self) -> Path:
        """Return the request of our `git` at a conflict; the files below belong to it."""
        return self.directory / "request"

    @property
    def arguments(self) -> Path:
        """Return the arguments of the command that conflicted, quoted for a shell."""
        return self.directory / "arguments"

    @property
    def config(self) -> Path:
        """Return the clone's settings that may affect a merge, as `git config -z` lists them."""
        return self.directory / "config"

    @property
    def unmerged(self) -> Path:
        """Return the unmerged paths, as `git ls-files -u` lists them."""
        return self.directory / "unmerged"

    @property
    def answer(self) -> Path:
        """Return the pipe for the answer."""
        return self.directory / "answer"

    @property
    def objects(self) -> Path:
        """Return the pack with the answer's objects."""
        return self.directory / "objects"

    def proposal(self, number: int, part: str) -> Path:
        """Return a file of a tool's: `run`, `path`, `base`, `downstream`, `upstream`, and then `out` and `code`."""
        return self.directory / f"proposal.{number}.{part}"

    @property
    def environment(self) -> Path:
        """Return the shell file with the variables of the tag and the replay."""
        return self.directory / "env"

    @property
    def skip(self) -> Path:
        """Return the file with the sentence why steps do nothing; absent if they work."""
        return self.directory / "skip"

    @property
    def conflict(self) -> Path:
        """Return the file that exists once our `git` has stopped a script at a conflict."""
        return self.directory / "conflict"

    @property
    def head(self) -> Path:
        """Return the file with the commit that the last step left as HEAD."""
        return self.directory / "head"

    @property
    def uncommitted(self) -> Path:
        """Return the file with the output of `git status --porcelain -z` after the last step."""
        return self.directory / "uncommitted"

    @property
    def missing_object(self) -> Path:
        """Return the file that exists once the last step asked for an object that its clone lacks."""
        return self.directory / "missing-object"

    def alive(self, container: str) -> Path:
        """Return the pipe that a step's wrapper holds open while it runs."""
        return self.directory / f"alive.{container}"

    def turn(self, container: str) -> Path:
        """Return the pipe at which a step waits for its turn, or for the reason why there is none."""
        return self.directory / f"turn.{container}"

    def stopped(self, container: str) -> Path:
        """Return the file that exists once a step has stopped at a conflict."""
        return self.directory / f"stopped.{container}"

    def summary(self, container: str) -> Path:
        """Return the file for a step's text in the pull request, `$RESYNC_SUMMARY`."""
        return self.directory / f"summary.{container}"

    def output(self, container: str) -> Path:
        """Return the file with the end of a step's output, of both streams."""
        return self.directory / f"output.{container}"


def read(path: Path, *, limit: int = MAX_BYTES) -> bytes | None:
    """Return at most `limit` bytes of a regular file that a step could have written.

    Returns:
        The content, or None where there is no such file.

    Raises:
        Untrustworthy: it is a link or not a regular file, or its folder was replaced by a link.
    """
    return read_inside(path.parent, path.name, limit=limit)


def read_inside(folder: Path, *names: str, limit: int = MAX_BYTES) -> bytes | None:
    """Return the same for a file below one of the steps' folders, without following links on the way.

    Returns:
        The content, or None where there is no such file or folder.

    Raises:
        Untrustworthy: see `read`.
    """
    with ExitStack() as opened:
        try:
            inner = _opened(opened, os.open(folder, _DIRECTORY))
            for name in names[:-1]:
                inner = _opened(opened, os.open(name, _DIRECTORY, dir_fd=inner))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Untrustworthy(f"A step replaced the folder `{folder.name}`.") from error
        return _read_at(opened, inner, names[-1], limit)


def _read_at(opened: ExitStack, folder: int, name: str, limit: int) -> bytes | None:
    try:
        # O_NONBLOCK: opening a fifo must not wait for its other end.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = _opened(opened, os.open(name, flags, dir_fd=folder))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Untrustworthy(f"A step replaced the file `{name}`.") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise Untrustworthy(f"A step replaced the file `{name}`.")
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(limit)


def _opened(opened: ExitStack, descriptor: int) -> int:
    """Return a descriptor that is closed with the rest."""
    opened.callback(os.close, descriptor)
    return descriptor


def write(path: Path, content: bytes) -> None:
    """Replace a file in a folder of the steps, following no link.

    Raises:
        Untrustworthy: a step keeps the file from being written.
    """
    try:
        folder = os.open(path.parent, _DIRECTORY)
    except OSError as error:
        raise Untrustworthy(f"A step replaced the folder `{path.parent.name}`.") from error
    try:
        with suppress(FileNotFoundError):
            os.unlink(path.name, dir_fd=folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL  # It does not follow a link either.
        with open(os.open(path.name, flags, 0o644, dir_fd=folder), "wb") as file:
            file.write(content)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise Untrustworthy(f"A step keeps `{path.name}` from being written.") from error
    finally:
        os.close(folder)


def read_commit(path: Path) -> str | None:
    """Return the object id in a file that a step could have written; None without the file.

    Raises:
        Untrustworthy: it does not hold an object id.
    """
    text = read(path, limit=100)
    if text is None:
        return None
    if not re.fullmatch(rb"[0-9a-f]{40}([0-9a-f]{24})?\n?", text):
        raise Untrustworthy(f"The file `{path.name}` of the workspace holds no commit.")
    return text.decode().strip()
