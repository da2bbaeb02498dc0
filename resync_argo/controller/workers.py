"""Takes keys from the queue and reconciles them; errors are handled only here.

After success, `Outcome` says when to reconcile again. After a `Transient` error the key is retried
with back-off, after a refusal with longer waits. Any other exception is our own bug: it is logged
with its traceback and retried with back-off, and never stops the other keys.
"""

import logging
import threading
from dataclasses import dataclass, field
from typing import assert_never

from resync_argo.controller.kube.api import PLANS, SYNCS, TAGS
from resync_argo.controller.kube.errors import ChangedMeanwhile, NotFound
from resync_argo.controller.kube.unreadable import unreadable_status
from resync_argo.controller.log_context import about
from resync_argo.controller.order.reconcile import BranchReconciler
from resync_argo.controller.plan.reconcile import PlanReconciler
from resync_argo.controller.serving.metrics import RECONCILE_ERRORS, RECONCILE_SECONDS
from resync_argo.controller.state.cluster import Cluster, Outcome
from resync_argo.controller.state.keys import (
    BranchKey,
    Key,
    PlanKey,
    SyncKey,
    TagKey,
    UpstreamKey,
    namespace_of,
    shown,
)
from resync_argo.controller.sync.reconcile import SyncReconciler
from resync_argo.controller.tenancy.tenants import Tenants
from resync_argo.controller.upstream.reconcile import UpstreamReconciler
from resync_argo.controller.upstream.tag import TagReconciler
from resync_argo.errors import Stalled, Transient, requested_wait
from resync_argo.reasons import sections as at

LOG = logging.getLogger(__name__)

REFUSED_SECONDS = 60.0
"""The earliest retry after a refusal of the API server: an administrator may grant it."""


@dataclass(frozen=True, kw_only=True)
class Workers:
    """The reconcilers, and the threads that call them."""

    cluster: Cluster
    tenants: Tenants
    plans: PlanReconciler
    tags: TagReconciler
    syncs: SyncReconciler
    upstreams: UpstreamReconciler
    branches: BranchReconciler
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start as many threads as the settings say; they end when the queue is closed."""
        for number in range(self.cluster.settings.workers):
            thread = threading.Thread(target=self._work, name=f"worker-{number}", daemon=True)
            thread.start()
            self.threads.append(thread)  # Only a thread that was started can be joined.

    def are_alive(self) -> bool:
        """Return whether any of the threads is at work."""
        return any(thread.is_alive() for thread in self.threads)

    def _work(self) -> None:
        queue = self.cluster.queue
        while (key := queue.take()) is not None:
            try:
                with about(shown(key), namespace_of(key)):
                    self.process(key)
            finally:
                queue.done(key)

    def process(self, key: Key) -> None:
        """Reconcile a key and schedule the next time."""
        queue = self.cluster.queue
        labels = {"namespace": namespace_of(key), "kind": key.kind}
        try:
            with RECONCILE_SECONDS.labels(**labels).time():
                outcome = self.reconcile(key)
        except ChangedMeanwhile:
            # Somebody changed the object. Its event is on the way, and causes the next reconcile.
            queue.retry(key)
        except (Transient, NotFound) as error:
            RECONCILE_ERRORS.labels(**labels).inc()
            wait = queue.retry(key, at_least=requested_wait(error))
            LOG.warning("%s (again in %.0f s)", error, wait)
        except Stalled as error:
            RECONCILE_ERRORS.labels(**labels).inc()
            wait = queue.retry(key, at_least=REFUSED_SECONDS)
            LOG.warning("%s: %s (again in %.0f s)", error.reason, error, wait)
        except Exception:
            RECONCILE_ERRORS.labels(**labels).inc()
            queue.retry(key)
            LOG.exception("a bug in this program")
        else:
            self._schedule(key, outcome)

    def reconcile(self, key: Key) -> Outcome:
        """Reconcile a key.

        Raises:
            ResyncError: the reconcile could not be finished.
        """
        if not self.tenants.admit(key):
            return self._refuse(key)
        if isinstance(key, PlanKey | TagKey | SyncKey) and self._is_unreadable(key):
            return Outcome()
        return self._reconcile(key)

    def _reconcile(self, key: Key) -> Outcome:
        match key:
            case PlanKey(object=name):
                return self.plans.reconcile(name)
            case TagKey(object=name):
                return self.tags.reconcile(name)
            case SyncKey(object=name):
                return self.syncs.reconcile(name)
            case UpstreamKey():
                return self.upstreams.reconcile(key)
            case BranchKey():
                return self.branches.reconcile(key)
        assert_never(key)

    def _is_unreadable(self, key: PlanKey | TagKey | SyncKey) -> bool:
        """Return whether an object exists but cannot be read; it reports that itself."""
        caches, kube = self.cluster.caches, self.cluster.kube
        resource, found = SYNCS, caches.syncs.unreadable(key.object)
        if isinstance(key, PlanKey):
            resource, found = PLANS, caches.plans.unreadable(key.object)
        elif isinstance(key, TagKey):
            resource, found = TAGS, caches.tags.unreadable(key.object)
        if found is None:
            return False
        item = kube.get(resource, key.object)
        summary = at.READY if resource is PLANS else None
        status = unreadable_status(item, found.why, self.cluster.now(), summary=summary)
        if status != item.get("status"):
            version = item["metadata"]["resourceVersion"]
            kube.replace_status(resource, key.object, status, resource_version=version)
        return True

    def _refuse(self, key: Key) -> Outcome:
        """Do nothing for a namespace that has not opted in, except report it and stop earlier runs."""
        match key:
            case PlanKey(object=name):
                return self.plans.refuse(name)
            case SyncKey(object=name):
                self.syncs.forget(name)
            case UpstreamKey():
                self.upstreams.forget(key)
            case TagKey() | BranchKey():
                pass
        return Outcome()

    def _schedule(self, key: Key, outcome: Outcome) -> None:
        queue = self.cluster.queue
        if outcome.failing:
            queue.retry(key)
        else:
            queue.succeeded(key)
        if outcome.requeue_after is not None:
            queue.add_after(key, outcome.requeue_after)
