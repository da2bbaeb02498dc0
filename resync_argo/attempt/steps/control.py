"""The folder beside the clone through which trusted containers and steps pass plain files.

`checkout` writes what steps need to know, the step wrapper and the `git` of ours write what came of
it. Steps run as the same user, so everything here is hostile once a step has run: it is read with
`read`, which follows no link, waits for nothing and takes a bounded number of bytes, and what it
says is checked before it is used.
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from resync_argo.errors import ResyncError

MAX_BYTES = 1 << 20


class Untrustworthy(ResyncError):
    """A step left something that we do not take."""


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
        """Return the `git` that steps meet first in their PATH."""
        return self.directory / "bin" / "git"

    @property
    def library(self) -> Path:
        """Return the folder with the parts of that `git`."""
        return self.directory / "lib"

    @property
    def rules(self) -> Path:
        """Return the Plan's rules for conflicts, as our `git` reads them."""
        return self.directory / "rules"

    @property
    def resolutions(self) -> Path:
        """Return what people resolved before, as our `git` reads it."""
        return self.directory / "resolutions"

    @property
    def decisions(self) -> Path:
        """Return what our `git` decided, and on whose word."""
        return self.directory / "decisions"

    @property
    def environment(self) -> Path:
        """Return the shell file with the variables of the tag and the replay."""
        return self.directory / "env"

    @property
    def skip(self) -> Path:
        """Return the file with the sentence why steps do nothing; absent where they work."""
        return self.directory / "skip"

    @property
    def conflict(self) -> Path:
        """Return the record of the conflict at which a step stopped; absent without one."""
        return self.directory / "conflict"

    @property
    def head(self) -> Path:
        """Return the file with the commit that the last step left as HEAD."""
        return self.directory / "head"

    @property
    def uncommitted(self) -> Path:
        """Return the file with what `git status --porcelain -z` said after the last step."""
        return self.directory / "uncommitted"

    def alive(self, container: str) -> Path:
        """Return the pipe that a step's wrapper holds open while it lives."""
        return self.directory / f"alive.{container}"

    def errors(self, container: str) -> Path:
        """Return the file with the end of a step's error output."""
        return self.directory / f"errors.{container}"


def read(path: Path, *, limit: int = MAX_BYTES) -> bytes | None:
    """Return at most `limit` bytes of a regular file that a step could have written.

    Returns:
        The content, or None where there is no such file.

    Raises:
        Untrustworthy: it is a link or no regular file, or its folder was replaced by a link.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Untrustworthy(f"A step replaced the folder `{path.parent.name}`.") from error
    try:
        # O_NONBLOCK: opening a fifo must not wait for its other end.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        with open(os.open(path.name, flags, dir_fd=folder), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Untrustworthy(f"A step replaced the file `{path.name}`.")
            return file.read(limit)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Untrustworthy(f"A step replaced the file `{path.name}`.") from error
    finally:
        os.close(folder)


def read_commit(path: Path) -> str | None:
    """Return the object id in a file that a step could have written; None where there is no file.

    Raises:
        Untrustworthy: what it holds is no object id.
    """
    text = read(path, limit=100)
    if text is None:
        return None
    if not re.fullmatch(rb"[0-9a-f]{40}([0-9a-f]{24})?\n?", text):
        raise Untrustworthy(f"The file `{path.name}` of the workspace holds no commit.")
    return text.decode().strip()
