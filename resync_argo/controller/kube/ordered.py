"""Sorted lists of objects, by value.

Each value's list stays sorted as objects come and go, so reading a page costs no more than that
page. Used by `cache`, under its lock.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any, Generic, TypeVar

from resync_argo.api.meta import ObjectKey

T = TypeVar("T")

Place = tuple[Any, ObjectKey]
"""An object's position: its sort key and its key, so that no two are the same."""


@dataclass(frozen=True, kw_only=True)
class Order(Generic[T]):
    """Defines an order: its objects, and their positions.

    Attributes:
        values: returns the lists that an object is in, if any.
        place: returns its sort key there.
    """

    values: Callable[[T], Iterable[Hashable]]
    place: Callable[[T], Any]


class Ordered(Generic[T]):
    """The sorted lists of one order; not thread-safe."""

    def __init__(self, order: Order[T]) -> None:
        """Begin without objects."""
        self._order = order
        self._lists: dict[Hashable, list[Place]] = {}

    def change(self, key: ObjectKey, old: T | None, new: T | None) -> None:
        """Insert or move an object; None: it was not there, or is gone."""
        for value, place in self._places(key, old):
            places = self._lists[value]
            del places[bisect_left(places, place)]
            if not places:
                del self._lists[value]
        for value, place in self._places(key, new):
            insort(self._lists.setdefault(value, []), place)

    def count(self, values: Iterable[Hashable]) -> int:
        """Return the total number of objects in some lists."""
        return sum(len(self._lists.get(value, ())) for value in values)

    def keys(
        self, values: Iterable[Hashable], start: int, stop: int, *, from_end: bool
    ) -> list[ObjectKey]:
        """Return the keys between two positions of some merged lists, optionally from the end."""
        lists = [self._lists.get(value, []) for value in values]
        cut = [it[-stop:][::-1] if from_end else it[:stop] for it in lists]
        merged = merge(*cut, reverse=from_end)
        return [key for _, key in islice(merged, start, stop)]

    def _places(self, key: ObjectKey, item: T | None) -> Iterator[tuple[Hashable, Place]]:
        if item is not None:
            place = self._order.place(item), key
            yield from ((value, place) for value in self._order.values(item))
