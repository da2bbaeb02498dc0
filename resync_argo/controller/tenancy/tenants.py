"""Decides, before everything else, whether a namespace and a Plan are active.

Until the answer for a namespace is known, its keys are held back; then they are queued.
"""

import threading
from collections import defaultdict
from collections.abc import Callable

from resync_argo.api.conditions import Finding
from resync_argo.api.plan import Plan
from resync_argo.controller.polling.poller import Poller, Seen
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.keys import Key, PlanKey, SyncKey, namespace_of, upstream_key
from resync_argo.controller.state.objects import bytes_too_many
from resync_argo.controller.tenancy.opt_in import OptIns, ask
from resync_argo.controller.tenancy.plan_quota import PlanQuota
from resync_argo.reasons.plan import NOT_OPTED_IN, PLAN_TOO_LARGE, TOO_MANY_PLANS


class Tenants:
    """The active namespaces; safe to use from many threads."""

    def __init__(self, cluster: Cluster, may_work_in: Callable[[str], bool]) -> None:
        """Begin without answers.

        Args:
            cluster: the caches and the queue.
            may_work_in: asks whether a namespace has opted in; may wait for the API server.
        """
        self._caches, self._queue = cluster.caches, cluster.queue
        self.opt_ins: OptIns = Poller(
            "opt-ins",
            lambda namespace, _: may_work_in(namespace),
            tell=self._decided,
            clock=cluster.clock,
            threads=4,
        )
        limit = cluster.settings.max_plans_per_namespace
        self._quota = PlanQuota(cluster.caches, limit, cluster.clock)
        self._kept: dict[str, set[Key]] = defaultdict(set)
        self._lock = threading.Lock()

    def has_opted_in(self, namespace: str) -> bool | None:
        """Return whether a namespace has opted in; None: unknown."""
        seen = ask(self.opt_ins, namespace)
        return seen.value if seen is not None else None

    def admit(self, key: Key) -> bool:
        """Return whether a key's namespace has opted in; if not, hold the key back until it has."""
        namespace = namespace_of(key)
        with self._lock:  # Hold it back first, since the answer may arrive during the check.
            self._kept[namespace].add(key)
        has_opted_in = self.has_opted_in(namespace) is True
        if has_opted_in:
            with self._lock:
                self._kept[namespace].discard(key)
                if not self._kept[namespace]:
                    del self._kept[namespace]
        return has_opted_in

    def _decided(self, namespace: str) -> None:
        """Queue everything in a namespace that opted in or out, its Plans first."""
        with self._lock:
            keys = self._kept.pop(namespace, set())
        for plan in self._caches.plans.by("namespace", namespace):
            keys |= {PlanKey(plan.metadata.key), upstream_key(plan)}
            keys |= {SyncKey(sync.metadata.key) for sync in self._caches.syncs_of(plan)}
        for key in keys:
            self._queue.add(key, urgent=isinstance(key, PlanKey))

    def forget(self, namespace: str) -> None:
        """Stop checking a namespace that has no Plan left."""
        self.opt_ins.forget(namespace)
        with self._lock:
            self._kept.pop(namespace, None)

    def has_place_for(self, plan: Plan) -> bool:
        """Return whether a Plan is within its namespace's quota."""
        with self._lock:
            return self._quota.admits(plan)

    def refusal(self, plan: Plan) -> Finding | None:
        """Return why a Plan is not reconciled; None: it is active, or that is unknown yet."""
        namespace = plan.metadata.namespace
        seen = ask(self.opt_ins, namespace)
        if seen is None:
            return None
        if not seen.value:
            return _not_opted_in(namespace, seen)
        if (size := bytes_too_many(plan)) is not None:
            return Finding(
                status="False",
                reason=PLAN_TOO_LARGE,
                message=f"The Plan's `spec` has {size} bytes, more than `RESYNC_MAX_PLAN_BYTES` allows: move long "
                "scripts into the repository.",
            )
        if self.has_place_for(plan):
            return None
        return Finding(
            status="False",
            reason=TOO_MANY_PLANS,
            message=f"Namespace {namespace} has more than {self._quota.limit} Plans, and nothing is done for "
            "the newest of them: delete Plans, or let an administrator raise `RESYNC_MAX_PLANS_PER_NAMESPACE`.",
        )


def _not_opted_in(namespace: str, seen: Seen[bool]) -> Finding:
    if seen.value is None and seen.error is not None:
        return Finding(status="Unknown", reason=seen.error.reason, message=str(seen.error))
    return Finding(
        status="False",
        reason=NOT_OPTED_IN,
        message=f"Namespace {namespace} has not opted in to resync-argo, so nothing is done for it. An administrator "
        f"lets it opt in: `kubectl apply --server-side -n {namespace} -k manifests/namespace`.",
    )
