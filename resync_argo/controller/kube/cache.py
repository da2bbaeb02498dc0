"""The cached objects of one kind, updated by an informer and read by every reconcile.

Objects are reduced to what readers need (see `objects`), and are found by key and by named indexes.
Our own writes are added at once, so that the next reconcile sees them. A watch event older than the
cached object changes nothing (resource versions of one kind compare as numbers: Kubernetes "API
Concepts", "Resource versions"; since 1.35 by contract, before that because etcd counts).

An unreadable object is not found, but is known to exist.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from resync_argo.api.meta import ObjectKey, ObjectMeta
from resync_argo.controller.kube.ordered import Order, Ordered
from resync_argo.controller.kube.unreadable import Unreadable

MAX_GONE = 10_000
"""How many deleted objects to remember."""


class HasMetadata(Protocol):
    """An object that knows its name and resource version."""

    @property
    def metadata(self) -> ObjectMeta:
        """Return the object's metadata."""


def version_of(item: HasMetadata) -> int:
    """Return the resource version as a number."""
    return int(item.metadata.resource_version or 0)


T = TypeVar("T", bound=HasMetadata)


@dataclass(frozen=True, kw_only=True)
class Change(Generic[T]):
    """An object before and after a change; `ours` if this process made the change."""

    old: T | None
    new: T | None
    ours: bool = False


class Cache(Generic[T]):
    """Objects by key and by index; safe to use from many threads."""

    def __init__(
        self,
        indexes: Mapping[str, Callable[[T], Iterable[Hashable]]] | None = None,
        on_change: Callable[[Change[T]], None] = lambda _change: None,
        *,
        orders: Mapping[str, Order[T]] | None = None,
    ) -> None:
        """Start empty.

        Args:
            indexes: for each index, an object's values in it.
            orders: for each order, which objects are in it and where.
            on_change: called after each change; it must be quick and may not write to the cache.
        """
        self.on_change = on_change
        self.on_unreadable: Callable[[ObjectKey], None] = lambda _key: None
        self._unreadable: dict[ObjectKey, Unreadable] = {}
        self._indexes = dict(indexes or {})
        self._objects: dict[ObjectKey, T] = {}
        self._indexed: dict[str, dict[Hashable, set[ObjectKey]]] = {n: {} for n in self._indexes}
        self._ordered = {name: Ordered(order) for name, order in (orders or {}).items()}
        self._joined: dict[tuple[str, Hashable], int] = {}
        self._joins = 0
        self._gone: OrderedDict[ObjectKey, int] = OrderedDict()
        self._lock = threading.RLock()

    def get(self, key: ObjectKey) -> T | None:
        """Return the object, or None."""
        with self._lock:
            return self._objects.get(key)

    def has(self, key: ObjectKey, resource_version: int) -> bool:
        """Return whether the cache has an object at a resource version, or newer."""
        item = self.get(key)
        return item is not None and version_of(item) >= resource_version

    def all(self) -> list[T]:
        """Return every object."""
        with self._lock:
            return list(self._objects.values())

    def unreadable(self, key: ObjectKey) -> Unreadable | None:
        """Return the record of an object that exists but cannot be read."""
        with self._lock:
            return self._unreadable.get(key)

    def all_unreadable(self) -> list[ObjectKey]:
        """Return the objects that cannot be read."""
        with self._lock:
            return list(self._unreadable)

    def by(self, index: str, value: Hashable) -> list[T]:
        """Return the objects that have the value in the index, in no particular order."""
        with self._lock:
            return [self._objects[key] for key in self._indexed[index].get(value, ())]

    def count(self, index: str, value: Hashable) -> int:
        """Return how many objects have the value in the index."""
        with self._lock:
            return len(self._indexed[index].get(value, ()))

    def membership(self, index: str, value: Hashable) -> int:
        """Return a number that changes whenever the objects with the value in the index change.

        Results computed from many objects stay valid while the number is the same.
        """
        with self._lock:
            return self._joined.get((index, value), 0)

    def values(self, index: str) -> list[Hashable]:
        """Return every value that some object has in the index."""
        with self._lock:
            return list(self._indexed[index])

    def ordered(
        self,
        order: str,
        values: Iterable[Hashable],
        start: int,
        stop: int,
        *,
        from_end: bool = False,
    ) -> list[T]:
        """Return objects with some values in an order, from one position to another; reads no others."""
        with self._lock:
            keys = self._ordered[order].keys(values, start, stop, from_end=from_end)
            return [self._objects[key] for key in keys]

    def count_ordered(self, order: str, values: Iterable[Hashable]) -> int:
        """Return how many objects have some values in an order."""
        with self._lock:
            return self._ordered[order].count(values)

    def put(self, item: T, *, ours: bool = False) -> None:
        """Add an object unless the cached one is as new; `ours` if we have just written it.

        If our write arrives after the watch reported the deletion, the object stays deleted.
        """
        key = item.metadata.key
        with self._lock:
            old = self._objects.get(key)
            known = version_of(old) if old is not None else self._gone.get(key, 0)
            if known and version_of(item) <= known:
                return
            self._unreadable.pop(key, None)
            self._set(key, old, item)
        self.on_change(Change(old=old, new=item, ours=ours))

    def drop(self, key: ObjectKey, resource_version: int) -> None:
        """Remove an object that was deleted at the resource version, unless a newer one is cached."""
        with self._lock:
            old = self._objects.get(key)
            if old is not None and version_of(old) > resource_version:
                return
            self._gone[key] = max(resource_version, self._gone.pop(key, 0))
            if len(self._gone) > MAX_GONE:
                self._gone.popitem(last=False)
            was_unreadable = self._unreadable.pop(key, None) is not None
            if old is not None:
                self._set(key, old, None)
        if old is not None:
            self.on_change(Change(old=old, new=None))
        if was_unreadable:
            self.on_unreadable(key)

    def put_unreadable(self, found: Unreadable) -> None:
        """Add an object that cannot be read: it is no longer found, but still exists."""
        key = found.metadata.key
        with self._lock:
            old, known = self._objects.get(key), self._unreadable.get(key)
            if any(it is not None and version_of(it) >= version_of(found) for it in (old, known)):
                return
            self._unreadable[key] = found
            if old is not None:
                self._set(key, old, None)
        if old is not None:
            self.on_change(Change(old=old, new=None))
        self.on_unreadable(key)

    def replace(
        self, items: Iterable[T], resource_version: int, unreadable: Iterable[Unreadable] = ()
    ) -> None:
        """Add a whole list; remove objects that are not in it, unless they are newer than the list."""
        listed = set()
        for item in items:
            listed.add(item.metadata.key)
            self.put(item)
        for found in unreadable:
            listed.add(found.metadata.key)
            self.put_unreadable(found)
        with self._lock:
            gone = [key for key in (*self._objects, *self._unreadable) if key not in listed]
        for key in gone:
            self.drop(key, resource_version)

    def _set(self, key: ObjectKey, old: T | None, new: T | None) -> None:
        is_same = old is not None and new is not None and old.metadata.uid == new.metadata.uid
        for name, values_of in self._indexes.items():
            before = set(values_of(old)) if old is not None else set()
            after = set(values_of(new)) if new is not None else set()
            stay = before & after if is_same else set()
            for value in before - stay:
                self._leave(name, value, key)
            for value in after - stay:
                self._indexed[name].setdefault(value, set()).add(key)
                self._joins += 1
                self._joined[name, value] = self._joins
        for ordered in self._ordered.values():
            ordered.change(key, old, new)
        if new is None:
            self._objects.pop(key, None)
        else:
            self._objects[key] = new

    def _leave(self, name: str, value: Hashable, key: ObjectKey) -> None:
        members = self._indexed[name][value]
        members.discard(key)
        self._joins += 1
        self._joined[name, value] = self._joins
        if not members:
            del self._indexed[name][value]
            del self._joined[name, value]
