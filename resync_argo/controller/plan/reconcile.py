"""Reconciles a Plan: applies its template, writes conditions and counts, and deletes old Syncs.

The status is written once, at the end, and only when it differs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from resync_argo.api import conditions
from resync_argo.api.conditions import Condition, Finding, find
from resync_argo.api.events import Event
from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import PermissionCheck, Plan, PlanStatus
from resync_argo.controller.kube.api import PLANS, SYNCS
from resync_argo.controller.kube.events import post_event
from resync_argo.controller.order.turns import UNDECIDED, Decision, Turns, is_ready
from resync_argo.controller.plan.counts import Release, count, current, newest, next_release
from resync_argo.controller.plan.observations import PlanObserver, progress, sum_up
from resync_argo.controller.plan.retention import superfluous
from resync_argo.controller.plan.strays import stop_latecomers, stop_orphans
from resync_argo.controller.serving.metrics import forget_namespace, forget_plan
from resync_argo.controller.state.cluster import Cluster, Outcome
from resync_argo.controller.state.keys import PlanKey, branch_key
from resync_argo.controller.state.objects import keep_plan
from resync_argo.controller.state.sightings import FIRST_SECONDS, Sightings
from resync_argo.controller.tenancy.tenants import Tenants
from resync_argo.reasons import sections as at
from resync_argo.reasons.plan import TOO_MANY_PLANS, UPSTREAM_NOT_READ
from resync_argo.reasons.turn import NEXT
from resync_argo.upstream.candidate import CandidateKey

CHECK_SECONDS = 600.0
"""How often to reconcile an unchanged Plan, since Secrets send no events."""

HELD_SECONDS = 60.0
"""How often to check a Plan beyond its namespace's quota: others may have been deleted."""

_RETRIED = (at.CREDENTIALS_FOUND, at.TEMPLATE_APPLIED)


@dataclass(frozen=True, kw_only=True)
class PlanReconciler:
    """Reconciles Plans.

    Attributes:
        new: when Plans without a status were first seen.
    """

    cluster: Cluster
    tenants: Tenants
    turns: Turns
    observer: PlanObserver
    new: Sightings = field(default_factory=Sightings)

    def reconcile(self, key: ObjectKey) -> Outcome:
        """Reconcile one Plan.

        Raises:
            ResyncError: the API server refused a write.
        """
        plan = self.cluster.caches.plans.get(key)
        if plan is not None and (refusal := self.tenants.refusal(plan)) is not None:
            return self._hold(plan, refusal)
        stop_orphans(self.cluster, key, plan)
        if plan is None or plan.metadata.deletion_timestamp:
            self._forget(key)
            return Outcome()
        stop_latecomers(self.cluster, plan)
        seen = self.observer.observe(plan)
        observed = seen.conditions
        if (wait := self._seconds_to_first_look(plan, observed)) > 0:
            return Outcome(requeue_after=wait)
        refused = self.cluster.refusals.condition(key)
        observed += [refused] if refused is not None else []
        status = self._status(plan, observed, seen.permission_check)
        if (wait := self._seconds_to_first_run(plan, status)) > 0:
            return Outcome(requeue_after=wait)
        self._write(plan, status)
        self._delete_old_syncs(plan, status.current)
        # An upstream's poller has its own back-off, and an invalid text waits for a person.
        failing = any(c.status == "False" for c in observed if c.type in _RETRIED)
        return Outcome(requeue_after=None if failing else CHECK_SECONDS, failing=failing)

    def _seconds_to_first_look(self, plan: Plan, observed: Sequence[Condition]) -> float:
        """Return how long to wait for the first look at a Plan's upstream before the first write."""
        ready, meta = find(observed, at.READY), plan.metadata
        is_written = plan.status.observed_generation == meta.generation
        if is_written or ready is None or ready.reason != UPSTREAM_NOT_READ:
            return 0.0
        new = f"{meta.uid} {meta.generation}"
        return FIRST_SECONDS - self.new.seconds(meta.key, new, self.cluster.clock())

    def _seconds_to_first_run(self, plan: Plan, status: PlanStatus) -> float:
        """Return how long to wait for a release's imminent run, so that one write contains it, too."""
        before, after = find(plan.status.conditions, at.READY), find(status.conditions, at.READY)
        if status.next is None or before != after:
            return 0.0
        if status.next.reason != NEXT or status == plan.status:
            return 0.0
        begins = f"{plan.metadata.uid} {status.next.version} begins"
        return FIRST_SECONDS - self.new.seconds(plan.metadata.key, begins, self.cluster.clock())

    def refuse(self, key: ObjectKey) -> Outcome:
        """Report that a Plan is not reconciled because its namespace has not opted in.

        Raises:
            ResyncError: the API server refused a write.
        """
        plan = self.cluster.caches.plans.get(key)
        if plan is None:
            self._forget(key)
            return Outcome()
        refusal = self.tenants.refusal(plan)
        return self._hold(plan, refusal) if refusal is not None else Outcome()

    def _hold(self, plan: Plan, refusal: Finding) -> Outcome:
        """Write why a Plan is not reconciled; keep its counts of releases."""
        self.observer.forget(PlanKey(plan.metadata.key))
        admitted = Condition.of(at.ADMITTED, refusal)
        ready = sum_up(plan, [admitted])
        status = plan.status.model_copy(
            update={
                "observed_generation": plan.metadata.generation,
                "conditions": tuple(self._merged(plan, [admitted, ready, *progress(ready)])),
            }
        )
        self._write(plan, status)
        return Outcome(requeue_after=HELD_SECONDS if refusal.reason == TOO_MANY_PLANS else None)

    def _forget(self, key: ObjectKey) -> None:
        self.observer.forget(PlanKey(key))
        forget_plan(key.namespace, key.name)
        self.cluster.refusals.forget(key)
        if not self.cluster.caches.plans.count("namespace", key.namespace):
            forget_namespace(key.namespace)
            self.tenants.forget(key.namespace)

    def _merged(self, plan: Plan, observed: Sequence[Condition]) -> list[Condition]:
        return conditions.merge(
            plan.status.conditions,
            observed,
            self.cluster.now(),
            generation=plan.metadata.generation,
        )

    def _status(
        self, plan: Plan, observed: Sequence[Condition], check: PermissionCheck | None
    ) -> PlanStatus:
        merged = self._merged(plan, observed)
        releases = list(self._releases(plan, self._decide(plan, tuple(merged))))
        return PlanStatus(
            observed_generation=plan.metadata.generation,
            conditions=tuple(merged),
            **count(releases),
            current=current(self.cluster.caches.syncs_of(plan)),
            latest=newest(release.version for release in releases),
            next=next_release(releases, plan.status.next),
            permission_check=check,
        )

    def _decide(self, plan: Plan, merged: tuple[Condition, ...]) -> Decision:
        """Return the standings that follow from the conditions, so that one write contains both."""
        after = plan.with_conditions(merged)
        if is_ready(after) == is_ready(plan):
            return self.turns.decide(branch_key(plan))
        return self.turns.foresee(after)

    def _releases(self, plan: Plan, decision: Decision) -> Iterator[Release]:
        for tag in self.turns.wanted.of(plan):
            key = CandidateKey(plan.metadata.key, tag.metadata.key)
            yield Release(
                version=tag.version,
                sync=self.cluster.caches.sync_of(plan, tag),
                standing=decision.get(key, UNDECIDED),
            )

    def _write(self, plan: Plan, status: PlanStatus) -> None:
        if status == plan.status:
            return
        written = self.cluster.kube.replace_status(
            PLANS,
            plan.metadata.key,
            status.dump(),
            resource_version=plan.metadata.resource_version,
        )
        kept = keep_plan(written, self.cluster.settings.max_plan_bytes)
        self.cluster.caches.plans.put(kept, ours=True)
        self._post(plan, status)

    def _post(self, plan: Plan, status: PlanStatus) -> None:
        """Post an Event when the Plan became ready, or stopped being ready for a new reason."""
        before, after = find(plan.status.conditions, at.READY), find(status.conditions, at.READY)
        if after is None or after.status == "Unknown":
            return
        if before and (before.status, before.reason) == (after.status, after.reason):
            return
        event = Event(
            type="Normal" if after.status == "True" else "Warning",
            reason=after.reason,
            note=after.message,
            occasion=f"{after.type} {after.last_transition_time} {plan.metadata.generation}",
        )
        post_event(self.cluster.kube, "Plan", plan.metadata, event, self.cluster.now())

    def _delete_old_syncs(self, plan: Plan, contained: str | None) -> None:
        syncs = self.cluster.caches.syncs_of(plan)
        for sync in superfluous(syncs, contained, self.cluster.settings.keep_syncs):
            meta = sync.metadata
            self.cluster.kube.delete(SYNCS, meta.key, uid=meta.uid)
