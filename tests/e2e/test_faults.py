"""Faults at every boundary of a sync with a conflict: each sync ends with one pull request, and nothing is lost."""

import pytest

from resync_argo.controller.state.workflow import RESUMED_ANNOTATION
from resync_argo.submit.awaited_pod import awaited_pod
from tests.cluster import argo
from tests.cluster.cluster import restart_api
from tests.cluster.waiting import wait_for
from tests.e2e.conflict import VERSION, answer, asked, assert_one_good_pull_request, conflicting
from tests.e2e.refusals import status_writes_refused
from tests.forge.face.world import Fault
from tests.world.controller import Controller
from tests.world.world import World

pytestmark = pytest.mark.cluster


def killed(world: World) -> None:
    """Kill the controller, and start another."""
    world.controller.kill()
    world.controller.start()


def test_the_controller_is_killed_at_every_boundary(world: World) -> None:
    """Before the status is written, after submit, after suspend, between merge and resume, and after it."""
    with status_writes_refused(world):
        conflicting(world)
        (submitted,) = wait_for(world.workflows, deadline_seconds=120, describe="a Workflow")
        world.controller.kill()
        assert world.sync(VERSION) == {}
    world.controller.start()
    begun = world.wait_for_phase(VERSION, "Running", "Conflict")
    assert begun["workflow"] == submitted["metadata"]["name"]
    killed(world)
    question = asked(world)
    world.wait_for_phase(VERSION, "Conflict")
    killed(world)
    world.controller.kill()
    answer(world, question)
    world.controller.start()
    wait_for(
        lambda: RESUMED_ANNOTATION in world.workflows()[0]["metadata"].get("annotations", {}),
        deadline_seconds=120,
        describe="a resume",
    )
    killed(world)

    sync = assert_one_good_pull_request(world)
    assert sync["attempt"] == 2
    assert len(world.workflows()) == 1
    assert len(world.pull_requests()) == 2


def test_a_pod_that_is_deleted_while_it_runs_is_replaced(world: World) -> None:
    conflicting(world)

    def running() -> str | None:
        pods = world.kubectl.list("pods")
        return next(
            (p["metadata"]["name"] for p in pods if p["status"]["phase"] == "Running"), None
        )

    pod = wait_for(running, deadline_seconds=180, describe="a running pod")
    wait_for(
        lambda: awaited_pod(world.workflows()[0]) == pod,
        deadline_seconds=20,
        describe="Argo to wait for that pod, by the name that we derive",
    )
    world.kubectl.run("delete", "pod", "--force", "--grace-period=0", "--", pod)

    answer(world, asked(world))
    assert_one_good_pull_request(world)


def test_a_workflow_that_is_deleted_while_suspended_is_replaced(world: World) -> None:
    conflicting(world)
    question = asked(world)
    world.wait_for_phase(VERSION, "Conflict")
    world.kubectl.run("delete", "workflows", "--all")
    answer(world, question)

    assert_one_good_pull_request(world)


def test_argo_and_the_api_server_are_restarted_while_a_run_is_suspended(world: World) -> None:
    conflicting(world)
    question = asked(world)
    world.wait_for_phase(VERSION, "Conflict")
    ours = world.controller.pid
    if (state := world.cluster.state) is not None:
        argo.restart_controller(world.kubectl.within(""), state=state)
        restart_api(state)
    answer(world, question)

    assert_one_good_pull_request(world)
    assert world.controller.pid == ours


def test_a_sync_survives_a_temporary_failure_of_the_forge(world: World) -> None:
    """The forge fails while the question is asked, while it waits, and while the answer is published."""
    world.forge.fail(Fault(status=503, times=2, method="POST", path=".*/pulls"))
    conflicting(world)
    question = asked(world)
    world.wait_for_phase(VERSION, "Conflict")
    polled = f".*/pulls/{question.number}"
    world.forge.fail(Fault(status=503, times=3, method="GET", path=polled))
    wait_for(
        lambda: sum(entry.status == 503 for entry in world.forge.journal()) >= 5,
        deadline_seconds=180,
        describe="the controller to ask in spite of it",
    )
    world.forge.fail(
        Fault(status=429, times=2, method="POST", path=".*/pulls", headers={"Retry-After": "1"})
    )
    answer(world, question)

    assert_one_good_pull_request(world)


def test_two_simultaneous_controllers_duplicate_nothing(world: World) -> None:
    second = Controller(environment=world.controller.environment, log=world.folder / "second.log")
    second.start()
    try:
        conflicting(world)
        answer(world, asked(world))
        assert_one_good_pull_request(world)
    finally:
        second.stop()

    assert len(world.workflows()) == 1
    assert len(world.pull_requests()) == 2
