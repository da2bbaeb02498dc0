"""The pod's own containers as processes: which waits for which, and what happens when one dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from resync_argo.attempt.steps.barrier import KILLED, Barrier
from resync_argo.contract import CHECKOUT, CONTRACT_VARIABLE, GATE, MAIN, Outcome
from tests.git.builders import World
from tests.git.pod import Pod
from tests.git.steps import notification_step

DEADLINE = 60.0


@pytest.fixture
def pod(world: World) -> Iterator[Pod]:
    config = {"github": None, "slack": None}
    made = Pod(world.attempt("git merge $UPSTREAM_REF", config=config))
    yield made
    made.stop()


def never_began(pod: Pod) -> None:
    """Write Argo's files for a step that never began."""
    for name in pod.run.scripts:
        file = pod.run.attempt.layout.exit_code(name)
        file.parent.mkdir(parents=True)
        file.write_text("0")


def eventually(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not look():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.05)


def test_the_gate_opens_when_checkout_has_ended_and_main_has_started(pod: Pod) -> None:
    gate = pod.run.attempt.layout.exit_code(GATE)
    assert pod.start("checkout", CHECKOUT).wait(DEADLINE) == 0
    assert not gate.exists()

    main = pod.start("main", MAIN)

    eventually(gate.exists)
    assert main.poll() is None


def test_main_waits_for_each_trusted_container(world: World) -> None:
    run = world.attempt("true", notification_step("x"), "true")
    started: list[str] = []

    def another_starts() -> None:
        started.append([CHECKOUT, MAIN, "tell"][len(started)])
        Barrier(attempt=run.attempt).announce(started[-1])

    Barrier(attempt=run.attempt, meanwhile=another_starts).wait_until_all_are_ready()

    assert started == [CHECKOUT, MAIN, "tell"]


def test_main_waits_for_the_steps_and_its_exit_code_is_the_outcome(pod: Pod) -> None:
    checkout, main = pod.start("checkout", CHECKOUT), pod.start("main", MAIN)
    assert checkout.wait(DEADLINE) == 0

    assert pod.run.step().returncode == 0

    assert main.wait(DEADLINE) == Outcome.SYNCED


def test_a_failed_step_is_in_the_termination_message(pod: Pod) -> None:
    checkout, main = pod.start("checkout", CHECKOUT), pod.start("main", MAIN)
    assert checkout.wait(DEADLINE) == 0

    pod.run.step(next(iter(pod.run.scripts)), script="exit 7")

    assert main.wait(DEADLINE) == Outcome.FAILED
    assert "ended with exit code 7" in pod.message(MAIN)


def test_a_failed_checkout_ends_everything_with_its_reason(pod: Pod) -> None:
    never_began(pod)
    checkout = pod.start("checkout", CHECKOUT, version="1.9.0")
    main = pod.start("main", MAIN, version="1.9.0")

    assert checkout.wait(DEADLINE) == 1
    assert main.wait(DEADLINE) == Outcome.FAILED
    assert pod.message(CHECKOUT).startswith("TagGone: ")
    assert pod.message(MAIN) == pod.message(CHECKOUT)


def test_a_checkout_that_was_killed_is_noticed(pod: Pod) -> None:
    never_began(pod)
    checkout, main = pod.start("checkout", CHECKOUT), pod.start("main", MAIN)
    eventually((pod.run.attempt.layout.ready / CHECKOUT).exists)

    checkout.kill()

    assert main.wait(DEADLINE) == Outcome.FAILED
    assert pod.message(MAIN) == "StepFailed: checkout was killed"


def test_main_still_reports_when_the_pod_is_asked_to_end(pod: Pod) -> None:
    """Argo asks all containers to end as soon as one fails."""
    main = pod.start("main", MAIN)
    eventually((pod.run.attempt.layout.ready / MAIN).exists)
    checkout = pod.start("checkout", CHECKOUT)
    eventually((pod.run.attempt.layout.ready / CHECKOUT).exists)

    main.terminate()
    checkout.kill()

    assert main.wait(DEADLINE) == Outcome.FAILED
    assert pod.message(MAIN) == "StepFailed: checkout was killed"


def test_main_does_not_wait_for_ever_for_a_step_that_was_ended_before_it_began(pod: Pod) -> None:
    main = pod.start("main", MAIN)
    eventually((pod.run.attempt.layout.ready / MAIN).exists)

    main.terminate()

    assert main.wait(DEADLINE) == Outcome.FAILED


def test_a_contract_of_another_release_is_refused_in_a_sentence(pod: Pod) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tests.git.pod", "main", MAIN, str(pod.folder)],
        env={"PATH": os.environ["PATH"], "RESYNC_TAG": "1.1.0", CONTRACT_VARIABLE: "{}"},
        capture_output=True,
        check=False,
    )

    assert process.returncode == 1
    assert b"must be of the same release" in process.stderr
    assert b"Traceback" not in process.stderr


def test_a_step_that_was_killed_with_its_container_counts_as_killed(world: World) -> None:
    run = world.attempt("sleep 60 & echo up; wait")
    run.check_out()
    container, layout = next(iter(run.scripts)), run.attempt.layout
    layout.exit_code(container).parent.mkdir(parents=True)
    argv = ["sh", str(layout.control / "step"), container, "<@", run.scripts[container]]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, process_group=0) as process:
        assert process.stdout is not None
        while process.stdout.readline() != b"up\n":
            pass
        os.killpg(process.pid, signal.SIGKILL)

    assert Barrier(attempt=run.attempt, grace_seconds=0.2).wait_for(container) == KILLED
    # Argo's own programs wait for this file, too.
    assert layout.exit_code(container).read_text() == str(KILLED)


def test_an_action_that_died_counts_as_killed(world: World) -> None:
    run = world.attempt("true", notification_step("x"))
    barrier = Barrier(attempt=run.attempt)
    os.close(barrier.announce("tell"))

    assert barrier.wait_for("tell") == KILLED


def test_a_step_cannot_forge_a_trusted_containers_result(world: World) -> None:
    run = world.attempt("true", notification_step("x"))
    forged = run.attempt.layout.exit_code("tell")
    forged.parent.mkdir(parents=True)
    forged.write_text("0")
    barrier = Barrier(attempt=run.attempt)

    alive = barrier.announce("tell")
    try:
        assert barrier._exit_code("tell") is None
    finally:
        os.close(alive)
