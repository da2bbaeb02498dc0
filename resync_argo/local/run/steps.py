"""Runs one `run` step of a Plan on this machine, as its container would in the pod.

The step wrapper is the pod's own. On the host, a step runs with the permissions of the person who
started it; in a container, it has the Plan's image, the workspace (at the same path, since the
clone's configuration names it) and nothing else. Either way it gets the variables of the compiled
template, and only those variables of this machine by which programs and proxies are found.
"""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from resync_argo.api.variables import static_variables
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.steps.control import Control
from resync_argo.contract import StepContract
from resync_argo.errors import UsageError
from resync_argo.names import short_hash
from resync_argo.processes import held_signals

POLL_SECONDS = 0.05

Where = Literal["host", "podman", "docker"]

KEPT_VARIABLES = (
    "PATH",
    "LANG",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTPS_PROXY",
    "NO_PROXY",
)


@dataclass(frozen=True, kw_only=True)
class StepRunner:
    """Runs steps of one attempt.

    Attributes:
        attempt: has the workspace.
        where: the host, or a container engine.
        environ: this machine's variables.
        meanwhile: called repeatedly while a step runs.
    """

    attempt: Attempt
    where: Where
    environ: Mapping[str, str]
    meanwhile: Callable[[], None] = lambda: None

    def run(self, known: StepContract, script: str) -> int:
        """Run a step to its end and return its exit code; its output goes to standard error.

        Raises:
            UsageError: the container engine is not installed.
        """
        wrapper = str(Control(directory=self.attempt.layout.control).wrapper)
        container = known.container
        step = ["sh", wrapper, container, _unused_token(script), script]
        if self.where == "host":
            return _run_group(step, self._variables() | self._kept(), self.meanwhile)
        name = f"resync-argo-{short_hash(str(self.attempt.layout.workspace))}-{container}"
        try:
            image = known.image or self.attempt.contract.config.image
            argv = [*self._engine(name, image), *step]
            return _run_group(argv, dict(self.environ), self.meanwhile)
        except FileNotFoundError as error:
            raise UsageError(f"There is no `{self.where}` on this machine.") from error
        finally:
            # The engine's client may end before the container does.
            self._force_removal(name)

    def _variables(self) -> dict[str, str]:
        workspace = self.attempt.layout.workspace
        return static_variables(self.attempt.contract.config) | {
            "HOME": str(workspace / "home"),
            "TMPDIR": str(workspace / "tmp"),
            "XDG_CACHE_HOME": str(workspace / "home" / ".cache"),
            "RESYNC_TERMINATION_LOG": str(self.attempt.layout.termination),
            "RESYNC_QUIET": "yes",
        }

    def _kept(self) -> dict[str, str]:
        return {name: self.environ[name] for name in KEPT_VARIABLES if name in self.environ}

    def _engine(self, name: str, image: str) -> list[str]:
        workspace = self.attempt.layout.workspace
        # Rootless podman maps ids; as root it needs no mapping, and refuses the option.
        user = ["--userns=keep-id"] if self.where == "podman" and os.getuid() else []
        variables = [word for pair in self._variables().items() for word in ("-e", "=".join(pair))]
        return [
            *(self.where, "run", "--rm", "--name", name, *user),
            *("--user", f"{os.getuid()}:{os.getgid()}", "--security-opt", "label=disable"),
            *("--cap-drop=ALL", "--security-opt", "no-new-privileges"),
            *("-v", f"{workspace}:{workspace}", *variables, "--entrypoint", ""),
            image,
        ]

    def _force_removal(self, name: str) -> None:
        with suppress(FileNotFoundError):
            subprocess.run([self.where, "rm", "-f", name], capture_output=True, check=False)


def _unused_token(script: str) -> str:
    """Return a stand-in for `{{` that the script, which arrives here verbatim, does not contain."""
    return next(
        token for token in (f"<{'@' * n}" for n in itertools.count(1)) if token not in script
    )


def _run_group(
    argv: Sequence[str], environment: Mapping[str, str], meanwhile: Callable[[], None]
) -> int:
    """Run a program as the leader of a process group, and end the whole group with it."""
    sys.stderr.flush()
    process = None
    try:
        with held_signals():
            process = subprocess.Popen(
                argv,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),
                stderr=sys.stderr.fileno(),
                process_group=0,
            )
        while True:
            with suppress(subprocess.TimeoutExpired):
                return process.wait(timeout=POLL_SECONDS)
            meanwhile()
    finally:
        if process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
