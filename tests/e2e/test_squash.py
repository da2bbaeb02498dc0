"""A maintainer squashes a sync's pull request that had a conflict; the next release does not conflict again."""

import pytest

from tests.cluster.waiting import wait_for
from tests.e2e.conflict import VERSION, answer, asked, assert_one_good_pull_request, conflicting
from tests.e2e.hostile import refs
from tests.world.repositories import BRANCH
from tests.world.world import World

pytestmark = pytest.mark.cluster

NEXT = "1.21.2"
RECORDS = f"refs/resync-argo/_brought/{BRANCH}/_/"


def test_the_release_after_a_squashed_one_merges_cleanly(world: World) -> None:
    conflicting(world)
    answer(world, asked(world))
    assert_one_good_pull_request(world)
    (final,) = world.pull_requests("open")

    world.merge(final, "squash")

    wait_for(
        lambda: world.sync(VERSION).get("reason") == "SquashMerged",
        deadline_seconds=120,
        describe=lambda: f"the squash to be seen; it is {world.sync(VERSION)}",
    )
    assert len([name for name in refs(world) if name.startswith(RECORDS)]) == 1

    commit = world.release(NEXT, {"later.txt": "released after the squash\n"})
    sync = world.wait_for_phase(NEXT, "Finished", "Failed", "Conflict", seconds=300)

    assert sync["phase"] == "Finished", sync
    (opened,) = world.pull_requests("open")
    assert VERSION in opened.body
    world.fetch_downstream(BRANCH, opened.head.ref)
    branch, tip = world.downstream.git("rev-parse", "FETCH_HEAD"), opened.head.sha
    parents = world.downstream.git("log", "-1", "--format=%P", "--merges", tip).split()
    assert parents == [branch, commit]
