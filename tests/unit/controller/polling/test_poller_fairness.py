"""Hanging looks hold up nobody else, and no key has two looks at a time."""

import threading
from collections.abc import Iterator

import pytest

from resync_argo.controller.polling.lanes import Lane
from resync_argo.controller.polling.poller import Poller
from tests.unit.controller.builders import Clock

LANE = Lane("ns", "forge.test")


class Hanging:
    """A poller with threads, whose looks for one namespace hang until released."""

    def __init__(self, threads: int) -> None:
        self.release = threading.Event()
        self.answered: dict[str, threading.Event] = {}
        self.busy = 0
        self.most = 0
        self.of_key: dict[str, int] = {}
        self.most_of_key = 0
        self.entered = threading.Semaphore(0)
        self._lock = threading.Lock()
        self.poller: Poller[str, str, str] = Poller(
            "hanging", self.look, tell=self.tell, clock=Clock(), threads=threads
        )

    def look(self, key: str, demand: str) -> str:
        with self._lock:
            self.busy += 1
            self.most = max(self.most, self.busy)
            self.of_key[key] = self.of_key.get(key, 0) + 1
            self.most_of_key = max(self.most_of_key, self.of_key[key])
        self.entered.release()
        if key.startswith("dead"):
            self.release.wait(30)
        with self._lock:
            self.busy -= 1
            self.of_key[key] -= 1
        return demand

    def tell(self, key: str) -> None:
        self.answered.setdefault(key, threading.Event()).set()

    def ask(self, key: str, demand: str, lane: Lane) -> None:
        self.answered.setdefault(key, threading.Event())
        self.poller.ask(key, demand, lane)

    def is_answered(self, key: str) -> bool:
        return self.answered[key].wait(20)


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    made = Hanging(threads=8)
    made.poller.start()
    yield made
    made.release.set()
    made.poller.close()
    made.poller.join(10)


def test_a_namespace_whose_looks_all_hang_holds_up_no_other(hanging: Hanging) -> None:
    for number in range(40):
        host = f"dead-{number % 20}.test"
        hanging.ask(f"dead-{number}", "d", Lane("stuck", host))
    for _ in range(6):
        assert hanging.entered.acquire(timeout=20)
    for number in range(20):
        hanging.ask(f"good-{number}", "d", Lane("other", "forge.test"))

    assert all(hanging.is_answered(f"good-{number}") for number in range(20))
    assert hanging.busy == 6


def test_a_hanging_host_holds_up_no_other_host(hanging: Hanging) -> None:
    for number in range(40):
        hanging.ask(f"dead-{number}", "d", Lane(f"tenant-{number}", "dead.test"))
    for _ in range(6):
        assert hanging.entered.acquire(timeout=20)
    hanging.ask("good", "d", Lane("tenant-1", "forge.test"))

    assert hanging.is_answered("good")
    assert hanging.busy == 6


def test_there_are_never_two_looks_for_one_key_at_a_time(hanging: Hanging) -> None:
    hanging.ask("dead", "d-0", LANE)
    assert hanging.entered.acquire(timeout=20)
    for number in range(1, 50):
        hanging.ask("dead", f"d-{number}", Lane(f"ns-{number}", "forge.test"))
        hanging.poller.look_again("dead")
    hanging.ask("good", "d", LANE)
    assert hanging.is_answered("good")
    hanging.release.set()
    assert hanging.is_answered("dead")

    seen = hanging.poller.seen("dead")
    assert hanging.most_of_key == 1
    assert seen is not None
    assert seen.value == "d-49"
