"""Limits each namespace's requests to forges, so that none uses up a shared quota.

Teams may share a bot, and so a quota. A namespace has a stock of half an hour's requests, which
refills evenly. A look may overdraw it; then the next look waits until the debt is paid off.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

LOG = logging.getLogger(__name__)

HOUR_SECONDS = 3600.0


@dataclass
class _Stock:
    left: float
    at: float
    is_told: bool = False


class RequestBudget:
    """The remaining requests of namespaces; safe to use from many threads."""

    def __init__(self, an_hour: int, clock: Callable[[], float]) -> None:
        """Start with full stocks.

        Args:
            an_hour: how many requests a namespace may make in an hour, in the long run.
            clock: monotonic seconds.
        """
        self._an_hour = an_hour
        self._most = an_hour / 2
        self._clock = clock
        self._stocks: dict[str, _Stock] = {}
        self._lock = threading.Lock()

    def wait_seconds(self, namespace: str) -> float:
        """Return how long a namespace's next look must wait; 0.0 for no wait."""
        with self._lock:
            stock = self._refilled(namespace)
            if stock is None or stock.left > 0:
                return 0.0
            if not stock.is_told:
                stock.is_told = True
                LOG.warning(
                    "namespace %s has made more than %d requests to forges per hour: its polls wait",
                    namespace,
                    self._an_hour,
                )
            return (1 - stock.left) * HOUR_SECONDS / self._an_hour

    def spend(self, namespace: str, requests: int) -> None:
        """Record requests of a namespace."""
        if requests:
            with self._lock:
                stock = self._refilled(namespace)
                if stock is None:
                    stock = self._stocks[namespace] = _Stock(left=self._most, at=self._clock())
                stock.left -= requests

    def _refilled(self, namespace: str) -> _Stock | None:
        """Return a namespace's remaining requests; None for a full stock, which is forgotten."""
        stock = self._stocks.get(namespace)
        if stock is None:
            return None
        now = self._clock()
        stock.left += (now - stock.at) * self._an_hour / HOUR_SECONDS
        stock.at = now
        if stock.left >= self._most:
            del self._stocks[namespace]
            return None
        return stock
