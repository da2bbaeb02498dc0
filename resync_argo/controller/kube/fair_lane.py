"""Keys that wait in a row, where groups take turns; no lock of its own.

Whoever brings ten thousand keys at once lets a key of another group wait for one of them.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class FairLane(Generic[K]):
    """Each key once; within a group who came first goes first."""

    def __init__(self, group_of: Callable[[K], str]) -> None:
        """Begin empty; `group_of` says whose a key is."""
        self._group_of = group_of
        self._groups: OrderedDict[str, OrderedDict[K, None]] = OrderedDict()

    def add(self, key: K) -> None:
        """Let a key wait; one that waits already keeps its place."""
        self._groups.setdefault(self._group_of(key), OrderedDict()).setdefault(key)

    def discard(self, key: K) -> None:
        """Let a key wait no longer, if it does."""
        group = self._group_of(key)
        keys = self._groups.get(group, OrderedDict())
        keys.pop(key, None)
        if not keys:
            self._groups.pop(group, None)

    def take(self) -> K:
        """Take out the key whose turn it is; its group goes to the end of the row.

        Raises:
            StopIteration: no key waits.
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
