"""A queue in which groups take turns; it has no lock of its own.

If one group adds ten thousand keys, another group's key waits for only one of them.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class FairLane(Generic[K]):
    """Holds each key once; first come, first served within a group."""

    def __init__(self, group_of: Callable[[K], str]) -> None:
        """Start empty; `group_of` returns a key's group."""
        self._group_of = group_of
        self._groups: OrderedDict[str, OrderedDict[K, None]] = OrderedDict()

    def add(self, key: K) -> None:
        """Add a key; one that is waiting keeps its place."""
        self._groups.setdefault(self._group_of(key), OrderedDict()).setdefault(key)

    def discard(self, key: K) -> None:
        """Remove a key, if it is waiting."""
        group = self._group_of(key)
        keys = self._groups.get(group, OrderedDict())
        keys.pop(key, None)
        if not keys:
            self._groups.pop(group, None)

    def take(self) -> K:
        """Take the next key; its group goes to the end of the queue.

        Raises:
            StopIteration: the queue is empty.
        """
        group, keys = next(iter(self._groups.items()))
        key, _ = keys.popitem(last=False)
        if keys:
            self._groups.move_to_end(group)
        else:
            del self._groups[group]
        return key

    def counts(self) -> dict[str, int]:
        """Return how many keys of each group wait."""
        return {group: len(keys) for group, keys in self._groups.items()}

    def __contains__(self, key: K) -> bool:
        """Return whether a key waits."""
        return key in self._groups.get(self._group_of(key), ())

    def __bool__(self) -> bool:
        """Return whether any key waits."""
        return bool(self._groups)
