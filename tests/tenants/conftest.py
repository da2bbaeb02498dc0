"""A separate API server for this tier, since the leftovers of hostile namespaces would disturb other tests."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from resync_argo.controller.kube.api import PLANS, TAGS, WORKFLOW_TEMPLATES, WORKFLOWS
from resync_argo.settings import HostSettings
from tests.apiserver.conftest import install_kinds
from tests.apiserver.lab import Lab
from tests.cluster.apiserver import ApiServer, start_apiserver
from tests.tenants.bad_host import BadHost, bad_host
from tests.tenants.question import GIANT_BYTES, make_questions
from tests.tenants.site import Site

DEAD_HOSTS = 40


@dataclass(frozen=True)
class BadHosts:
    """A silent host, also under the names `dead-0.test` and so on, and one that trickles."""

    silent: BadHost
    trickling: BadHost


@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """The API server with our kinds."""
    server = start_apiserver(tmp_path_factory.mktemp("crowded"))
    try:
        install_kinds(server)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def bad_hosts() -> Iterator[BadHosts]:
    """Misbehaving hosts."""
    with bad_host() as silent, bad_host(trickles=True) as trickling:
        yield BadHosts(silent, trickling)


@pytest.fixture(scope="module")
def site(
    crowded: ApiServer, bad_hosts: BadHosts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A controller that works for a peaceful namespace; hostile ones come and stay."""
    folder = tmp_path_factory.mktemp("tenants")
    giant = folder / "giant" / "up" / "project"
    make_giant(giant)
    questions = make_questions(folder / "conflict")
    hosts = {
        "hostile.test": HostSettings(git_url=str(folder / "hostile")),
        "giant.test": HostSettings(git_url=str(folder / "giant")),
        "conflict.test": HostSettings(git_url=str(folder / "conflict")),
        "silent.test": HostSettings(git_url=bad_hosts.silent.url),
        "trickling.test": HostSettings(git_url=bad_hosts.trickling.url),
    }
    hosts |= {
        f"dead-{number}.test": HostSettings(git_url=bad_hosts.silent.url)
        for number in range(DEAD_HOSTS)
    }
    with ExitStack() as stack:
        made = Site(
            apiserver=crowded,
            folder=folder,
            hosts=hosts,
            kubeconfig=crowded.kubeconfig,
            questions=questions,
        )
        stack.enter_context(made.running())
        made.wait_until_at_rest()
        yield made


@pytest.fixture
def hostile(site: Site) -> Iterator[Lab]:
    """An attacker's namespace; it is emptied afterwards, so that each test begins in peace."""
    lab = site.tenant("hostile")
    yield lab
    for resource in (PLANS, TAGS, WORKFLOWS, WORKFLOW_TEMPLATES):
        # Delete the whole collection in one request.
        lab.kubectl.run("delete", "--raw", resource.path(lab.namespace), timeout_seconds=120)
    site.wait_until_at_rest()


def make_giant(folder: Path) -> None:
    """Make an upstream with a file as large as forges take, and workflows to look at."""
    (folder / ".github" / "workflows").mkdir(parents=True)
    (folder / ".github" / "workflows" / "test.yaml").write_text("on: push\n")
    with (folder / "giant").open("wb") as file:
        file.truncate(GIANT_BYTES)
    identity = ("-c", "user.name=up", "-c", "user.email=up@example.com")
    for argv in (
        ("init", "-q", "-b", "main"),
        ("add", "."),
        ("commit", "-q", "-m", "giant"),
        ("tag", "v1.0.0"),
    ):
        subprocess.run(["git", *identity, *argv], cwd=folder, check=True, timeout=120)
