"""A poller looks on demand, remembers the answers, and announces news once."""

import itertools
import math
from collections.abc import Callable

import pytest

from resync_argo.controller.polling.lanes import Lane
from resync_argo.controller.polling.poller import LAST_RETRY_SECONDS, Poller
from resync_argo.errors import Stalled, Transient
from tests.unit.controller.builders import Clock

LANE = Lane("ns", "forge.test")
WAIT_SECONDS = 30.0


class Site:
    """The site of a poller: tests change `shows`; `looks` records the demands of each look."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.shows: object = "one"
        self.looks: list[str] = []
        self.told: list[str] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.poller: Poller[str, str, object] = Poller(
            "test", self.look, tell=self.told.append, clock=self.clock, threads=4
        )

    def look(self, _key: str, demand: str) -> object:
        self.looks.append(demand)
        shown = self.shows
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        if isinstance(shown, Exception):
            raise shown
        return shown

    def ask(
        self, demand: str = "d", *, every: float = math.inf, key: str = "k", first: float = 0.0
    ) -> object:
        """Return the known value; None before the first."""
        seen = self.poller.ask(key, demand, LANE, every=every, first=first)
        return seen.value if seen is not None else None

    def drain(self) -> int:
        """Do all due looks; return how many."""
        count = 0
        while self.poller.step():
            count += 1
        return count

    def error(self) -> str:
        seen = self.poller.seen("k")
        return str(seen.error or "") if seen is not None else ""


@pytest.fixture
def site() -> Site:
    return Site()


def test_an_answer_exists_after_the_look_and_is_announced_once(site: Site) -> None:
    before = site.ask()
    assert site.drain() == 1

    assert (before, site.ask(), site.told) == (None, "one", ["k"])
    assert site.drain() == 0


def test_there_is_no_further_look_unless_requested(site: Site) -> None:
    site.ask()
    site.drain()
    site.clock.now = 10**9

    assert (site.drain(), site.ask()) == (0, "one")


def test_a_look_is_repeated_at_the_requested_interval(site: Site) -> None:
    site.ask(every=60.0)
    site.drain()
    site.clock.now = 53.0
    early = site.drain()
    site.clock.now = 67.0

    assert (early, site.drain()) == (0, 1)


def test_with_an_earlier_answer_the_first_look_is_delayed(site: Site) -> None:
    site.ask(first=20.0)
    at_once = site.drain()
    site.clock.now += 20.0
    then = site.drain()

    assert (at_once, then) == (0, 1)


def test_a_change_ends_the_delay_of_the_first_look(site: Site) -> None:
    site.ask(first=20.0)
    site.poller.look_again("k")

    assert site.drain() == 1


def test_a_shorter_interval_takes_effect(site: Site) -> None:
    site.ask(every=600.0)
    site.drain()
    site.ask(every=10.0)
    site.clock.now = 11.0

    assert site.drain() == 1


def test_an_unchanged_answer_stays_the_same_object_and_is_not_announced(site: Site) -> None:
    site.shows = ["a"]
    site.ask()
    site.drain()
    first = site.ask()
    site.shows = ["a"]
    site.poller.look_again("k")
    assert site.drain() == 1

    assert site.ask() is first
    assert site.told == ["k"]


def test_another_demand_looks_again_and_does_not_get_the_old_answer(site: Site) -> None:
    site.ask("d")
    site.drain()
    site.shows = "two"

    assert site.ask("other") is None
    site.drain()
    assert (site.ask("other"), site.looks) == ("two", ["d", "other"])


def test_a_demand_that_changes_during_a_look_is_next(site: Site) -> None:
    def change() -> None:
        site.shows = "two"
        site.ask("other")

    site.meanwhile = change
    site.ask("d")
    assert site.poller.step()
    between, told = site.ask("other"), list(site.told)
    site.drain()

    assert (between, told) == (None, [])
    assert (site.ask("other"), site.looks, site.told) == ("two", ["d", "other"], ["k"])


def test_a_change_during_a_look_causes_another_look(site: Site) -> None:
    def merge() -> None:
        site.shows = "merged"
        site.poller.look_again("k")

    site.meanwhile = merge
    site.ask()
    assert site.poller.step()
    between = site.ask()
    assert site.drain() == 1

    assert (between, site.ask(), site.told) == ("one", "merged", ["k", "k"])


def test_the_last_answer_stays_until_the_next_look(site: Site) -> None:
    site.ask()
    site.drain()
    site.poller.look_again("k")

    assert site.ask() == "one"


def test_only_requested_keys_are_looked_at_again(site: Site) -> None:
    site.poller.look_again("unknown")

    assert site.drain() == 0


def test_a_forgotten_key_is_looked_at_again(site: Site) -> None:
    site.ask()
    site.drain()
    site.poller.forget("k")
    gone = site.poller.seen("k")

    assert (gone, site.ask()) == (None, None)
    assert (site.drain(), site.ask()) == (1, "one")


def test_an_answer_for_a_key_forgotten_meanwhile_is_dropped(site: Site) -> None:
    def start_over() -> None:
        site.poller.forget("k")
        site.shows = "two"
        site.ask()

    site.meanwhile = start_over
    site.ask()
    assert site.poller.step()
    between = site.ask()
    site.drain()

    assert (between, site.ask(), site.told) == (None, "two", ["k"])


def test_an_answer_that_nobody_waits_for_is_not_announced(site: Site) -> None:
    site.meanwhile = lambda: site.poller.forget("k")
    site.ask()

    assert (site.drain(), site.told, site.poller.seen("k")) == (1, [], None)


def test_a_key_forgotten_before_its_turn_costs_no_look(site: Site) -> None:
    site.ask()
    site.poller.forget("k")
    site.drain()

    assert site.looks == []


def test_failed_looks_are_repeated_with_growing_waits_and_announced_once(site: Site) -> None:
    site.shows = Transient("no answer")
    site.ask(every=1.0)
    assert site.poller.step()
    waits = []
    for _ in range(12):
        failed_at = site.clock.now
        while not site.poller.step():
            site.clock.now += 0.1
        waits.append(site.clock.now - failed_at)

    assert 0.7 < waits[0] < 1.4
    assert all(later > sooner for sooner, later in itertools.pairwise(waits[:8]))
    assert max(waits) <= LAST_RETRY_SECONDS * 1.2 + 0.2
    assert site.told == ["k"]


def test_a_requested_wait_is_kept(site: Site) -> None:
    site.shows = Transient("slow down", retry_after=WAIT_SECONDS)
    site.ask(every=1.0)
    site.drain()
    site.clock.now = WAIT_SECONDS - 0.1
    early = site.drain()
    site.clock.now = WAIT_SECONDS + 0.1

    assert (early, site.drain()) == (0, 1)


def test_a_failure_keeps_the_last_answer_and_a_success_ends_it(site: Site) -> None:
    site.ask(every=10.0)
    site.drain()
    site.shows = Stalled("Refused", "The forge refuses.")
    site.poller.look_again("k")
    site.drain()
    failing = site.ask(every=10.0), site.error()
    site.shows = "one"
    site.poller.look_again("k")
    site.drain()

    assert failing == ("one", "The forge refuses.")
    assert (site.error(), site.told) == ("", ["k", "k", "k"])


def test_asking_often_does_not_hurry_a_failure(site: Site) -> None:
    site.shows = Transient("slow down", retry_after=WAIT_SECONDS)
    for every in (1.0, 2.0, 1.0):
        site.ask(every=every)
        site.drain()

    assert len(site.looks) == 1


def test_a_bug_in_a_look_is_retried_and_reveals_nothing(site: Site) -> None:
    site.shows = KeyError("token-of-somebody")
    site.ask()
    site.drain()

    assert "The controller hit a bug" in site.error()
    assert "token-of-somebody" not in site.error()


def test_since_is_when_a_value_first_appeared_whatever_failed_in_between(site: Site) -> None:
    def since() -> float:
        site.poller.look_again("k")
        site.drain()
        seen = site.poller.seen("k")
        assert seen is not None
        return seen.since

    site.ask()
    site.drain()
    site.clock.now, site.shows = 5.0, "gone"
    first = since()
    site.clock.now, site.shows = 6.0, Transient("no answer")
    failed = since()
    site.clock.now, site.shows = 500.0, "gone"
    again = since()
    site.clock.now, site.shows = 600.0, "there"

    assert (first, failed, again, since()) == (5.0, 5.0, 5.0, 600.0)
