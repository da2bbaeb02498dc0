"""The trusted containers of an attempt as processes: the pod without Kubernetes.

As a program it is one container, `python -m tests.git.pod ROLE CONTAINER FOLDER`: the contract and
the parameters are in the environment as in the pod, the folder holds the volumes.
"""

import os
import subprocess
import sys
from pathlib import Path

from resync_argo.attempt.container import run
from resync_argo.contract import CONTRACT_VARIABLE, Layout
from tests.git.builders import Run


class Pod:
    """The trusted containers of a run, as processes."""

    def __init__(self, run: Run) -> None:
        """Start nothing yet."""
        self.run = run
        self.folder = run.attempt.layout.trusted.parent
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, role: str, container: str, version: str = "1.1.0") -> subprocess.Popen[bytes]:
        """Start a container; `role` is `checkout`, `action` or `main`."""
        environment = {
            "PATH": os.environ["PATH"],
            "RESYNC_TAG": version,
            "RESYNC_ATTEMPT": "1",
            CONTRACT_VARIABLE: self.run.attempt.contract.to_json(),
        }
        argv = [sys.executable, "-m", "tests.git.pod", role, container, str(self.folder)]
        self.processes.append(
            subprocess.Popen(argv, env=environment, stderr=subprocess.PIPE, start_new_session=True)
        )
        return self.processes[-1]

    def message(self, container: str) -> str:
        """Return a container's termination message."""
        return (self.folder / f"termination.{container}").read_text().strip()

    def stop(self) -> None:
        """Kill what still runs."""
        for process in self.processes:
            process.kill()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()


def _layout_in(folder: Path, container: str) -> Layout:
    return Layout(
        workspace=folder / "workspace",
        trusted=folder / "trusted",
        secrets=folder / "secrets",
        argo=folder / "argo",
        termination=folder / f"termination.{container}",
    )


if __name__ == "__main__":
    role, container, folder = sys.argv[1:]
    sys.exit(run(role, container, os.environ, _layout_in(Path(folder), container)))
