"""A poller's thread waits for a hanging forge or upstream, and no reconcile does."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from resync_argo.controller.kube.api import SYNCS
from resync_argo.settings import HostSettings
from tests.apiserver.conftest import install_kinds
from tests.apiserver.lab import DOWNSTREAM, Lab
from tests.cluster.apiserver import ApiServer, start_apiserver
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for
from tests.fakes import FakeForge

pytestmark = pytest.mark.apiserver

OTHER = "forge.test/other/project"
HANGING_SECONDS = 120.0
SILENT = 40
BUSY = 6
"""How many threads of the upstreams' poller one namespace gets: three quarters of eight."""


class Hanging(FakeForge):
    """A forge that answers nobody until the test is over."""

    def __init__(self) -> None:
        super().__init__(repository=OTHER)
        self.is_asked, self.may_answer = threading.Event(), threading.Event()

    def _asked(self, what: str) -> None:
        super()._asked(what)
        self.is_asked.set()
        self.may_answer.wait(HANGING_SECONDS)


def test_a_hanging_forge_holds_up_no_other_plan(lab: Lab) -> None:
    hanging = lab.forges.made[OTHER] = Hanging()
    lab.add_plan("a-1", downstream={"name": OTHER, "branch": "main"})
    with lab.running():
        assert hanging.is_asked.wait(20)
        lab.release("v1.0.1")
        lab.add_plan()
        lab.merge_release("1.0.0")
        lab.wait_until("1.0.1", "Running")
        asked = lab.sync_object("1.0.0", "a-1")
        hanging.may_answer.set()
        lab.wait_until("1.0.0", "Running", plan="a-1")

    assert asked is not None
    assert asked.status.workflow is None, "it waited for its forge all the while"


class Silent:
    """A host that accepts every connection and says nothing."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._held: list[socket.socket] = []
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def connections(self) -> int:
        """Return how many connections were made."""
        return len(self._held)

    def close(self) -> None:
        """Stop the host, which ends everything that waits for it."""
        self._listener.close()
        for one in self._held:
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                self._held.append(self._listener.accept()[0])
            except OSError:
                return


@pytest.fixture
def silent() -> Iterator[Silent]:
    """A silent host for one test."""
    made = Silent()
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """An API server for this module, since a controller works in all of its namespaces."""
    server = start_apiserver(tmp_path_factory.mktemp("shared"))
    install_kinds(server)
    yield server
    server.stop()


def place(server: ApiServer, name: str, folder: Path) -> Lab:
    """Create a namespace with the Secret that Plans name."""
    Kubectl(kubeconfig=server.kubeconfig).run("create", "namespace", name)
    made = Lab(kubeconfig=server.kubeconfig, namespace=name, folder=folder, is_everywhere=True)
    made.add_secret(token="token-of-a-test")
    return made


def test_silent_upstreams_hold_up_no_other_namespace(
    shared: ApiServer, silent: Silent, tmp_path: Path
) -> None:
    """Forty of them, each on its own host: five times the number of threads."""
    neighbour, noisy = (place(shared, name, tmp_path) for name in ("neighbour", "noisy"))
    neighbour.release("v1.0.0")
    neighbour.make_repository("down/project")
    hosts = [f"silent-{number}.test" for number in range(SILENT)]
    for number, host in enumerate(hosts):
        upstream = {"name": f"{host}/up/project", "matchedVersions": ["1.0.x"]}
        branch = {"name": DOWNSTREAM, "branch": f"b-{number}"}
        noisy.add_plan(f"z-{number}", upstream=upstream, downstream=branch)
    there = HostSettings(git_url=f"http://127.0.0.1:{silent.port}")
    neighbour.hosts = dict.fromkeys(hosts, there)
    with neighbour.running():
        wait_for(
            lambda: silent.connections >= BUSY,
            deadline_seconds=30,
            describe=lambda: f"{BUSY} silent looks; there are {silent.connections}",
        )
        neighbour.add_plan()
        neighbour.merge_release("1.0.0")
        neighbour.release("v1.0.1")
        neighbour.wait_until("1.0.1", "Running")
        silent.close()

    assert noisy.objects(SYNCS) == []
