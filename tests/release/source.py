"""The commit that is released, as files in a folder of its own: what is not committed cannot get in."""

import io
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tests.release.programs import ReleaseError, run
from tests.release.version import current_version


@dataclass(frozen=True, kw_only=True)
class Source:
    """An exported commit.

    Attributes:
        folder: its files.
        commit: its id, 40 hexadecimal digits.
        epoch: when it was committed, in seconds since 1970.
        version: of the project.
    """

    folder: Path
    commit: str
    epoch: int
    version: str


def export_source(repository: Path, folder: Path) -> Source:
    """Write the files of a repository's HEAD into a new folder.

    Raises:
        ReleaseError: something is not committed, so that HEAD is not what was tested.
    """
    changed = run(["git", "status", "--porcelain"], folder=repository)
    if changed:
        raise ReleaseError(f"commit or remove these first:\n{changed}")
    commit, epoch = run(["git", "log", "-1", "--format=%H %ct"], folder=repository).split()
    archive = subprocess.run(
        ["git", "archive", "--format=tar", commit], cwd=repository, capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return Source(folder=folder, commit=commit, epoch=int(epoch), version=current_version(folder))
