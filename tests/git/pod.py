"""Runs one trusted container as a process: `python -m tests.git.pod ROLE CONTAINER FOLDER`.

The contract and the parameters are in the environment as in the pod; the folder holds the volumes.
"""

import os
import sys
from pathlib import Path

from resync_argo.attempt.entry import run
from resync_argo.contract import Layout


def layout_in(folder: Path) -> Layout:
    """Return the layout of the attempt of a `World`; each container has a termination message."""
    return Layout(
        workspace=folder / "workspace",
        trusted=folder / "trusted",
        secrets=folder / "secrets",
        argo=folder / "argo",
        termination=folder / f"termination.{sys.argv[2]}",
    )


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2], os.environ, layout_in(Path(sys.argv[3]))))
