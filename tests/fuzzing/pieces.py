"""Stand-ins for what a fuzz test needs around the code that it tries."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from resync_argo.attempt.context import Attempt
from resync_argo.contract import Layout
from resync_argo.git import Git


@dataclass(frozen=True, kw_only=True)
class SaidGit(Git):
    """Git that prints the same whatever it is asked."""

    output: bytes = b""

    def attempt(self, *argv: str | bytes, **_: Any) -> subprocess.CompletedProcess[bytes]:
        """Return the output."""
        return subprocess.CompletedProcess(argv, 0, self.output, b"")


def git_that_says(output: bytes) -> SaidGit:
    """Return git that prints something."""
    return SaidGit(directory=Path("/nowhere"), output=output)


def attempt_in(folder: Path) -> Attempt:
    """Return an attempt of which only the folders are known; its control folder and clone are there."""
    layout = Layout(workspace=folder / "workspace", trusted=folder / "trusted")
    layout.control.mkdir(parents=True)
    layout.work_tree.joinpath(".git").mkdir(parents=True)
    return cast(Attempt, SimpleNamespace(layout=layout))
