"""Whatever breaks for a while: each sync ends in one pull request, and nobody had to help."""

import pytest

from tests.chaos.chaos import Chaos
from tests.world.world import World

pytestmark = pytest.mark.cluster

SEED = 4
SECONDS = 45.0
SYNCS = 3


def test_every_sync_ends_in_one_pull_request_whatever_breaks(world: World) -> None:
    chaos = Chaos(world=world, state=world.cluster.state, seed=SEED, seconds=SECONDS, syncs=SYNCS)

    report = chaos.run()

    assert report.wrong == [], report.counts
