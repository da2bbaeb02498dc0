"""A forge that does not answer properly gets the time that it asks for, and people see why."""

import time
from dataclasses import replace

import pytest

from resync_argo.forge.interface import ForgeUnavailable, PullRequestState, RateLimited
from tests.apiserver.lab import UPSTREAM, Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

OTHER = "forge.test/other/project"


def test_a_rate_limited_forge_is_not_asked_too_early(lab: Lab) -> None:
    lab.forge.failure = RateLimited("The forge limits the rate.", retry_after=3.0)
    lab.add_plan()
    with lab.running():
        lab.wait_until("1.0.0", "Pending", "RateLimited")
        told = time.monotonic()
        lab.forge.failure = None
        lab.wait_until("1.0.0", "Running")

    assert time.monotonic() - told > 2.0


def test_an_unreachable_forge_does_not_slow_the_polls_of_another_plan(lab: Lab) -> None:
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
        lab.wait_until("1.0.0", "Pending", "ForgeUnavailable", plan="z-other")
        polled = f"get {pull.number}"
        wait_for(
            lambda: lab.forge.requests.count(polled) > 15,
            deadline_seconds=15,
            describe=lambda: f"15 polls; there were {lab.forge.requests.count(polled)}",
        )


def test_a_pull_request_that_is_no_longer_visible_is_reported(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        pull = lab.forge.open("resync/z-1/1.0.0")
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        hidden = lab.forge.pulls.pop(pull.number)
        told = wait_for(
            lambda: reachable(lab) == "ObjectNotFound",
            deadline_seconds=20,
            describe=lambda: f"the condition; it is {lab.sync('1.0.0')}",
        )
        lab.forge.pulls[pull.number] = replace(hidden, state=PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Finished", "Merged")

    assert told


def test_a_strangers_pull_request_of_the_same_number_is_not_taken_for_ours(lab: Lab) -> None:
    stranger = lab.forges.at(OTHER).open("somebodys-branch")
    lab.forges.at(OTHER).set_state(stranger.number, PullRequestState.MERGED)
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        ours = lab.forge.open("resync/z-1/1.0.0")
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        lab.add_plan(downstream={"name": OTHER, "branch": "main"})
        wait_for(
            lambda: reachable(lab) == "ObjectNotFound",
            deadline_seconds=20,
            describe=lambda: f"the condition; it is {lab.sync('1.0.0')}",
        )
        kept = lab.wait_until("1.0.0", "Finished", "PullRequestOpen")

    assert ours.number == stranger.number
    assert not kept.merged


def reachable(lab: Lab) -> str:
    return lab.reasons("1.0.0").get("ForgeReachable", "")
