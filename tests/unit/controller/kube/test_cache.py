"""The cache: newer wins, indexes follow, a list replaces."""

from dataclasses import dataclass

from resync_argo.api.meta import ObjectKey, ObjectMeta
from resync_argo.controller.kube.cache import Cache, Change
from resync_argo.controller.kube.unreadable import Unreadable


@dataclass(frozen=True)
class Thing:
    metadata: ObjectMeta
    colour: str


def thing(name: str, version: int, colour: str = "red") -> Thing:
    meta = ObjectMeta(name=name, namespace="ns", resource_version=str(version))
    return Thing(metadata=meta, colour=colour)


def cache_of(*things: Thing) -> Cache[Thing]:
    cache: Cache[Thing] = Cache({"colour": lambda one: [one.colour]})
    for one in things:
        cache.put(one)
    return cache


def test_an_event_that_is_older_than_our_own_write_changes_nothing() -> None:
    cache = cache_of(thing("a", 10, "blue"))
    cache.put(thing("a", 9, "red"))
    cache.drop(ObjectKey("ns", "a"), 8)

    assert cache.get(ObjectKey("ns", "a")) == thing("a", 10, "blue")


def test_resource_versions_are_compared_as_numbers() -> None:
    cache = cache_of(thing("a", 9, "red"))
    cache.put(thing("a", 10, "blue"))

    assert cache.by("colour", "blue") == [thing("a", 10, "blue")]
    assert cache.by("colour", "red") == []


def test_an_object_that_a_new_list_lacks_is_gone_unless_it_is_newer_than_the_list() -> None:
    cache = cache_of(thing("a", 1), thing("b", 2), thing("c", 30))
    cache.replace([thing("b", 2)], 20)

    assert sorted(one.metadata.name for one in cache.all()) == ["b", "c"]


def test_our_own_write_after_a_deletion_does_not_restore_the_object() -> None:
    cache = cache_of(thing("a", 10))
    cache.drop(ObjectKey("ns", "a"), 12)
    cache.put(thing("a", 11), ours=True)
    gone = cache.get(ObjectKey("ns", "a"))
    cache.put(thing("a", 13, "blue"))

    assert gone is None
    assert cache.get(ObjectKey("ns", "a")) == thing("a", 13, "blue")


def test_a_change_is_reported_once_with_the_object_before_and_after() -> None:
    changes: list[Change[Thing]] = []
    cache = cache_of(thing("a", 1))
    cache.on_change = changes.append
    cache.put(thing("a", 2), ours=True)
    cache.put(thing("a", 2))
    cache.drop(ObjectKey("ns", "a"), 3)

    assert changes == [
        Change(old=thing("a", 1), new=thing("a", 2), ours=True),
        Change(old=thing("a", 2), new=None),
    ]


def test_the_event_of_our_own_write_is_recognised() -> None:
    cache, key = cache_of(thing("a", 10)), ObjectKey("ns", "a")

    assert [cache.has(key, version) for version in (9, 10, 11)] == [True, True, False]
    assert not cache.has(ObjectKey("ns", "b"), 1)


def unreadable(name: str, version: int) -> Unreadable:
    meta = ObjectMeta(name=name, namespace="ns", resource_version=str(version))
    return Unreadable(metadata=meta, why="its colour is new")


def test_an_unreadable_object_is_neither_found_nor_gone() -> None:
    key = ObjectKey("ns", "a")
    cache = cache_of(thing("a", 9))
    told: list[ObjectKey] = []
    cache.on_unreadable = told.append
    cache.replace([], 11, [unreadable("a", 10)])

    assert (cache.get(key), cache.by("colour", "red")) == (None, [])
    assert cache.unreadable(key) == unreadable("a", 10)
    assert told == [key]


def test_an_object_that_is_readable_again_or_deleted_is_no_longer_unreadable() -> None:
    cache = cache_of()
    told: list[ObjectKey] = []
    for name in ("a", "b", "c"):
        cache.put_unreadable(unreadable(name, 10))
    cache.on_unreadable = told.append
    cache.put(thing("a", 11))
    cache.drop(ObjectKey("ns", "b"), 11)
    cache.replace([thing("a", 11)], 12)

    assert cache.all_unreadable() == []
    assert told == [ObjectKey("ns", "b"), ObjectKey("ns", "c")]


def test_an_older_event_does_not_make_an_object_unreadable() -> None:
    cache = cache_of(thing("a", 10))
    cache.put_unreadable(unreadable("a", 9))

    assert cache.get(ObjectKey("ns", "a")) == thing("a", 10)


def test_the_membership_of_a_value_is_the_same_until_an_object_comes_goes_or_changes() -> None:
    cache = cache_of(thing("a", 1), thing("b", 1))
    seen = [cache.membership("colour", "red")]

    def note() -> int:
        seen.append(cache.membership("colour", "red"))
        return len(set(seen))

    cache.put(thing("a", 2))
    cache.put(thing("other", 2, "blue"))
    unchanged = note()
    cache.put(thing("c", 3))
    come = note()
    cache.put(thing("c", 4, "blue"))
    gone = note()
    again = ObjectMeta(name="b", namespace="ns", uid="another", resource_version="5")
    cache.put(Thing(metadata=again, colour="red"))
    replaced = note()

    assert (unchanged, come, gone, replaced) == (1, 2, 3, 4)
