"""A namespace can use up only its own requests."""

from typing import Any

import pytest

from resync_argo.controller.log_context import subject
from resync_argo.controller.polling.lanes import Lane
from resync_argo.controller.polling.poller import Poller
from resync_argo.controller.polling.request_budget import RequestBudget
from resync_argo.forge.spending import counted, spend
from tests.unit.controller.builders import Clock

AN_HOUR = 3600


class Polled:
    """A poller whose looks make a number of requests each; `asked` records the keys."""

    def __init__(self, requests: int, *, every: float = 1.0) -> None:
        self.requests = requests
        self.every = every
        self.asked: list[str] = []
        self.clock = Clock()
        self.poller: Poller[str, None, str] = Poller(
            "test",
            self._look,
            tell=lambda _key: None,
            clock=self.clock,
            budget=RequestBudget(AN_HOUR, self.clock),
        )

    def _look(self, key: str, _demand: None) -> str:
        namespace, _ = subject()
        assert key.startswith(namespace)
        self.asked.append(namespace)
        spend(self.requests)
        return key

    def ask(self, namespace: str, keys: int = 1) -> None:
        for number in range(keys):
            lane = Lane(namespace, "forge.test")
            self.poller.ask(f"{namespace}-{number}", None, lane, every=self.every)

    def run(self, seconds: int) -> None:
        for _ in range(seconds):
            self.clock.now += 1.0
            while self.poller.step():
                pass


def test_a_namespace_stays_within_its_requests_per_hour() -> None:
    polled = Polled(requests=10)
    polled.ask("hostile", keys=20)
    polled.run(AN_HOUR)
    first = len(polled.asked) * polled.requests
    polled.run(AN_HOUR)
    second = len(polled.asked) * polled.requests - first

    assert first <= AN_HOUR * 1.5 + 200
    assert AN_HOUR * 0.9 <= second <= AN_HOUR + 200


def test_a_neighbour_is_polled_as_often_as_if_it_were_alone() -> None:
    alone, beside = Polled(requests=100, every=30.0), Polled(requests=100, every=30.0)
    alone.ask("peaceful")
    beside.ask("peaceful")
    beside.ask("hostile", keys=200)
    for polled in (alone, beside):
        polled.run(600)

    looks = [polled.asked.count("peaceful") for polled in (alone, beside)]
    assert looks[1] >= looks[0] - 1
    assert looks[0] >= 10


def test_requests_that_a_forge_does_not_count_are_free() -> None:
    polled = Polled(requests=0)
    polled.ask("waiting", keys=100)
    polled.run(100)

    assert len(polled.asked) > 5000


def test_an_overdraft_is_paid_back() -> None:
    polled = Polled(requests=2 * AN_HOUR)
    polled.ask("hostile")
    polled.run(AN_HOUR)

    assert len(polled.asked) == 1


def test_a_waiting_namespace_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    polled = Polled(requests=AN_HOUR)
    polled.ask("hostile", keys=20)
    polled.run(100)

    (said,) = [record for record in caplog.records if "hostile" in record.getMessage()]
    assert "3600 requests" in said.getMessage()


def test_a_full_stock_is_forgotten() -> None:
    clock = Clock()
    budget = RequestBudget(AN_HOUR, clock)
    budget.spend("ns", 10)
    clock.now += 60

    assert budget.wait_seconds("ns") == 0.0
    assert vars(budget)["_stocks"] == {}


def test_requests_are_counted_for_the_work_that_made_them() -> None:
    def work(requests: int) -> Any:
        with counted() as spending:
            spend(requests)
        return spending.requests

    spend()
    assert (work(2), work(3)) == (2, 3)
