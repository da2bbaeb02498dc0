"""Answers reconcilers' questions about the network: looks in its own threads, and caches the answers.

`ask` never waits. It returns the last answer for exactly this demand, or None, and schedules a look
if there was none or it is too old. A failed look is repeated with increasing waits, and never
before the other side's requested wait is over. Each new answer is reported once.
"""

import heapq
import itertools
import logging
import math
import random
import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from resync_argo.controller.kube.queue import back_off
from resync_argo.controller.log_context import about
from resync_argo.controller.polling.lanes import Lane, Lanes
from resync_argo.controller.polling.request_budget import RequestBudget
from resync_argo.errors import ResyncError, requested_wait
from resync_argo.forge.spending import counted

LOG = logging.getLogger(__name__)

FIRST_RETRY_SECONDS = 1.0
LAST_RETRY_SECONDS = 300.0

K = TypeVar("K", bound=Hashable)
D = TypeVar("D")
V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class Seen(Generic[V]):
    """The result of the last look.

    Attributes:
        value: from the last successful look; None before that.
        error: why the last look failed; None if it succeeded.
        at: when a look last succeeded, in the clock's seconds; -inf: never.
        since: when a look first showed this value, which has not changed since.
    """

    value: V | None = None
    error: ResyncError | None = None
    at: float = -math.inf
    since: float = -math.inf


@dataclass
class _Entry(Generic[D, V]):
    demand: D
    lane: Lane
    every: float
    seen: Seen[V] | None = None
    failures: int = 0
    due: float = math.inf
    is_stale: bool = False  # Something changed after the look began.


class Poller(Generic[K, D, V]):
    """Looks at one kind of thing; safe to use from many threads."""

    def __init__(
        self,
        name: str,
        look: Callable[[K, D], V],
        *,
        tell: Callable[[K], None],
        clock: Callable[[], float],
        threads: int = 8,
        budget: RequestBudget | None = None,
    ) -> None:
        """Start empty, without threads before `start`.

        Args:
            name: of the threads.
            look: performs a look; raises `ResyncError` if it fails.
            tell: called for each key with news; quick, and without I/O.
            clock: monotonic seconds.
            threads: how many looks may run at a time.
            budget: the request budgets of namespaces; None: looks make no requests that count.
        """
        self._name = name
        self._look = look
        self._tell = tell
        self._clock = clock
        self._threads = threads
        self._budget = budget
        self._entries: dict[K, _Entry[D, V]] = {}
        self._busy: set[K] = set()  # Keys that wait in a lane, or are with a thread.
        self._lanes: Lanes[K] = Lanes(threads)
        self._later: list[tuple[float, int, K]] = []
        self._count = itertools.count()
        self._closed = False
        self._changed = threading.Condition()
        self._workers: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to look."""
        for number in range(self._threads):
            worker = threading.Thread(target=self._work, name=f"{self._name}-{number}", daemon=True)
            worker.start()
            self._workers.append(worker)  # Only a thread that was started can be joined.

    def close(self) -> None:
        """Start no further looks."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def join(self, timeout: float) -> None:
        """Wait for running looks to end, for at most some seconds in total."""
        deadline = self._clock() + timeout
        for worker in self._workers:
            worker.join(timeout=max(deadline - self._clock(), 0.0))

    def ask(
        self, key: K, demand: D, lane: Lane, *, every: float = math.inf, first: float = 0.0
    ) -> Seen[V] | None:
        """Return the result of the last look for this demand; None before the first.

        Args:
            key: the recipient of the answer.
            demand: the question; a changed one causes a new look.
            lane: the look's namespace and host.
            every: seconds between looks, as long as somebody asks.
            first: seconds before the first look, if the caller still has an earlier answer.
        """
        with self._changed:
            entry = self._entries.get(key)
            if entry is None or entry.demand != demand:
                entry = self._entries[key] = _Entry(demand=demand, lane=lane, every=every)
                self._plan(key, entry, self._clock() + first)
            elif entry.every != every:
                entry.every = every
                if entry.seen is not None and entry.seen.error is None:
                    self._plan(key, entry, entry.seen.at + every)
            return entry.seen

    def seen(self, key: K) -> Seen[V] | None:
        """Return the result of the last look, for any demand, without asking."""
        with self._changed:
            entry = self._entries.get(key)
            return entry.seen if entry is not None else None

    def look_again(self, key: K) -> None:
        """Look as soon as a thread is free, since something changed. The last result stays until then."""
        with self._changed:
            entry = self._entries.get(key)
            if entry is None:
                return
            entry.is_stale = True
            if key not in self._busy and entry.due > self._clock():
                self._plan(key, entry, self._clock())

    def forget(self, key: K) -> None:
        """Drop the result; nobody needs it any more."""
        with self._changed:
            self._entries.pop(key, None)

    def step(self) -> bool:
        """Do one due look, in this thread; return whether there was one."""
        with self._changed:
            taken = self._take()
        if taken is None:
            return False
        self._do(*taken)
        return True

    def _work(self) -> None:
        while True:
            with self._changed:
                while (taken := self._take()) is None and not self._closed:
                    self._changed.wait(self._seconds_to_next())
                if taken is None:
                    return
            self._do(*taken)

    def _take(self) -> tuple[K, Lane] | None:
        if self._closed:
            return None
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            _, _, key = heapq.heappop(self._later)
            entry = self._entries.get(key)
            if entry is not None and entry.due <= now and key not in self._busy:
                if (wait := self._must_wait(entry.lane.namespace)) > 0:
                    self._plan(key, entry, now + wait)
                    continue
                self._busy.add(key)
                self._lanes.add(key, entry.lane)
        return self._lanes.take()

    def _must_wait(self, namespace: str) -> float:
        """Return how long the next look for a namespace must wait for its budget."""
        return self._budget.wait_seconds(namespace) if self._budget is not None else 0.0

    def _seconds_to_next(self) -> float | None:
        return max(self._later[0][0] - self._clock(), 0.0) if self._later else None

    def _plan(self, key: K, entry: _Entry[D, V], due: float) -> None:
        entry.due = due
        if due < math.inf:
            heapq.heappush(self._later, (due, next(self._count), key))
            self._changed.notify()

    def _do(self, key: K, lane: Lane) -> None:
        with self._changed:
            entry = self._entries.get(key)
            if entry is not None:
                entry.is_stale = False
        with about(str(key), lane.namespace), counted() as spending:
            seen = self._looked(key, entry) if entry is not None else None
        if self._budget is not None:
            self._budget.spend(lane.namespace, spending.requests)
        with self._changed:
            self._lanes.done(lane)
            self._busy.discard(key)
            is_news = self._take_in(key, entry, seen)
            self._changed.notify()
        if is_news:
            self._tell(key)

    def _looked(self, key: K, entry: _Entry[D, V]) -> Seen[V]:
        before = entry.seen or Seen()
        try:
            return Seen(value=self._look(key, entry.demand), at=self._clock())
        except ResyncError as error:
            LOG.info("%s: %s", self._name, error)
            trouble = error
        except Exception:
            LOG.exception("a bug in this program, met while checking %s", self._name)
            trouble = ResyncError("The controller hit a bug; its log has the details.")
        return Seen(value=before.value, error=trouble, at=before.at)

    def _take_in(self, key: K, entry: _Entry[D, V] | None, seen: Seen[V] | None) -> bool:
        """Save the result and schedule the next look; return whether it is news."""
        current = self._entries.get(key)
        if entry is None or seen is None or current is not entry:
            if current is not None:  # Another demand came meanwhile.
                self._plan(key, current, self._clock())
            return False
        before = entry.seen
        is_news = before is None or _shown(before) != _shown(seen)
        if before is not None and before.value == seen.value:
            # Keep the same object, so that readers can recognise an unchanged value.
            seen = replace(seen, value=before.value, since=before.since)
        else:
            seen = replace(seen, since=seen.at)
        entry.seen = seen
        entry.failures = entry.failures + 1 if seen.error is not None else 0
        self._plan(key, entry, self._next_due(entry, seen))
        return is_news

    def _next_due(self, entry: _Entry[D, V], seen: Seen[V]) -> float:
        if entry.is_stale:
            return self._clock()
        if seen.error is None:
            spread = random.uniform(0.9, 1.1)  # noqa: S311 - spreads load
            return self._clock() + entry.every * spread
        wait = back_off(entry.failures, first=FIRST_RETRY_SECONDS, last=LAST_RETRY_SECONDS)
        return self._clock() + max(wait, requested_wait(seen.error))


def _shown(seen: Seen[V]) -> tuple[V | None, str]:
    return seen.value, str(seen.error or "")
