"""A maintainer applies a Plan, upstream releases, a pull request opens: nothing to resolve."""

import pytest

from tests.cluster.waiting import wait_for
from tests.world.repositories import BRANCH
from tests.world.world import World

pytestmark = pytest.mark.cluster


def test_a_release_becomes_a_pull_request(world: World) -> None:
    """The founding document's Plan, its defects corrected, runs to the pull request and Slack."""
    world.apply(world.plan(matched="1.21.x"))
    world.wait_for_condition("plans.resync.openshift.io", "z-release-4.8", "Ready=True")
    commit = world.release("1.21.2")

    sync = world.wait_for_phase("1.21.2", "Finished", "Failed")

    assert sync["phase"] == "Finished", sync
    (opened,) = world.pull_requests()
    assert sync["pullRequest"] == opened.html_url
    assert (opened.head.ref, opened.base.ref) == ("resync/z-release-4.8/1.21.2", BRANCH)
    assert "1.21.0" in opened.body
    world.fetch_downstream(opened.head.ref)
    world.downstream.git("merge-base", "--is-ancestor", commit, "FETCH_HEAD")
    assert world.downstream.git("show", "FETCH_HEAD:zz_generated.txt") == "generated for 1.21.2"
    assert [message.text for message in world.slack.messages("chan-1")]


def test_an_attempt_is_one_pod_with_a_container_for_each_step(world: World) -> None:
    tolerations = [{"key": "batch", "operator": "Exists", "effect": "NoSchedule"}]
    selector = {"kubernetes.io/os": "linux"}
    plan = world.plan(pod={"nodeSelector": selector, "tolerations": tolerations})
    image = plan["spec"]["config"]["image"]
    said = {"name": "say", "image": image, "run": 'echo "**Well**" >"$RESYNC_SUMMARY"'}
    plan["spec"]["config"]["image"] = world.cluster.project_image
    for step in (it for it in plan["spec"]["steps"] if "run" in it):
        step["image"] = image
    plan["spec"]["steps"].insert(0, said)
    world.apply(plan)
    world.release("1.21.1")
    world.wait_for_phase("1.21.1", "Finished")

    (workflow,) = world.workflows()
    (pod,) = (found["spec"] for found in world.kubectl.list("pods"))
    (opened,) = world.pull_requests()

    assert workflow["status"]["phase"] == "Succeeded"
    images = {container["name"]: container["image"] for container in pod["containers"]}
    assert {"checkout", "say", "git-merge", "main"} <= images.keys()
    assert images["say"] == images["git-merge"] == image
    assert pod["nodeSelector"] == selector
    assert tolerations[0] in pod["tolerations"]
    assert "> **Well**" in opened.body


def test_the_next_release_waits_for_the_merge_and_older_ones_go_first(world: World) -> None:
    world.release("1.21.2")
    world.release("1.21.1", {"late.txt": "released after 1.21.2\n"})
    world.apply(world.plan())

    world.wait_for_phase("1.21.1", "Finished")
    waiting = wait_for(
        world.next_release, deadline_seconds=30, describe="the release that comes next"
    )
    assert waiting["version"] == "1.21.2"
    assert "1.21.1" in waiting["message"]
    assert world.sync("1.21.2") == {}
    (first,) = world.pull_requests("open")
    world.merge(first)

    world.wait_for_phase("1.21.2", "Finished", "Skipped")


def test_a_release_that_the_branch_contains_is_already_synced(world: World) -> None:
    world.release("1.21.1")
    world.downstream.git("fetch", "--quiet", str(world.upstream.path), "main")
    world.downstream.git("merge", "--quiet", "--no-edit", "FETCH_HEAD")
    world.push_downstream(BRANCH)

    world.apply(world.plan(matched="1.21.x"))

    newest = world.wait_for_phase("1.21.1", "Finished")
    assert newest["reason"] == "AlreadySynced"
    assert world.wait_for_phase("1.21.0", "Skipped")["reason"] == "Superseded"
    assert world.pull_requests() == []


def test_a_controller_that_is_killed_leaves_no_second_of_anything(world: World) -> None:
    world.apply(world.plan())
    world.release("1.21.1")
    wait_for(world.workflows, deadline_seconds=60, describe="a Workflow")
    world.controller.kill()
    world.controller.start()

    world.wait_for_phase("1.21.1", "Finished")

    assert len(world.workflows()) == 1
    assert len(world.pull_requests()) == 1
    assert sorted(tag["spec"]["version"] for tag in world.tags()) == ["1.21.1"]
