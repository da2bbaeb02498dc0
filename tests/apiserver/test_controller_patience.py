"""A forge that cannot be asked: it is left alone as long as it wants, and nobody else waits for it."""

import time

import pytest

from resync_argo.forge.interface import ForgeUnavailable, RateLimited
from tests.apiserver.lab import UPSTREAM, Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

OTHER = "forge.test/other/project"


def test_a_forge_that_asks_for_patience_is_not_asked_before(lab: Lab) -> None:
    lab.forge.failure = RateLimited("The forge limits the rate.", retry_after=3.0)
    lab.add_plan()
    with lab.running():
        lab.wait_until("1.0.0", "Pending", "Retrying")
        told = time.monotonic()
        lab.forge.failure = None
        lab.wait_until("1.0.0", "Running")

    assert time.monotonic() - told > 2.0


def test_one_plans_forge_that_is_away_does_not_slow_the_polls_for_another(lab: Lab) -> None:
    lab.forges.at(OTHER).failure = ForgeUnavailable("The forge answered 503.")
    lab.add_plan()
    lab.add_plan(
        "z-other",
        upstream={"name": UPSTREAM, "matchedVersions": ["1.0.x"]},
        downstream={"name": OTHER, "branch": "main"},
    )
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        pull = lab.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod",))
        lab.argo_suspends(name, "ab12")
        lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        lab.wait_until("1.0.0", "Pending", "Retrying", plan="z-other")
        polled = f"get {pull.number}"
        wait_for(
            lambda: lab.forge.requests.count(polled) > 15,
            deadline_seconds=15,
            describe=lambda: f"15 polls; there were {lab.forge.requests.count(polled)}",
        )
