"""Measures how long we have known something, by our own clock: the writer's clock may differ."""

import threading

from cachetools import LRUCache

from resync_argo.api.meta import ObjectKey

MAX_KEPT = 20_000

FIRST_SECONDS = 5.0
"""How long an object without a status waits for the first look at its upstream or forge, so that
its first status has the result and is written once."""


class Sightings:
    """The last state of each object, and when it was first seen; safe to use from many threads."""

    def __init__(self) -> None:
        """Start empty."""
        self._first: LRUCache[ObjectKey, tuple[str, float]] = LRUCache(MAX_KEPT)
        self._lock = threading.Lock()

    def seconds(self, key: ObjectKey, seen: str, now: float) -> float:
        """Return for how many seconds an object has been in this state; 0.0 at first.

        Args:
            key: the object.
            seen: its state.
            now: monotonic seconds.
        """
        with self._lock:
            before: tuple[str, float] | None = self._first.get(key)
            if before is None or before[0] != seen:
                self._first[key] = seen, now
                return 0.0
            return now - before[1]
