"""Objects stay in order however they come and go, and a page of them reads no others."""

from resync_argo.api.meta import ObjectKey, ObjectMeta
from resync_argo.controller.kube.cache import Cache
from resync_argo.controller.kube.ordered import Order
from tests.unit.controller.kube.test_cache import Thing

ORDERS = {
    "by-colour": Order[Thing](
        values=lambda one: ["all", one.metadata.namespace] if one.colour else [],
        place=lambda one: one.colour,
    )
}


def thing(name: str, colour: str, version: int = 1) -> Thing:
    space, _, name = name.rpartition("/")
    meta = ObjectMeta(name=name, namespace=space, resource_version=str(version))
    return Thing(metadata=meta, colour=colour)


def cache_of(*things: Thing) -> Cache[Thing]:
    cache: Cache[Thing] = Cache(orders=ORDERS)
    for one in things:
        cache.put(one)
    return cache


def names(cache: Cache[Thing], *values: str, stop: int = 9, from_end: bool = False) -> list[str]:
    found = cache.ordered("by-colour", values, 0, stop, from_end=from_end)
    return [one.metadata.name for one in found]


def test_they_are_listed_in_order_from_either_end() -> None:
    cache = cache_of(thing("x/b", "blue"), thing("x/r", "red"), thing("y/g", "green"))

    assert names(cache, "all") == ["b", "g", "r"]
    assert names(cache, "all", stop=2, from_end=True) == ["r", "g"]
    assert names(cache, "y", "x") == ["b", "g", "r"]
    assert cache.count_ordered("by-colour", ["x", "y"]) == 3


def test_a_changed_object_moves_and_a_deleted_one_is_gone() -> None:
    cache = cache_of(thing("x/a", "red"), thing("x/b", "green"))
    cache.put(thing("x/a", "blue", 2))
    cache.put(thing("x/b", "", 2))
    cache.put(thing("x/c", "red", 3))
    cache.drop(ObjectKey("x", "c"), 4)

    assert names(cache, "all") == ["a"]
    assert cache.count_ordered("by-colour", ["nobody"]) == 0
