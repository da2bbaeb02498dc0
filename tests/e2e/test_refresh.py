"""An open pull request is rebuilt when its base moves, and left alone when a person wants that."""

import time

import pytest
from github.PullRequest import PullRequest

from tests.cluster.waiting import wait_for
from tests.e2e.conflict import ANSWER, POLICY, VERSION, answer, asked
from tests.world.repositories import BRANCH
from tests.world.world import Manifest, World

pytestmark = pytest.mark.cluster

SECONDS = 240.0
"""For a run to the pull request."""

QUIET_SECONDS = 15.0
"""Several looks long, in which nothing may happen."""


@pytest.fixture(autouse=True)
def quick(world: World) -> None:
    """Allow a refresh two seconds after a run."""
    world.controller.restart(refresh_seconds="2")


def proposed(world: World, **config: object) -> PullRequest:
    """Bring a release to its open pull request."""
    plan = world.plan()
    plan["spec"]["config"] |= config
    world.apply(plan)
    world.release(VERSION, {POLICY: 'package scheduler\n\nconst Policy = "balance"\n'})
    sync = world.wait_for_phase(VERSION, "Finished", "Failed")
    assert sync["phase"] == "Finished", sync
    (opened,) = world.pull_requests("open")
    return opened


def move_base(world: World, file: str = "docs/by-hand.md", text: str = "By hand.\n") -> str:
    """Change the downstream branch as a person; return the commit."""
    commit = world.downstream.commit("UPSTREAM: <carry>: by hand", {file: text})
    world.push_downstream(BRANCH)
    return commit


def final(world: World) -> PullRequest:
    """Return the only pull request that is not about a conflict."""
    (found,) = [it for it in world.pull_requests() if "/conflicts/" not in it.head.ref]
    return found


def wait_for_another_head(world: World, before: PullRequest) -> PullRequest:
    """Wait until the pull request has another tip, and its run has ended."""

    def moved() -> PullRequest | None:
        found = final(world)
        is_over = world.sync(VERSION).get("phase") == "Finished"
        return found if found.head.sha != before.head.sha and is_over else None

    return wait_for(
        moved,
        deadline_seconds=SECONDS,
        describe=lambda: f"another tip; it is {world.sync(VERSION)}\n{world.controller.tail()}",
    )


def stale(world: World) -> Manifest:
    """Return the Sync's message about its pull request's freshness."""
    found: Manifest = world.sync(VERSION).get("freshness", {})
    return found


def assert_contains(world: World, pull: PullRequest, commit: str) -> None:
    world.fetch_downstream(pull.head.ref)
    world.downstream.git("merge-base", "--is-ancestor", commit, "FETCH_HEAD")


def test_a_pull_request_is_rebuilt_when_its_base_moves(world: World) -> None:
    opened = proposed(world, refresh="BaseMoved")
    tip = move_base(world)

    made = wait_for_another_head(world, opened)

    assert (made.number, made.state) == (opened.number, "open")
    assert_contains(world, made, tip)
    assert len(world.workflows()) == 2
    world.merge(made)
    wait_for(
        lambda: world.sync(VERSION).get("reason") == "Merged",
        deadline_seconds=60,
        describe=lambda: f"the merge to be seen; it is {world.sync(VERSION)}",
    )


def test_a_pull_request_that_no_longer_merges_asks_and_is_rebuilt(world: World) -> None:
    opened = proposed(world)
    tip = move_base(world, POLICY, 'package scheduler\n\nconst Policy = "pack"\n')

    question = asked(world)
    assert world.sync(VERSION)["pullRequest"] == opened.html_url
    answer(world, question)
    made = wait_for_another_head(world, opened)

    assert made.number == opened.number
    assert_contains(world, made, tip)
    assert world.downstream.git("show", f"FETCH_HEAD:{POLICY}") + "\n" == ANSWER
    world.merge(made)


def wait_until_held(world: World) -> None:
    wait_for(
        lambda: stale(world).get("reason") == "Held",
        deadline_seconds=60,
        describe=lambda: f"the hold to be seen; it is {world.sync(VERSION)}",
    )


def test_a_held_pull_request_stays_until_it_is_released_or_somebody_asks(world: World) -> None:
    opened = proposed(world, refresh="BaseMoved")
    opened.create_issue_comment("/resync hold")
    wait_until_held(world)
    tip = move_base(world)
    time.sleep(QUIET_SECONDS)
    held = final(world)

    held.create_issue_comment("/resync unhold")
    made = wait_for_another_head(world, opened)

    assert held.head.sha == opened.head.sha
    assert_contains(world, made, tip)
    made.add_to_labels("resync/hold")
    wait_until_held(world)
    tip = move_base(world, "docs/again.md")
    time.sleep(QUIET_SECONDS)
    held = final(world)

    held.create_issue_comment("/resync refresh")
    again = wait_for_another_head(world, made)

    assert held.head.sha == made.head.sha
    assert_contains(world, again, tip)


def test_a_persons_commit_stays_and_is_reported_once(world: World) -> None:
    opened = proposed(world, refresh="BaseMoved")
    theirs = world.resolve(opened, {"fix.txt": "by hand\n"})
    move_base(world)

    wait_for(
        lambda: stale(world).get("reason") == "ForeignCommit",
        deadline_seconds=60,
        describe=lambda: f"the commit to be reported; it is {world.sync(VERSION)}",
    )
    time.sleep(QUIET_SECONDS)

    left = final(world)
    assert left.head.sha == theirs
    assert len(world.workflows()) == 1
    (said,) = left.get_issue_comments()
    assert theirs[:12] in said.body
