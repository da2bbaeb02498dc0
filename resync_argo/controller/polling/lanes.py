"""Shares a poller's threads between namespaces and hosts, so that no dead host takes them all.

Namespaces take turns, and so do hosts within a namespace. A namespace may use three quarters of the
threads, a host three quarters, and a namespace on one host half of them. The last quarter of the
threads is for namespaces that use less than a quarter. So even if all looks of one tenant hang
until their time limit, others get a thread.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Lane:
    """The namespace and the host of a look."""

    namespace: str
    host: str


class Lanes(Generic[K]):
    """Keys queued for a thread; the caller holds a lock."""

    def __init__(self, threads: int) -> None:
        """Start empty; `threads` is how many keys may be taken at a time."""
        self._at_most = {
            "lane": max(threads // 2, 1),
            "shared": max(threads * 3 // 4, 1),
            "quarter": max(threads // 4, 1),
        }
        self._waiting: OrderedDict[str, OrderedDict[str, deque[K]]] = OrderedDict()
        self._namespaces: Counter[str] = Counter()
        self._hosts: Counter[str] = Counter()
        self._lanes: Counter[Lane] = Counter()

    def add(self, key: K, lane: Lane) -> None:
        """Queue a key."""
        hosts = self._waiting.setdefault(lane.namespace, OrderedDict())
        hosts.setdefault(lane.host, deque()).append(key)

    def take(self) -> tuple[K, Lane] | None:
        """Return the next key; None if none may start now."""
        for namespace in list(self._waiting):
            out = self._namespaces[namespace]
            is_last_quarter = self._namespaces.total() >= self._at_most["shared"]
            if out >= self._at_most["shared"] or (
                is_last_quarter and out >= self._at_most["quarter"]
            ):
                continue
            for host in list(self._waiting[namespace]):
                lane = Lane(namespace, host)
                if self._may_go(lane):
                    return self._out(lane), lane
        return None

    def done(self, lane: Lane) -> None:
        """Report that a key of the lane came back."""
        for counter, name in ((self._namespaces, lane.namespace), (self._hosts, lane.host)):
            counter[name] -= 1
            if not counter[name]:
                del counter[name]
        self._lanes[lane] -= 1
        if not self._lanes[lane]:
            del self._lanes[lane]

    def __len__(self) -> int:
        """Return how many keys wait."""
        return sum(len(keys) for hosts in self._waiting.values() for keys in hosts.values())

    def _may_go(self, lane: Lane) -> bool:
        return (
            self._lanes[lane] < self._at_most["lane"]
            and self._hosts[lane.host] < self._at_most["shared"]
        )

    def _out(self, lane: Lane) -> K:
        hosts = self._waiting[lane.namespace]
        keys = hosts[lane.host]
        key = keys.popleft()
        if keys:
            hosts.move_to_end(lane.host)
        else:
            del hosts[lane.host]
        if hosts:
            self._waiting.move_to_end(lane.namespace)
        else:
            del self._waiting[lane.namespace]
        self._namespaces[lane.namespace] += 1
        self._hosts[lane.host] += 1
        self._lanes[lane] += 1
        return key
