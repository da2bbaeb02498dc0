"""Objects in an order, by value, so that whoever wants a page of them reads no more than that page.

A list for each value is kept sorted as objects come and go: a look costs what it takes, however many there are.
Used by `cache`, under its lock.
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
"""Where an object stands: what it is sorted by, and its key, so that no two places are the same."""


@dataclass(frozen=True, kw_only=True)
class Order(Generic[T]):
    """Which objects are in an order, and where.

    Attributes:
        values: the lists that an object is in; none where it is left out.
        place: what it is sorted by there.
    """

    values: Callable[[T], Iterable[Hashable]]
    place: Callable[[T], Any]


class Ordered(Generic[T]):
    """The sorted lists of one order; not safe to use from many threads."""

    def __init__(self, order: Order[T]) -> None:
        """Begin without objects."""
        self._order = order
        self._lists: dict[Hashable, list[Place]] = {}

    def change(self, key: ObjectKey, old: T | None, new: T | None) -> None:
        """Put an object where it belongs; None: it was not there, or is gone."""
        for value, place in self._places(key, old):
            places = self._lists[value]
            del places[bisect_left(places, place)]
            if not places:
                del self._lists[value]
        for value, place in self._places(key, new):
            insort(self._lists.setdefault(value, []), place)

    def count(self, values: Iterable[Hashable]) -> int:
        """Return how many objects there are in some lists together."""
        return sum(len(self._lists.get(value, ())) for value in values)

    def keys(
        self, values: Iterable[Hashable], start: int, stop: int, *, from_end: bool
    ) -> list[ObjectKey]:
        """Return the keys from one position to another of some lists merged, from the end if that is asked."""
        lists = [self._lists.get(value, []) for value in values]
        cut = [it[-stop:][::-1] if from_end else it[:stop] for it in lists]
        merged = merge(*cut, reverse=from_end)
        return [key for _, key in islice(merged, start, stop)]

    def _places(self, key: ObjectKey, item: T | None) -> Iterator[tuple[Hashable, Place]]:
        if item is not None:
            place = self._order.place(item), key
            yield from ((value, place) for value in self._order.values(item))
