"""pytest plugin: a world for one test, and the forge that all worlds of a session share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.coordinates import Coordinates
from tests.cluster.kubectl import Kubectl
from tests.forge.launcher import TestForge, start_forge
from tests.slack.receiver import SlackReceiver
from tests.world.world import ROOT, World


@pytest.fixture(scope="session")
def world_forge(
    cluster: Coordinates, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestForge]:
    """A forge at one address for pods and for this machine."""
    forge = start_forge(tmp_path_factory.mktemp("forge"), listen=cluster.host_address)
    yield forge
    forge.stop()
    assert not forge.violations()


@pytest.fixture
def world(
    cluster: Coordinates, kubectl: Kubectl, world_forge: TestForge, tmp_path: Path
) -> Iterator[World]:
    """A world with its controller running and no Plan yet."""
    slack = SlackReceiver(listen=cluster.host_address)
    made = World(
        name=kubectl.namespace,
        cluster=cluster,
        kubectl=kubectl,
        forge=world_forge,
        slack=slack,
        folder=tmp_path,
        upstream_name=f"{kubectl.namespace}-kubernetes/kubernetes",
        downstream_name=f"{kubectl.namespace}-openshift/kubernetes",
    )
    kubectl.run("apply", "--server-side", "--filename", ROOT / "crds")
    made.build()
    made.controller.start()
    yield made
    made.controller.stop()
    slack.stop()
