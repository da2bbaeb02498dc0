"""A controller, a peaceful namespace whose delays are measured, and hostile ones."""

import copy
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import PLANS, Resource
from resync_argo.settings import HostSettings, Settings
from tests.apiserver.lab import Lab
from tests.cluster.apiserver import ApiServer
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for
from tests.tenants.pod import watched
from tests.tenants.question import Question

POLL_SECONDS = 1.0
WAIT_SECONDS = 2.0
"""How much longer a neighbour's key may wait than it does in peace."""

MEMORY_MIB = 128.0
"""How much a hostile namespace may add to the most memory that the controller ever has: a quarter of its limit."""

PROGRAMS_MIB = 128.0
"""How much the programs that the controller starts for a hostile namespace may have at a time: another quarter."""

LISTS_MIB = 192.0
"""The same where git has to hold lists of 300,000 files, 85 MiB each and two at a time: it is what the limit leaves
beside a controller with ten thousand Tags."""

TMP_MIB = 256.0
"""How much they may write to the pod's /tmp: a quarter of what it holds before the pod is evicted."""

CALLS = 5
"""Calls of the API server or git, one after the other, from an event to what the neighbour sees of it."""

PROBES = 3
CONFIG_MAPS = Resource("", "v1", "configmaps")


@dataclass
class Measured:
    """The neighbour's delays.

    Attributes:
        edit: median seconds from a changed Plan to its status.
        release: median seconds from a new upstream tag to its Tag.
        bare: median seconds of a write and a read of an upstream without the controller.
    """

    edit: float
    release: float
    bare: float

    @classmethod
    def of(cls, probes: list[tuple[float, float, float]]) -> "Measured":
        """Return the medians of repeated measurements."""
        edit, release, bare = map(statistics.median, zip(*probes, strict=True))
        return cls(edit=edit, release=release, bare=bare)


@dataclass
class Site:
    """The controller as a process, and its tenants."""

    apiserver: ApiServer
    folder: Path
    hosts: dict[str, HostSettings]
    kubeconfig: Path
    questions: list[Question] = field(default_factory=list)
    port: int = 0
    process: "subprocess.Popen[str] | None" = None
    released: int = 0
    log: Path = field(init=False)
    files: Path = field(init=False)

    neighbour: Lab = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "log"
        self.neighbour = self.tenant("peaceful")
        self.neighbour.add_plan()
        self.neighbour.kubectl.run("create", "configmap", "control")

    def beside(self) -> "Site":
        """Return the same installation with another process, which does not run yet."""
        return copy.copy(self)

    def tenant(self, name: str) -> Lab:
        """Return a new namespace, with an upstream, a downstream and a Secret."""
        namespace = f"{name}-{uuid.uuid4().hex[:6]}"
        Kubectl(kubeconfig=self.apiserver.kubeconfig).run("create", "namespace", namespace)
        folder = self.folder / name
        lab = Lab(kubeconfig=self.apiserver.kubeconfig, namespace=namespace, folder=folder)
        if not folder.exists():
            folder.mkdir()
            lab.release("v1.0.0")
            lab.make_repository("down/project")
            lab.make_repository("down/talkative")
        lab.add_secret(token="token-of-a-test")
        return lab

    @contextmanager
    def running(self) -> Iterator["Site"]:
        """Run the controller while the block lasts."""
        settings = Settings(
            hosts={"forge.test": HostSettings(git_url=str(self.neighbour.folder)), **self.hosts},
            upstream_poll_seconds=POLL_SECONDS,
            pull_request_poll_seconds=POLL_SECONDS,
        )
        self.files = Path(tempfile.mkdtemp(dir=self.folder))
        command = [
            *(sys.executable, "-m", "tests.tenants.program"),
            *(str(self.kubeconfig), str(self.files), settings.model_dump_json()),
            json.dumps([asdict(it) for it in self.questions]),
        ]
        with (
            self.log.open("a") as log,
            subprocess.Popen(
                command,
                env=os.environ | {"TMPDIR": str(self.files)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            ) as process,
        ):
            self.process = process
            try:
                assert process.stdout is not None
                self.port = int(process.stdout.readline())
                yield self
            finally:
                assert process.stdin is not None
                process.stdin.close()
                process.wait(timeout=60)

    def wait_until_at_rest(self) -> None:
        """Wait until the controller only polls."""

        def rests() -> bool:
            depths = re.findall(r"^resync_queue_depth\{.*\} (\S+)$", self.metrics(), re.M)
            return self.neighbour.sync("1.0.0") is not None and not any(map(float, depths))

        wait_for(rests, deadline_seconds=120, describe="the controller to come to rest")

    def metrics(self) -> str:
        """Return the controller's metrics."""
        address = f"http://127.0.0.1:{self.port}/metrics"
        with urllib.request.urlopen(address, timeout=30) as answer:
            text: str = answer.read().decode()
        return text

    def statuses(self) -> list[str]:
        """Return the forge's commit statuses, each after its repository."""
        file = self.files / "statuses"
        return file.read_text().splitlines() if file.exists() else []

    def peak_mib(self) -> float:
        """Return the controller's peak memory since the last reset."""
        return self._memory("VmHWM")

    def now_mib(self) -> float:
        """Return the controller's present memory, and reset its peak: proc(5), clear_refs."""
        assert self.process is not None
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self._memory("VmRSS")

    def _memory(self, name: str) -> float:
        assert self.process is not None
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{name}:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024

    def edit_seconds(self) -> float:
        """Change the neighbour's Plan and return how long it takes until the controller has looked."""
        lab, key = self.neighbour, self.neighbour.plan().metadata.key
        prereleases = not lab.plan().spec.config.enable_prereleases
        change = {"spec": {"config": {"enablePrereleases": prereleases}}}
        began = time.monotonic()
        written = lab.kube.patch(PLANS, key, change)["metadata"]["generation"]
        wait_for(
            lambda: lab.plan().status.observed_generation == written,
            deadline_seconds=60,
            describe="the neighbour's Plan to be looked at",
        )
        return time.monotonic() - began

    def release_seconds(self) -> float:
        """Make a release for the neighbour and return how long it takes until there is a Tag."""
        self.released += 1
        version = f"1.0.{self.released}"
        self.neighbour.release(f"v{version}")
        began = time.monotonic()
        wait_for(
            lambda: self.neighbour.tag(version), deadline_seconds=60, describe=f"a Tag of {version}"
        )
        return time.monotonic() - began

    def bare_seconds(self) -> float:
        """Return how long the API server and git take without the controller."""
        key = ObjectKey(self.neighbour.namespace, "control")
        began = time.monotonic()
        self.neighbour.kube.patch(CONFIG_MAPS, key, {"data": {"at": str(began)}})
        self.neighbour.git("ls-remote", ".")
        return time.monotonic() - began

    def measure(self, goes_on: Callable[[], bool] = lambda: False) -> Measured:
        """Return the neighbour's delays, measured at least a few times, and for as long as an action lasts."""
        probes: list[tuple[float, float, float]] = []
        while len(probes) < PROBES or goes_on():
            probes.append((self.edit_seconds(), self.release_seconds(), self.bare_seconds()))
        return Measured.of(probes)

    def bothered_by(self, act: Callable[[], object], *, programs_mib: float = PROGRAMS_MIB) -> None:
        """Measure the neighbour during an action, and compare that with the peace just before.

        Args:
            act: the action.
            programs_mib: the allowed memory of the controller's child processes.

        Raises:
            AssertionError: the neighbour's delay or the memory grows beyond the limit.
        """
        peace, before = self.measure(), self.now_mib()
        assert self.process is not None
        with ThreadPoolExecutor(1) as pool, watched(self.process.pid, self.files) as used:
            acting = pool.submit(act)
            trouble = self.measure(goes_on=lambda: not acting.done())
            acting.result()
        assert self.process.poll() is None
        # A busy API server or machine is not the controller's fault.
        longer = WAIT_SECONDS + CALLS * max(trouble.bare - peace.bare, 0.0)
        assert trouble.edit <= peace.edit + longer, (peace, trouble)
        assert trouble.release <= peace.release + longer, (peace, trouble)
        assert self.peak_mib() <= before + MEMORY_MIB
        assert used.programs_mib <= programs_mib, used
        assert used.folder_mib <= TMP_MIB, used
