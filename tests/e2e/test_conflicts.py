"""A merge conflicts: one small pull request, a suspended run, and a resume that needs nobody."""

import json
import subprocess

import pytest

from resync_argo.names import MAX_CONTAINER, slug
from tests.cluster.toolchain import binary
from tests.cluster.waiting import wait_for
from tests.e2e.conflict import (
    POLICY,
    VERSION,
    answer,
    asked,
    assert_one_good_pull_request,
    conflicting,
)
from tests.e2e.graph import graph_of
from tests.slack.receiver import SlackMessage
from tests.world.world import Manifest, World

pytestmark = pytest.mark.cluster


def suspended(world: World) -> Manifest:
    """Wait until the run is suspended and explained, and return its Workflow."""
    world.wait_for_phase(VERSION, "Conflict", seconds=240)

    def explained() -> Manifest | None:
        (workflow,) = world.workflows()
        nodes = workflow["status"].get("nodes", {}).values()
        waits = [it for it in nodes if it["type"] == "Suspend" and it["phase"] == "Running"]
        return workflow if waits and POLICY in waits[0].get("message", "") else None

    return wait_for(explained, deadline_seconds=120, describe="a suspended run with a message")


def told(world: World, count: int) -> list[SlackMessage]:
    """Wait until the release's thread has so many messages, and return it."""

    def thread() -> list[SlackMessage]:
        messages = world.slack.messages("chan-1")
        roots = {message.thread for message in messages if message.thread}
        return [m for m in messages if m.thread or m.ts in roots]

    wait_for(lambda: len(thread()) >= count, deadline_seconds=60, describe=lambda: f"{thread()}")
    assert len({m.thread for m in thread()[1:]}) == 1
    return thread()


def argo(world: World, *arguments: str) -> str:
    """Run the argo command as a person would."""
    place = ["--kubeconfig", str(world.cluster.kubeconfig), "--namespace", world.name]
    return subprocess.run(
        [binary("argo"), *place, *arguments], capture_output=True, text=True, check=True
    ).stdout


def assert_it_looks_like_a_pause(world: World) -> None:
    """Check Argo's graph: steps in order, none of them red, and each that did not run says so."""

    def tidied() -> Manifest | None:
        (found,) = world.workflows()
        phases = {it["phase"] for it in found["status"]["nodes"].values()}
        return found if not phases & {"Failed", "Error"} else None

    workflow = wait_for(tidied, deadline_seconds=30, describe="an attempt without failures")
    containers = graph_of(workflow)
    names = list(containers)
    titles = (step["name"] for step in world.plan()["spec"]["steps"])
    assert names == ["checkout", *(slug(it, limit=MAX_CONTAINER) for it in titles), "main"]
    phases = {name: node["phase"] for name, node in containers.items()}
    skipped = [name for name, phase in phases.items() if phase == "Skipped"]
    assert skipped == names[2:-1]
    (pod,) = world.kubectl.list("pods")
    for name in skipped:
        log = world.kubectl.run("logs", "--container", name, pod["metadata"]["name"])
        said = [line for line in log.splitlines() if "argo=true" not in line]
        assert said[0].lower().startswith("skipped: "), log
        assert "stops at a conflict that needs a person" in said[0]


def test_a_conflict_is_asked_about_and_resolved_and_the_run_goes_on(world: World) -> None:
    conflicting(world)
    question = asked(world)

    assert [file.filename for file in question.get_files()] == [POLICY]
    workflow = suspended(world)
    assert question.html_url in argo(world, "get", workflow["metadata"]["name"])
    message = workflow["status"]["message"]
    assert message[:20] == f"Resolve #{question.number}: scheduler"[:20]
    assert_it_looks_like_a_pause(world)
    assert question.html_url in json.dumps(world.sync(VERSION)["conflict"])
    status = world.repository().get_commit(question.head.sha).get_combined_status()
    assert [(it.context, it.state) for it in status.statuses] == [("resync/resolution", "failure")]

    answer(world, question)

    sync = assert_one_good_pull_request(world)
    assert sync["attempt"] == 2
    (workflow,) = world.workflows()
    assert workflow["status"]["phase"] == "Succeeded"
    nodes = workflow["status"]["nodes"].values()
    assert not [it["name"] for it in nodes if it["phase"] in ("Failed", "Error")]
    assert sorted(it["displayName"] for it in nodes if it["type"] == "Pod") == [
        "attempt-1",
        "attempt-2",
    ]
    assert POLICY not in workflow["status"].get("message", "")
    heard = told(world, 4)
    assert [message.loud for message in heard] == [False, True, False, False]
    assert question.html_url in json.dumps(heard[1].blocks)
    assert POLICY in json.dumps(heard[1].blocks)


def test_argo_resume_without_a_resolution_asks_the_same_question_again(world: World) -> None:
    conflicting(world)
    question = asked(world)
    workflow = suspended(world)
    argo(world, "resume", workflow["metadata"]["name"])

    def second() -> bool:
        return (
            world.sync(VERSION).get("attempt") == 2 and world.sync(VERSION)["phase"] == "Conflict"
        )

    wait_for(second, deadline_seconds=240, describe="the second attempt, suspended again")
    assert [it.number for it in world.pull_requests("open")] == [question.number]

    answer(world, question)
    assert_one_good_pull_request(world)


def test_closing_a_question_without_merging_skips_the_release_and_stops_the_run(
    world: World,
) -> None:
    conflicting(world)
    question = asked(world)
    suspended(world)
    question.edit(state="closed")

    sync = world.wait_for_phase(VERSION, "Skipped")

    assert sync["reason"] == "Abandoned"

    def stopped() -> bool:
        (workflow,) = world.workflows()
        return workflow["status"]["phase"] in ("Failed", "Error")

    wait_for(stopped, deadline_seconds=60, describe="the Workflow's end")
