"""A world whose next release conflicts in one file, and its maintainer's actions."""

from github.PullRequest import PullRequest

from tests.cluster.waiting import wait_for
from tests.world.repositories import BRANCH
from tests.world.world import Manifest, World

POLICY = "pkg/scheduler/scheduler.go"
VERSION = "1.21.1"
ANSWER = 'package scheduler\n\nconst Policy = "pack and balance"\n'


def conflicting(world: World, **config: object) -> None:
    """Apply the Plan and release a version that changes the line that downstream changed.

    Args:
        world: the world.
        config: parts of the Plan's config to replace.
    """
    world.downstream.commit(
        "UPSTREAM: <carry>: pack pods", {POLICY: 'package scheduler\n\nconst Policy = "pack"\n'}
    )
    world.push_downstream(BRANCH)
    plan = world.plan()
    plan["spec"]["config"] |= config
    plan["spec"]["config"]["slack"]["channel"] = "chan-1"
    world.apply(plan)
    world.release(VERSION, {POLICY: 'package scheduler\n\nconst Policy = "balance"\n'})


def asked(world: World, repository: str = "") -> PullRequest:
    """Wait for the conflict's pull request, in downstream or in its fork, as its maintainer does."""

    def found() -> PullRequest | None:
        opened = world.pull_requests("open", repository=repository)
        return next((it for it in opened if "/conflicts/" in it.head.ref), None)

    return wait_for(
        found, deadline_seconds=240, describe=lambda: f"a question\n{world.controller.tail()}"
    )


def answer(world: World, question: PullRequest) -> None:
    """Resolve the conflict and merge its pull request."""
    world.resolve(question, {POLICY: ANSWER})
    world.merge(question)


def assert_one_good_pull_request(world: World) -> Manifest:
    """Check the story's end: one pull request with the person's answer, and no marker anywhere."""
    sync = world.wait_for_phase(VERSION, "Finished", "Failed", seconds=300)

    assert sync["phase"] == "Finished", sync
    final = [it for it in world.pull_requests() if "/conflicts/" not in it.head.ref]
    assert [it.state for it in final] == ["open"]
    world.fetch_downstream(final[0].head.ref, repository=final[0].head.repo.full_name)
    assert world.downstream.git("show", f"FETCH_HEAD:{POLICY}") + "\n" == ANSWER
    assert "<<<<<<<" not in world.downstream.git("log", "-p", f"{BRANCH}..FETCH_HEAD")
    merge = world.downstream.git("rev-list", "--merges", f"{BRANCH}..FETCH_HEAD").splitlines()
    assert len(merge) == 1
    return sync
