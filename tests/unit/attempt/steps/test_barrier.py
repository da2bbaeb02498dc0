"""What a waiting container sees at each look; sleeping takes no time here."""

import fcntl
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from resync_argo.attempt.results import Result, load_result, save_result
from resync_argo.attempt.steps import barrier as barriers
from resync_argo.attempt.steps.barrier import KILLED, STOPPED, Barrier, Ending
from resync_argo.attempt.steps.control import Control
from resync_argo.contract import CHECKOUT, MAIN, STEP_CONFLICT, Outcome
from tests.git.steps import notification_step
from tests.unit.attempt.attempts import attempt

ACTION = "tell"
FAILED = Result(outcome=Outcome.FAILED)


@dataclass
class Naps:
    """A clock that advances when somebody sleeps, and the events meanwhile."""

    happens: dict[int, Callable[[], object]] = field(default_factory=dict)
    looks: int = 0
    naps: int = 0
    now: float = 1000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.naps += 1
        self.now += seconds

    def look(self) -> None:
        """Make the events after this look happen."""
        assert self.looks == self.naps, "Nobody looks twice without a nap."
        assert self.looks < 1000, "It waits for ever."
        self.looks += 1
        self.happens.get(self.looks, lambda: None)()


@dataclass
class Waiter:
    """A barrier, and its surroundings."""

    barrier: Barrier
    naps: Naps

    @property
    def step(self) -> str:
        """Return the container of the only script."""
        return self.barrier.attempt.contract.steps[0].container

    def after(self, look: int, happens: Callable[[], object]) -> None:
        """Schedule an event after so many looks."""
        self.naps.happens[look] = happens

    def claim(self, code: str, container: str | None = None) -> None:
        """Write Argo's files for a container that has ended."""
        file = self.barrier.attempt.layout.exit_code(container or self.step)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(code)

    def end(self, container: str, result: Result) -> None:
        """Leave a result as a trusted container does."""
        save_result(self.barrier.attempt, container, result)


@pytest.fixture
def waiter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Waiter:
    naps = Naps()
    monkeypatch.setattr(barriers, "time", naps)
    made = attempt(tmp_path, steps=("true", notification_step("x")))
    return Waiter(Barrier(attempt=made, grace_seconds=0.55, meanwhile=naps.look), naps)


def test_all_are_ready_once_each_trusted_container_is(waiter: Waiter) -> None:
    for number, name in enumerate((MAIN, CHECKOUT, ACTION), start=1):
        waiter.after(number, lambda name=name: waiter.barrier.announce(name))  # type: ignore[misc]  # a default binds it

    waiter.barrier.wait_until_all_are_ready()

    assert waiter.naps.looks == 3


def test_a_steps_exit_code_is_read_once_it_is_complete(waiter: Waiter) -> None:
    waiter.after(2, lambda: waiter.claim(""))
    waiter.after(3, lambda: waiter.claim("17"))

    assert waiter.barrier.wait_for(waiter.step) == 17
    assert waiter.naps.looks == 3


@pytest.mark.parametrize("claimed", ["-1", "zero", "0\n"])
def test_a_step_with_a_nonsensical_exit_code_has_failed(waiter: Waiter, claimed: str) -> None:
    waiter.claim(claimed)

    assert waiter.barrier.wait_for(waiter.step) == 1


def test_a_step_that_replaced_its_exit_code_has_failed(waiter: Waiter, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("0")
    waiter.claim("0")
    file = waiter.barrier.attempt.layout.exit_code(waiter.step)
    file.unlink()
    file.symlink_to(tmp_path / "other")

    assert waiter.barrier.wait_for(waiter.step) == 1


@pytest.fixture
def wrapper(waiter: Waiter) -> Callable[[], int]:
    """Make the pipe that a step's wrapper holds open; each call opens it again."""
    pipe = Control(directory=waiter.barrier.attempt.layout.control).alive(waiter.step)
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    waiter.claim("")
    waiter.barrier.attempt.layout.exit_code(waiter.step).unlink()
    return lambda: os.open(pipe, os.O_RDWR)


def test_a_step_whose_wrapper_is_gone_counts_as_killed_after_the_grace_period(
    waiter: Waiter, wrapper: Callable[[], int]
) -> None:
    opened: list[int] = []
    waiter.after(1, lambda: opened.append(wrapper()))
    waiter.after(2, lambda: os.close(opened.pop()))

    assert waiter.barrier.wait_for(waiter.step) == KILLED

    # 0.55 s of sleep after the third look.
    assert waiter.naps.looks == 8
    assert waiter.barrier.attempt.layout.exit_code(waiter.step).read_text() == str(KILLED)


def test_a_step_whose_exit_code_comes_late_was_not_killed(
    waiter: Waiter, wrapper: Callable[[], int]
) -> None:
    os.close(wrapper())
    waiter.after(4, lambda: waiter.claim("0"))

    assert waiter.barrier.wait_for(waiter.step) == 0


def test_the_barrier_waits_for_a_slow_step(waiter: Waiter, wrapper: Callable[[], int]) -> None:
    opened = wrapper()
    waiter.after(500, lambda: waiter.claim("0"))

    assert waiter.barrier.wait_for(waiter.step) == 0
    os.close(opened)


def test_a_step_cannot_forge_how_an_action_ended(waiter: Waiter) -> None:
    waiter.claim("0", ACTION)
    opened: list[int] = []
    waiter.after(3, lambda: opened.append(waiter.barrier.announce(ACTION)))
    waiter.after(6, lambda: waiter.end(ACTION, FAILED))

    assert waiter.barrier.wait_for(ACTION) == FAILED.exit_code
    assert waiter.naps.looks == 6
    os.close(opened.pop())


def test_an_action_that_ended_without_a_result_was_killed(waiter: Waiter) -> None:
    opened = waiter.barrier.announce(ACTION)
    waiter.after(3, lambda: os.close(opened))

    assert waiter.barrier.wait_for(ACTION) == KILLED
    assert waiter.naps.looks == 3


def test_an_action_that_ends_during_a_look_was_not_killed(
    waiter: Waiter, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.close(waiter.barrier.announce(ACTION))

    def looked_a_moment_too_early(_attempt: object, _container: object) -> Result | None:
        monkeypatch.setattr(barriers, "load_result", load_result)
        waiter.end(ACTION, FAILED)
        return None

    monkeypatch.setattr(barriers, "load_result", looked_a_moment_too_early)

    assert waiter.barrier.wait_for(ACTION) == FAILED.exit_code


def test_a_long_wait_leaks_no_descriptors(waiter: Waiter) -> None:
    opened = waiter.barrier.announce(ACTION)
    before = os.listdir("/proc/self/fd")
    waiter.after(20, lambda: waiter.end(ACTION, Result()))

    waiter.barrier.wait_for(ACTION)

    assert os.listdir("/proc/self/fd") == before
    os.close(opened)


def test_a_look_does_not_keep_the_containers_lock(waiter: Waiter) -> None:
    opened = waiter.barrier.announce(ACTION)
    waiter.after(1, lambda: os.close(opened))
    waiter.barrier.wait_for(ACTION)

    with (waiter.barrier.attempt.layout.ready / ACTION).open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_an_action_waits_for_all_before_it_and_learns_of_the_first_failure(
    waiter: Waiter,
) -> None:
    waiter.after(1, lambda: waiter.end(CHECKOUT, Result()))
    waiter.after(2, lambda: waiter.claim("5"))

    assert waiter.barrier.wait_for_those_before(ACTION) == 5
    assert waiter.naps.looks == 2


def test_an_action_learns_of_no_failure_if_all_before_it_succeeded(waiter: Waiter) -> None:
    waiter.end(CHECKOUT, Result())
    waiter.claim("0")

    assert waiter.barrier.wait_for_those_before(ACTION) == 0


def test_a_step_that_stopped_at_a_conflict_is_known_by_its_wrappers_files(
    waiter: Waiter,
) -> None:
    stopped = Control(directory=waiter.barrier.attempt.layout.control).stopped(waiter.step)
    stopped.parent.mkdir(parents=True, exist_ok=True)
    stopped.write_text("")
    waiter.claim("0")

    assert waiter.barrier.wait_for(waiter.step) == STEP_CONFLICT


class Asked(Ending):
    """The pod was asked to end."""

    def is_over(self) -> bool:
        """See `Ending`."""
        return True


@pytest.mark.parametrize("container", ["", ACTION])
def test_a_container_that_has_not_ended_when_the_pod_does_was_stopped(
    waiter: Waiter, container: str
) -> None:
    barrier = Barrier(attempt=waiter.barrier.attempt, ending=Asked(), meanwhile=waiter.naps.look)

    assert barrier.wait_for(container or waiter.step) == STOPPED
    assert waiter.naps.looks == 0


@pytest.mark.parametrize("asked", [True, False])
def test_the_pod_is_over_ten_seconds_after_it_was_asked_to_end(
    waiter: Waiter, *, asked: bool
) -> None:
    ending = Ending()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        waiter.naps.now += 100
        assert not ending.is_over()
        if asked:
            signal.raise_signal(signal.SIGTERM)
        assert not ending.is_over()
        waiter.naps.now += 10
        assert not ending.is_over()
        waiter.naps.now += 1

        assert ending.is_over() is asked
    finally:
        if asked:
            signal.sigwait({signal.SIGTERM})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
