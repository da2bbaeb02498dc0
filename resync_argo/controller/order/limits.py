"""Limits the number of concurrent runs: in the installation, in a namespace, and with one token.

In: runs that ask to begin, and runs that ended. Out: which may begin. When there is room, the Syncs
of queued runs are reconciled again.
"""

import math
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.order.fair_queue import Claim, FairQueue
from resync_argo.controller.order.quota import TokenQuota
from resync_argo.settings import Settings

GRANT_SECONDS = 60.0
"""How long to reserve a place for a run that was submitted but did not begin."""


@dataclass
class _Place:
    claim: Claim
    until: float = math.inf  # Its run began.
    reserved: float = 0.0


class Limits:
    """Running and queued runs; safe to use from many threads."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float],
        tell: Callable[[ObjectKey, float], None],
        must_wait: Callable[[str], float] = lambda _token: 0.0,
        requests_left: Callable[[str], int | None] = lambda _token: None,
    ) -> None:
        """Start without runs.

        Args:
            settings: the limits.
            clock: monotonic seconds.
            tell: called for each Sync to reconcile, with the delay in seconds.
            must_wait: seconds for which a forge asked a token to wait.
            requests_left: a token's remaining requests in this hour; None: unknown.
        """
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._must_wait = must_wait
        self._requests_left = requests_left
        self._places: dict[ObjectKey, _Place] = {}
        self._namespaces: Counter[str] = Counter()
        self._quotas: dict[str, TokenQuota] = {}
        self._queue = FairQueue()
        self._lock = threading.Lock()

    def admit(self, key: ObjectKey, claim: Claim) -> str | None:
        """Return None if a Sync's run may begin now, else a sentence that says why it must wait."""
        with self._lock:
            if key not in self._places:
                self._queue.add(key, claim)
                self._grant()
            return None if key in self._places else self._why(claim)

    def admit_aside(self, key: ObjectKey, claim: Claim) -> str | None:
        """Return None if a run of low priority may begin now, else a sentence that says why it must wait.

        Such a run is never queued. It yields to every run that could take its place, and such runs
        together use at most half of the places of the installation and of the namespace.
        """
        with self._lock:
            if key in self._places:
                return None
            self._grant()
            if any(_competes(other, claim) for _, other in self._queue.first_of_each()):
                return "Releases wait for their runs, which go first."
            if (refusal := self._refused_aside(claim)) is not None:
                return refusal
            self._take(key, claim)
            self._places[key].until = self._clock() + GRANT_SECONDS
            return None

    def _refused_aside(self, claim: Claim) -> str | None:
        settings = self._settings
        is_full = len(self._places) >= max(settings.max_runs // 2, 1)
        most = max(settings.max_runs_per_namespace // 2, 1)
        if is_full or self._namespaces[claim.namespace] >= most:
            return "Half of the runs that there may be are under way; the others are for releases."
        return self._why(claim) if self._seconds(claim, self._clock()) > 0 else None

    def began(self, key: ObjectKey, claim: Claim) -> None:
        """Record that a Sync's run is under way, whoever started it."""
        with self._lock:
            self._queue.remove(key)
            if key not in self._places:
                self._take(key, claim)
            self._places[key].until = math.inf

    def ended(self, key: ObjectKey, *, in_conflict: bool | None = None) -> None:
        """Record that a Sync has no run under way.

        Args:
            key: the Sync.
            in_conflict: whether its last run ended in a conflict or completed; None: unknown.
        """
        with self._lock:
            self._queue.remove(key)
            place = self._places.get(key)
            if place is not None:
                self._give_back(key, _written(place, in_conflict=in_conflict))
            self._grant()

    def knows(self, key: ObjectKey) -> bool:
        """Return whether a Sync is running or queued."""
        with self._lock:
            return key in self._places or key in self._queue

    def _why(self, claim: Claim) -> str:
        settings = self._settings
        if len(self._places) >= settings.max_runs:
            return (
                f"As many syncs run as the installation allows: {settings.max_runs} "
                "(`RESYNC_MAX_RUNS`)."
            )
        most = settings.max_runs_per_namespace
        if self._namespaces[claim.namespace] >= most:
            return (
                f"As many syncs run as the namespace may have: {most} "
                "(`RESYNC_MAX_RUNS_PER_NAMESPACE`)."
            )
        if self._must_wait(claim.token) > 0:
            return "The forge asked these credentials to wait."
        return (
            "These credentials have as many runs, now or just before, as the forge's limits for a "
            "minute and an hour allow."
        )

    def _grant(self) -> None:
        """Give every free place to the next run, and schedule the next check."""
        now = self._clock()
        for late in [key for key, place in self._places.items() if place.until <= now]:
            self._give_back(late, 0)
        while (first := self._next(now)) is not None:
            self._take(first, self._queue.take(first))
            self._places[first].until = now + GRANT_SECONDS
            self._tell(first, 0.0)
        waiting = list(self._queue.first_of_each())
        if waiting:
            waits = (self._seconds(claim, now) for _, claim in waiting)
            soonest = min((wait for wait in waits if wait > 0), default=GRANT_SECONDS)
            self._tell(waiting[0][0], min(soonest, GRANT_SECONDS))

    def _next(self, now: float) -> ObjectKey | None:
        if len(self._places) >= self._settings.max_runs:
            return None
        most = self._settings.max_runs_per_namespace
        for key, claim in self._queue.first_of_each():
            if self._namespaces[claim.namespace] < most and self._seconds(claim, now) <= 0:
                return key
        return None

    def _seconds(self, claim: Claim, now: float) -> float:
        """Return how long the token must wait; inf: until a run ends."""
        if not claim.token:
            return 0.0
        quota = self._quotas.get(claim.token) or self._new_quota()
        left = self._requests_left(claim.token)
        wait = quota.wait_seconds(claim.most_writes, now, left=left)
        return max(wait, self._must_wait(claim.token))

    def _new_quota(self) -> TokenQuota:
        settings = self._settings
        return TokenQuota(
            a_minute=settings.forge_writes_per_minute, an_hour=settings.forge_writes_per_hour
        )

    def _take(self, key: ObjectKey, claim: Claim) -> None:
        place = self._places[key] = _Place(claim=claim)
        self._namespaces[claim.namespace] += 1
        if claim.token:
            quota = self._quotas.setdefault(claim.token, self._new_quota())
            place.reserved = quota.begin(claim.most_writes)

    def _give_back(self, key: ObjectKey, written: int) -> None:
        place, now = self._places.pop(key), self._clock()
        claim = place.claim
        self._namespaces[claim.namespace] -= 1
        if not self._namespaces[claim.namespace]:
            del self._namespaces[claim.namespace]
        if claim.token:
            self._quotas[claim.token].end(place.reserved, written, claim.most_writes, now)
        for token in [token for token, quota in self._quotas.items() if quota.is_idle(now)]:
            del self._quotas[token]


def _written(place: _Place, *, in_conflict: bool | None) -> int:
    """Return how many content-creating requests a run is assumed to have made."""
    if place.until < math.inf:
        return 0
    claim = place.claim
    if in_conflict is None:
        return claim.most_writes
    return claim.conflict_writes if in_conflict else claim.writes


def _competes(waiting: Claim, other: Claim) -> bool:
    """Return whether a queued run competes with another run for its place or its quota."""
    has_one_token = bool(other.token) and waiting.token == other.token
    return waiting.namespace == other.namespace or has_one_token
