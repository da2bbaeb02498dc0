"""Runs the programs that a release is made with."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class ReleaseError(Exception):
    """A release cannot be made; the message says why."""


def run(
    argv: Sequence[str | Path],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a program and return what it prints.

    Raises:
        ReleaseError: it is missing, or it failed; the message ends with what it said.
    """
    try:
        result = subprocess.run(
            argv, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise ReleaseError(f"{argv[0]} is missing") from None
    if result.returncode != 0:
        said = (result.stdout + result.stderr).strip()[-2000:]
        raise ReleaseError(f"{Path(argv[0]).name} failed:\n{said}")
    return result.stdout
