"""Elects the one process that works, by a Lease ("Leases", coordination.k8s.io/v1).

The rules are client-go's. The holder renews the Lease every few seconds. Another process takes it
after seeing no renewal for the Lease's duration, by its own clock. A holder that cannot renew in
time stops working before that. A holder that ends releases the Lease, so that the next process need
not wait. The `kubernetes` package's own election cannot be stopped and sleeps between tries. A
process's identity ends with its address, to which the others forward webhooks. Used by `main`.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from resync_argo.api.meta import Json, ObjectKey
from resync_argo.controller.kube.api import LEASES, Kube
from resync_argo.controller.kube.errors import AlreadyExists, ChangedMeanwhile, NotFound
from resync_argo.errors import ResyncError

LOG = logging.getLogger(__name__)

DURATION_SECONDS = 15
RENEW_WITHIN_SECONDS = 10.0
TRY_SECONDS = 2.0


@dataclass
class Election:
    """One candidate.

    Attributes:
        kube: the API server.
        key: the Lease.
        identity: unique to this process; after an `@`, the `host:port` of its webhooks.
        clock: monotonic seconds.
        duration_seconds: a Lease that was not renewed for this long is free.
        renew_within_seconds: a holder that cannot renew for this long gives up.
        try_seconds: the interval between two tries.
    """

    kube: Kube
    key: ObjectKey
    identity: str
    clock: Callable[[], float]
    duration_seconds: int = DURATION_SECONDS
    renew_within_seconds: float = RENEW_WITHIN_SECONDS
    try_seconds: float = TRY_SECONDS
    _seen: tuple[str, float] = ("", 0.0)
    _renewed_at: float = 0.0
    _holder: str = ""
    _stopping: threading.Event = field(default_factory=threading.Event)
    _rested: threading.Event = field(default_factory=threading.Event)

    def run(self, lead: Callable[[], None], rest: Callable[[], None]) -> bool:
        """Wait to be the leader, call `lead`, and renew until stopped; then call `rest` and release the Lease.

        Args:
            lead: starts the work; returns at once.
            rest: ends the work, and returns once it has ended; nobody else leads before that.

        Returns:
            True if it was stopped. If False, the Lease was lost, and the process must end at once.
        """
        while not self._try():
            if self._stopping.wait(self.try_seconds):
                return True
        LOG.info("leading as %s", self.identity)
        lead()
        # A separate thread, since a request may hang for longer than the Lease lasts.
        renewing = threading.Thread(target=self._renew, name="lease", daemon=True)
        renewing.start()
        while not self._stopping.wait(self.try_seconds / 4):
            if self.clock() - self._renewed_at > self.renew_within_seconds:
                LOG.error("the Lease %s is lost", self.key)
                self._rested.set()
                return False
        rest()
        self._rested.set()
        renewing.join(timeout=self.renew_within_seconds)
        self._release()
        return True

    def _renew(self) -> None:
        while not self._rested.wait(self.try_seconds):
            self._try()

    def stop(self) -> None:
        """Stop; a held Lease is released."""
        self._stopping.set()

    def leader(self) -> str | None:
        """Return the address of another process that leads; None if this one leads, or none is known."""
        holder = self._holder
        return holder.partition("@")[2] or None if holder != self.identity else None

    def _try(self) -> bool:
        # A Lease runs from the time of its last write, at the earliest.
        began = self.clock()
        try:
            held = self._take()
        except ChangedMeanwhile:
            return False
        except ResyncError as error:
            LOG.warning("the Lease %s cannot be renewed: %s", self.key, error)
            return False
        if held:
            self._renewed_at, self._holder = began, self.identity
        return held

    def _take(self) -> bool:
        try:
            lease = self.kube.get(LEASES, self.key)
        except NotFound:
            return self._create()
        spec = lease.get("spec") or {}
        holder = spec.get("holderIdentity") or ""
        if holder not in ("", self.identity) and not self._is_expired(lease):
            self._holder = holder
            return False
        taken = holder != self.identity
        transitions = int(spec.get("leaseTransitions") or 0) + taken
        acquired = _now() if taken else spec.get("acquireTime")
        lease["spec"] = self._spec(acquired, transitions)
        self.kube.replace(LEASES, lease)
        return True

    def _create(self) -> bool:
        manifest = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {"namespace": self.key.namespace, "name": self.key.name},
            "spec": self._spec(_now(), 0),
        }
        try:
            self.kube.create(LEASES, manifest)
        except AlreadyExists:
            return False
        return True

    def _is_expired(self, lease: Json) -> bool:
        """Return whether the holder was not seen to renew for as long as its Lease lasts."""
        version = str(lease["metadata"]["resourceVersion"])
        if self._seen[0] != version:
            self._seen = version, self.clock()
        duration = (lease.get("spec") or {}).get("leaseDurationSeconds") or self.duration_seconds
        return self.clock() - self._seen[1] > float(duration)

    def _release(self) -> None:
        try:
            lease = self.kube.get(LEASES, self.key)
            if (lease.get("spec") or {}).get("holderIdentity") == self.identity:
                lease["spec"]["holderIdentity"] = ""
                self.kube.replace(LEASES, lease)
        except ResyncError as error:
            LOG.warning("the Lease %s runs out by itself: %s", self.key, error)

    def _spec(self, acquired: Any, transitions: int) -> Json:
        return {
            "holderIdentity": self.identity,
            "leaseDurationSeconds": self.duration_seconds,
            "acquireTime": acquired,
            "renewTime": _now(),
            "leaseTransitions": transitions,
        }


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
