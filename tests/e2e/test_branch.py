"""A Plan that follows a branch gets one pull request that moves on; one with loose versions gets its own."""

import pytest

from tests.cluster.waiting import wait_for
from tests.world.repositories import BRANCH
from tests.world.world import SYNC_SECONDS, World

pytestmark = pytest.mark.cluster

PLAN = "z-release-4.8"


def wait_for_version(world: World, commit: str) -> str:
    """Wait until a commit of upstream's branch has its Tag; return its version."""

    def found() -> str | None:
        tags = (tag["spec"] for tag in world.tags())
        return next((spec["version"] for spec in tags if spec.get("commit") == commit), None)

    return wait_for(found, deadline_seconds=60, describe=f"the Tag of {commit}")


def test_one_pull_request_moves_on_with_a_branch_until_it_is_merged(world: World) -> None:
    plan = world.plan()
    plan["spec"]["config"]["upstream"] = {
        "name": f"github.com/{world.upstream_name}",
        "branch": "main",
        "every": "0m",
    }
    first = world.upstream.commit("First", {"first.txt": "first\n"})
    world.push_upstream()
    world.apply(plan)
    opened = world.wait_for_phase(wait_for_version(world, first), "Finished", "Failed")
    assert opened["phase"] == "Finished", opened
    second = world.upstream.commit("Second", {"second.txt": "second\n"})
    world.push_upstream()
    moved = world.wait_for_phase(wait_for_version(world, second), "Finished", "Failed")

    assert moved["phase"] == "Finished", moved
    assert moved["pullRequest"] == opened["pullRequest"]
    (pull,) = world.pull_requests()
    assert (pull.head.ref, pull.base.ref) == (f"resync/{PLAN}/{BRANCH}", BRANCH)
    world.fetch_downstream(pull.head.ref)
    world.downstream.git("merge-base", "--is-ancestor", second, "FETCH_HEAD")
    assert world.downstream.git("show", "FETCH_HEAD:second.txt") == "second"
    over = world.wait_for_phase(opened["version"], "Skipped")
    assert over["reason"] == "MovedOn"

    world.merge(pull)
    merged = wait_for(
        lambda: (
            world.sync(moved["version"]) if world.sync(moved["version"]).get("merged") else None
        ),
        deadline_seconds=SYNC_SECONDS,
        describe="the merge to be seen",
    )
    assert merged["reason"] == "Merged"


def test_a_release_with_a_loose_version_becomes_a_pull_request(world: World) -> None:
    plan = world.plan()
    plan["spec"]["config"]["upstream"] = {
        "name": f"github.com/{world.upstream_name}",
        "matchedVersions": ["24.x"],
        "versioning": "Loose",
    }
    commit = world.upstream.commit("Release 24.04", {"VERSION": "24.04\n"})
    world.upstream.git("tag", "--annotate", "--message", "24.04", "24.04")
    world.push_upstream()
    world.apply(plan)

    sync = world.wait_for_phase("24.04", "Finished", "Failed")

    assert sync["phase"] == "Finished", sync
    (pull,) = world.pull_requests()
    assert pull.head.ref == f"resync/{PLAN}/24.04"
    world.fetch_downstream(pull.head.ref)
    world.downstream.git("merge-base", "--is-ancestor", commit, "FETCH_HEAD")
    assert world.downstream.git("show", "FETCH_HEAD:zz_generated.txt") == "generated for 24.04"
