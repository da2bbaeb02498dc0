"""The queue holds each key once, gives it to one worker at a time, and backs off after failures."""

import itertools
import threading

from resync_argo.controller.kube.queue import Queue, back_off
from tests.unit.controller.builders import Clock


def drained(queue: Queue[str]) -> list[str]:
    taken = []
    while len(queue):
        key = queue.take()
        assert key is not None
        taken.append(key)
        queue.done(key)
    return taken


def test_a_key_that_is_added_twice_is_given_out_once() -> None:
    queue: Queue[str] = Queue()
    for key in ("a", "b", "a"):
        queue.add(key)

    assert drained(queue) == ["a", "b"]


def test_an_urgent_key_goes_first_and_only_once() -> None:
    queue: Queue[str] = Queue()
    for key in ("a", "b", "c"):
        queue.add(key)
    queue.add("c", urgent=True)

    assert drained(queue) == ["c", "a", "b"]


def test_a_key_that_is_added_while_a_worker_has_it_waits_for_that_worker() -> None:
    queue: Queue[str] = Queue()
    queue.add("a")
    assert queue.take() == "a"
    queue.add("a")
    queue.add("b")

    assert queue.take() == "b"
    queue.done("a")
    assert queue.take() == "a"


def test_a_key_that_is_added_urgently_while_a_worker_has_it_goes_first_afterwards() -> None:
    queue: Queue[str] = Queue()
    queue.add("merged")
    assert queue.take() == "merged"
    for number in range(10_000):
        queue.add(f"release-{number}")
    queue.add("merged", urgent=True)
    queue.add("merged")
    queue.done("merged")

    assert queue.take() == "merged"
    assert queue.take() == "release-0"


def test_a_key_that_is_added_again_without_urgency_waits_behind_the_others() -> None:
    queue: Queue[str] = Queue()
    queue.add("a")
    assert queue.take() == "a"
    queue.add("b")
    queue.add("a")
    queue.done("a")

    assert drained(queue) == ["b", "a"]


def test_a_key_that_is_added_urgently_again_and_again_is_there_once() -> None:
    queue: Queue[str] = Queue()
    queue.add("other")
    for _ in range(100_000):
        queue.add("merged", urgent=True)
    entries = len(queue)

    assert (entries, drained(queue)) == (2, ["merged", "other"])


def test_a_delayed_key_comes_when_it_is_due_and_the_earliest_request_counts() -> None:
    clock = Clock()
    queue: Queue[str] = Queue(clock)
    queue.add_after("a", 10.0)
    queue.add_after("a", 5.0)
    queue.add_after("a", 20.0)

    clock.now = 4.9
    assert len(queue) == 0
    clock.now = 5.1
    assert drained(queue) == ["a"]
    clock.now = 30.0
    assert len(queue) == 0


def test_failures_wait_longer_each_time_until_one_succeeds() -> None:
    queue: Queue[str] = Queue(Clock())
    waits = [queue.retry("a") for _ in range(6)]
    queue.succeeded("a")

    assert all(later > sooner for sooner, later in itertools.pairwise(waits))
    assert queue.retry("a") < waits[-1]


def test_a_requested_wait_is_kept() -> None:
    queue: Queue[str] = Queue(Clock())

    assert queue.retry("a", at_least=60.0) == 60.0


def test_back_off_is_capped_even_after_very_many_failures() -> None:
    assert back_off(10_000, first=0.25, last=300.0) <= 360.0


def test_closing_stops_waiting_workers() -> None:
    queue: Queue[str] = Queue()
    worker = threading.Thread(target=queue.take)
    worker.start()
    queue.close()
    worker.join(timeout=5)

    assert not worker.is_alive()


def owner(key: str) -> str:
    return key.partition("/")[0]


def test_a_key_of_another_group_waits_for_one_of_ten_thousand() -> None:
    for urgent in (True, False):
        queue: Queue[str] = Queue(group_of=owner)
        for number in range(10_000):
            queue.add(f"hostile/{number}", urgent=urgent)
        queue.add("peaceful/1", urgent=urgent)

        assert "peaceful/1" in drained(queue)[:2]


def test_a_key_without_urgency_waits_for_three_of_ten_thousand_urgent_ones() -> None:
    queue: Queue[str] = Queue(group_of=owner)
    for number in range(10_000):
        queue.add(f"hostile/{number}", urgent=True)
    queue.add("peaceful/1")

    assert drained(queue).index("peaceful/1") == 3


def test_groups_that_are_done_are_forgotten() -> None:
    queue: Queue[str] = Queue(group_of=owner)
    queue.add("one/1")
    queue.add("two/1", urgent=True)
    queue.add("one/1", urgent=True)
    before = queue.counts()
    drained(queue)

    assert before == {"one": 1, "two": 1}
    assert queue.counts() == {}
