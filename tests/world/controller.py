"""Our controller as a process on this machine: started, killed, started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

_READY_SECONDS = 180.0
_GRACE_SECONDS = 45.0
"""As Kubernetes waits, by the Deployment's `terminationGracePeriodSeconds`."""
_PORTS = 3
"""How often ports are chosen: another process may take one between its choice and its use."""


class ControllerFailed(RuntimeError):
    """The controller does not run; the message has the end of its log."""


def free_port() -> int:
    """Return a port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Controller:
    """`resync-argo controller` with settings of its own.

    Attributes:
        environment: `KUBECONFIG` and the `RESYNC_*` variables.
        log: file that its output is appended to.
    """

    environment: Mapping[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    monitoring_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return the address of its webhooks."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Return the process id of the running controller."""
        if self._process is None or self._process.poll() is not None:
            raise ControllerFailed(f"the controller is not running:\n{self.tail()}")
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Return whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        listen = {
            "RESYNC_LISTEN": f"127.0.0.1:{self.port}",
            "RESYNC_MONITORING_LISTEN": f"127.0.0.1:{self.monitoring_port}",
        }
        environment = {**os.environ, **self.environment, **listen}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [Path(sys.executable).with_name("resync-argo"), "controller"],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def start(self) -> None:
        """Start it and wait until it says that it is ready.

        Raises:
            ControllerFailed: it ended, or did not get ready in time.
        """
        for _ in range(_PORTS):
            if self._starts():
                return
            if "Address already in use" not in self.tail():
                break
            self.port, self.monitoring_port = free_port(), free_port()
        raise ControllerFailed(f"the controller did not get ready:\n{self.tail()}")

    def _starts(self) -> bool:
        self.launch()
        deadline = time.monotonic() + _READY_SECONDS
        while not self._is_ready():
            if not self.is_running or time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def kill(self) -> None:
        """End it as a lost node would: at once, with nothing said."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it as Kubernetes would, and wait."""
        self._end(signal.SIGTERM)

    def restart(self, **settings: str) -> None:
        """Start it again, some of its `RESYNC_*` settings being others."""
        self.stop()
        changed = {f"RESYNC_{name.upper()}": value for name, value in settings.items()}
        self.environment = {**self.environment, **changed}
        self.start()

    def tail(self, lines: int = 60) -> str:
        """Return the end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self.is_running:
            self._process.send_signal(how)
            try:
                self._process.wait(timeout=_GRACE_SECONDS)
            except subprocess.TimeoutExpired as error:
                self._process.kill()
                self._process.wait()
                raise ControllerFailed(f"the controller does not end:\n{self.tail()}") from error
        self._process = None

    def _is_ready(self) -> bool:
        try:
            page = f"http://127.0.0.1:{self.monitoring_port}/readyz"
            with urllib.request.urlopen(page, timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, HTTPException):  # it is not there yet
            return False


def settings_for(
    *, kubeconfig: Path, namespace: str, forge_address: str, slack_url: str, image: str
) -> dict[str, str]:
    """Return the controller's variables for a world whose github.com is the local forge.

    Args:
        kubeconfig: of the cluster.
        namespace: the only one to watch.
        forge_address: `http://ADDRESS:PORT`, reached from this machine and from pods.
        slack_url: base URL of the Slack receiver's API, likewise.
        image: image of our own containers.
    """
    host: dict[str, Any] = {"apiUrl": f"{forge_address}/api/v3", "gitUrl": forge_address}
    return {
        "KUBECONFIG": str(kubeconfig),
        "RESYNC_NAMESPACE": namespace,
        "RESYNC_IMAGE": image,
        "RESYNC_HOSTS": json.dumps({"github.com": host}),
        "RESYNC_SLACK_API_URL": slack_url,
        "RESYNC_UPSTREAM_POLL_SECONDS": "1",
        "RESYNC_PULL_REQUEST_POLL_SECONDS": "2",
    }
