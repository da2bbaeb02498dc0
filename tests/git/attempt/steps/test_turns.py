"""Steps begin in order: real shells wait for their turn as in the pod, and our real code starts each."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from resync_argo.attempt.results import Result, save_result
from resync_argo.attempt.steps.barrier import Barrier, Ending
from resync_argo.attempt.steps.control import Untrustworthy
from resync_argo.attempt.steps.turns import Turns
from resync_argo.compile.turn import WAIT_FOR_TURN
from resync_argo.contract import CHECKOUT, GATE, MAIN, Outcome
from tests.git.builders import BRANCH, Run, World
from tests.git.pod import Pod
from tests.git.steps import notification_step

SHELLS = [
    pytest.param(("dash",), id="dash"),
    pytest.param(("busybox", "sh"), id="busybox"),
    pytest.param(("bash", "--posix"), id="bash"),
]
DEADLINE = 30.0
AN_INSTANT = 0.5
"""For something to happen that must not."""


@dataclass
class Containers:
    """The steps' containers as Argo's executor runs them: a process group each, and its exit code in a file."""

    run: Run
    shell: tuple[str, ...] = ("sh",)
    logs: dict[str, str] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, *names: str) -> None:
        """Start containers; none of them has its turn yet."""
        layout = self.run.attempt.layout
        for name in names or self.run.scripts:
            layout.exit_code(name).parent.mkdir(parents=True, exist_ok=True)
            argv = [*self.shell, "-c", WAIT_FOR_TURN, str(layout.control / "step"), name, "<@"]
            self.processes[name] = subprocess.Popen(
                [*argv, self.run.scripts[name]],
                env={"PATH": os.environ["PATH"], "RESYNC_TERMINATION_LOG": str(layout.termination)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                process_group=0,
            )
            self.threads.append(threading.Thread(target=self._follow, args=(name,)))
            self.threads[-1].start()

    def _follow(self, name: str) -> None:
        process = self.processes[name]
        self.codes[name] = process.wait()
        if os.path.lexists(self.run.attempt.layout.exit_code(name).parent):
            self.run.attempt.layout.exit_code(name).write_text(str(self.codes[name]))
        with suppress(ProcessLookupError):  # background processes end with their container
            os.killpg(process.pid, signal.SIGKILL)
        assert process.stdout is not None
        with process.stdout as log:
            self.logs[name] = log.read()

    def join(self) -> None:
        """Wait until all have ended."""
        for thread in self.threads:
            thread.join(DEADLINE)
        assert len(self.codes) == len(self.processes)

    def listens(self, name: str) -> bool:
        """Return whether a container waits for its turn."""
        return self.run.control.turn(name).is_fifo()

    def stop(self) -> None:
        """Kill what still runs."""
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        for thread in self.threads:
            thread.join(DEADLINE)


def eventually(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not look():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


@pytest.fixture
def started() -> Iterator[list[Containers]]:
    made: list[Containers] = []
    yield made
    for one in made:
        one.stop()


def containers(run: Run, started: list[Containers], shell: tuple[str, ...] = ("sh",)) -> Containers:
    made = Containers(run=run, shell=shell)
    started.append(made)
    return made


def checked_out(run: Run) -> Run:
    """End checkout, and start every trusted container."""
    run.check_out()
    barrier = Barrier(attempt=run.attempt)
    for name in barrier.trusted:
        descriptor = barrier.announce(name)
        if name == CHECKOUT:
            os.close(descriptor)
    return run


@pytest.mark.parametrize("shell", SHELLS)
def test_steps_begin_one_after_the_other(
    world: World, started: list[Containers], shell: tuple[str, ...], tmp_path: Path
) -> None:
    daemon = f"(sleep 60 & echo $! >{tmp_path}/daemon) >/dev/null 2>&1"
    log = tmp_path / "log"
    scripts = (f"{daemon}; sleep 0.5; echo one >>{log}", f"echo two >>{log}", f"echo three >>{log}")
    run = checked_out(world.attempt(*scripts))
    pods = containers(run, started, shell)
    pods.start()

    codes = Turns(barrier=Barrier(attempt=run.attempt)).give()

    pods.join()
    assert codes == (0, 0, 0, 0)
    assert log.read_text() == "one\ntwo\nthree\n"
    assert all(said.startswith("step started: ") for said in pods.logs.values())


@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_runs_after_a_step_that_failed_and_each_says_why(
    world: World, started: list[Containers], shell: tuple[str, ...], tmp_path: Path
) -> None:
    run = checked_out(world.attempt("exit 3", f"touch {tmp_path}/ran", "true"))
    pods = containers(run, started, shell)
    _, *others = run.scripts
    pods.start()

    codes = Turns(barrier=Barrier(attempt=run.attempt)).give()

    pods.join()
    assert codes == (0, 3, 0, 0)
    assert [pods.logs[it] for it in others] == ["skipped: the step `exit 3` failed\n"] * 2
    assert not (tmp_path / "ran").exists()


def test_a_conflict_is_noticed_even_if_nothing_fails(
    world: World, started: list[Containers]
) -> None:
    world.downstream.commit(BRANCH, {"VERSION": "ours\n"})
    run = world.attempt("git merge $UPSTREAM_TAG", "true", notification_step("x", "tell"), "true")
    pods = containers(checked_out(run), started)
    pods.start()
    _, *others = run.scripts
    save_result(run.attempt, "tell", Result(outcome=Outcome.FAILED, skipped=True))
    (run.control.answer).unlink()  # nobody answers

    codes = Turns(barrier=Barrier(attempt=run.attempt)).give()

    pods.join()
    assert codes == (0, 10, 0, 0, 0)
    assert set(pods.codes.values()) == {0}
    why = "skipped: the step `git merge $UPSTREAM_TAG` stopped at a conflict\n"
    assert [pods.logs[it] for it in others] == [why] * 2
    assert Barrier(attempt=run.attempt).wait_for_those_before("tell") == 10


@pytest.mark.parametrize("shell", SHELLS)
def test_a_step_that_is_ended_before_its_turn_is_not_a_failure(
    world: World, started: list[Containers], shell: tuple[str, ...]
) -> None:
    run = checked_out(world.attempt("true"))
    (name,) = run.scripts
    pods = containers(run, started, shell)
    pods.start()
    eventually(lambda: pods.listens(name))
    time.sleep(AN_INSTANT)

    os.killpg(pods.processes[name].pid, signal.SIGTERM)

    pods.join()
    assert pods.codes == {name: 0}
    assert pods.logs[name] == "skipped: the attempt ended before its turn\n"


def test_an_action_that_is_ended_before_its_turn_is_not_a_failure(world: World) -> None:
    run = checked_out(world.attempt("true", notification_step("x", "tell"), config={"slack": None}))
    (run.attempt.layout.ready / "tell").unlink()
    pod = Pod(run)
    action = pod.start("action", "tell")
    eventually((run.attempt.layout.ready / "tell").exists)

    action.terminate()

    assert action.wait(DEADLINE) == 0
    assert action.stderr is not None
    assert action.stderr.read() == b"Skipped: the attempt ended before its turn\n"
    pod.stop()


def test_after_a_checkout_that_failed_steps_say_so(world: World, started: list[Containers]) -> None:
    run = checked_out(world.attempt("true"))
    save_result(run.attempt, CHECKOUT, Result(outcome=Outcome.FAILED))
    pods = containers(run, started)
    pods.start()

    assert Turns(barrier=Barrier(attempt=run.attempt)).give() == (1,)

    pods.join()
    assert list(pods.logs.values()) == ["skipped: checkout failed\n"]


def test_nothing_of_a_step_may_run_before_every_trusted_container_has_started(world: World) -> None:
    run = world.attempt("true", notification_step("x", "tell"))
    gate = run.attempt.layout.exit_code(GATE)
    run.check_out()
    save_result(run.attempt, "tell", Result())
    file = run.attempt.layout.exit_code(next(iter(run.scripts)))
    file.parent.mkdir(parents=True)
    file.write_text("0")
    seen: list[tuple[str, bool]] = []
    barrier = Barrier(attempt=run.attempt)
    held = barrier.announce(CHECKOUT)
    steps: list[Callable[[], object]] = [
        lambda: os.close(held),
        lambda: barrier.announce(MAIN),
        lambda: barrier.announce("tell"),
    ]

    def goes_on() -> None:
        seen.append((str(len(seen)), gate.exists()))
        steps[len(seen) - 1]()

    Turns(barrier=Barrier(attempt=run.attempt, meanwhile=goes_on)).give()

    assert [opened for _, opened in seen] == [False, False, False]
    assert gate.read_text() == "0"


class Asked(Ending):
    """The pod was asked to end."""

    def is_over(self) -> bool:
        """See `Ending`."""
        return True


def test_a_pod_that_ends_before_all_have_started_opens_nothing(world: World) -> None:
    run = world.attempt("true")
    run.check_out()
    barrier = Barrier(attempt=run.attempt, ending=Asked())
    barrier.announce(MAIN)

    Turns(barrier=barrier).give()

    assert not run.attempt.layout.exit_code(GATE).exists()


def test_a_waiting_step_is_notified_even_if_it_is_reported_as_ended(
    world: World, started: list[Containers]
) -> None:
    run = checked_out(world.attempt("true"))
    (name,) = run.scripts
    pods = containers(run, started)
    pods.start()
    eventually(lambda: pods.listens(name))
    time.sleep(AN_INSTANT)
    run.attempt.layout.exit_code(name).write_text("0")

    Turns(barrier=Barrier(attempt=run.attempt)).give()

    pods.join()
    assert pods.logs[name].startswith("step started: ")


@pytest.mark.parametrize("forged", ["link", "file", "folder"])
def test_a_pipe_that_a_step_replaced_is_not_written_to(
    world: World, tmp_path: Path, forged: str
) -> None:
    run = checked_out(world.attempt("true", "true"))
    other = tmp_path / "other"
    other.write_text("")
    pipe = run.control.turn(next(iter(run.scripts)))
    match forged:
        case "link":
            pipe.symlink_to(other)
        case "file":
            pipe.write_text("")
        case _:
            pipe.mkdir()

    with pytest.raises(Untrustworthy):
        Turns(barrier=Barrier(attempt=run.attempt)).give()

    assert other.read_text() == ""
