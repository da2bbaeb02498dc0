"""Where a cluster is and what it has: all that a test needs to know of it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Coordinates:
    """A cluster that is ready for tests.

    Attributes:
        kubeconfig: of a cluster administrator.
        host_address: under which pods reach processes of this machine.
        step_image: what a Plan names for its steps; has sh, sed, git, make, Go.
        project_image: this project as it stands.
        argo_server: URL of the Argo server's API; empty where none was started.
        state: folder of the local cluster (logs are in `log/`); None for any other.
    """

    kubeconfig: Path
    host_address: str
    step_image: str
    project_image: str
    argo_server: str = ""
    state: Path | None = None
