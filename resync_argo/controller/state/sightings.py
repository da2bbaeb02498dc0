"""Since when we have known something, by our own clock: that of whoever wrote it down may differ."""

import threading

from cachetools import LRUCache

from resync_argo.api.meta import ObjectKey

MAX_KEPT = 20_000

FIRST_SECONDS = 5.0
"""How long an object of which nothing was written yet waits for the first look at its upstream or its forge:
what that shows is then the first thing that is written, and nothing is written twice."""


class Sightings:
    """What was seen last of each object, and when first; safe to use from many threads."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._first: LRUCache[ObjectKey, tuple[str, float]] = LRUCache(MAX_KEPT)
        self._lock = threading.Lock()

    def seconds(self, key: ObjectKey, seen: str, now: float) -> float:
        """Return for how many seconds an object has been seen so; 0.0 when it is seen first.

        Args:
            key: the object.
            seen: what is seen of it.
            now: seconds of a clock that only goes forward.
        """
        with self._lock:
            before: tuple[str, float] | None = self._first.get(key)
            if before is None or before[0] != seen:
                self._first[key] = seen, now
                return 0.0
            return now - before[1]
