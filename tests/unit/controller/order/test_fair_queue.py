"""Namespaces take turns, then their tokens; within a token, first come, first served."""

from collections.abc import Iterator

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.order.fair_queue import Claim, FairQueue


@pytest.fixture
def queue() -> FairQueue:
    return FairQueue()


def key(name: str) -> ObjectKey:
    return ObjectKey("any", name)


def claim(name: str, **changes: int) -> Claim:
    """Return the claim of `a-t-1`: namespace, token, number."""
    namespace, token, _ = name.split("-")
    return Claim(namespace=namespace, token=token, **changes)


def wait(queue: FairQueue, *names: str) -> None:
    for name in names:
        queue.add(key(name), claim(name))


def taken(queue: FairQueue) -> Iterator[str]:
    while first := next(queue.first_of_each(), None):
        assert queue.take(first[0]) == first[1]
        yield first[0].name


def test_namespaces_and_tokens_take_turns(queue: FairQueue) -> None:
    wait(queue, "a-t-1", "a-t-2", "a-t-3", "a-u-1", "b-t-1", "b-t-2")

    assert [it.name for it, _ in queue.first_of_each()] == ["a-t-1", "a-u-1", "b-t-1"]
    assert list(taken(queue)) == ["a-t-1", "b-t-1", "a-u-1", "b-t-2", "a-t-2", "a-t-3"]


def test_a_sync_that_asks_again_keeps_its_place_unless_its_claim_changes(
    queue: FairQueue,
) -> None:
    wait(queue, "a-t-1", "a-t-2", "a-t-1")
    assert [it.name for it, _ in queue.first_of_each()] == ["a-t-1"]

    queue.add(key("a-t-1"), claim("a-u-1", writes=3))
    assert [it.name for it, _ in queue.first_of_each()] == ["a-t-2", "a-t-1"]
    assert list(taken(queue)) == ["a-t-2", "a-t-1"]


def test_a_removed_sync_leaves_all_others_in_place(queue: FairQueue) -> None:
    wait(queue, "a-t-1", "a-t-2", "a-u-1", "b-t-1")
    for gone in ("a-t-1", "b-t-1", "c-t-1"):
        queue.remove(key(gone))

    assert [key(it) in queue for it in ("a-t-1", "a-t-2")] == [False, True]
    assert list(taken(queue)) == ["a-t-2", "a-u-1"]


def test_a_claim_reserves_the_most_that_its_run_may_write() -> None:
    claims = [Claim(namespace="a"), claim("a-t-1", writes=5), claim("a-t-1", conflict_writes=7)]

    assert [it.most_writes for it in claims] == [0, 5, 7]
    assert claims[0] == Claim(namespace="a", token="", writes=0, conflict_writes=0)


def test_a_sync_that_returns_goes_to_the_end(queue: FairQueue) -> None:
    wait(queue, "a-t-1", "a-u-1", "b-t-1")
    queue.remove(key("a-t-1"))
    wait(queue, "a-t-2")
    assert [it.name for it, _ in queue.first_of_each()] == ["a-u-1", "a-t-2", "b-t-1"]

    for gone in ("a-u-1", "a-t-2"):
        queue.remove(key(gone))
    wait(queue, "a-t-3")
    assert [it.name for it, _ in queue.first_of_each()] == ["b-t-1", "a-t-3"]
