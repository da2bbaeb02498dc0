"""Turns a changed object into the keys to reconcile; events have no other effect.

A cache calls these methods after a change; they are quick and do no I/O. A changed status does not
queue its own object, since we wrote it, but queues the objects that depend on it.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from resync_argo.api.meta import NOT_OBSERVED, ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.cache import Change
from resync_argo.controller.order.turns import Turns, is_available, is_ready
from resync_argo.controller.serving.metrics import observe_steps, observe_times
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.keys import (
    BranchKey,
    PlanKey,
    SyncKey,
    TagKey,
    branch_key,
    upstream_key,
)
from resync_argo.controller.state.objects import Template, identity_of
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.observe import granted_since
from resync_argo.names import sync_name

COUNT_SECONDS = 3.0
"""How long a Plan's counts may lag behind its Syncs, so that a burst of changes is one write."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Adds keys to the queue; `announce` receives Syncs that may have news for Slack."""

    cluster: Cluster
    turns: Turns
    announce: Callable[[ObjectKey], None]

    def watch(self) -> None:
        """Connect the caches to the queue."""
        caches = self.cluster.caches
        caches.plans.on_change = self.plan_changed
        caches.tags.on_change = self.tag_changed
        caches.syncs.on_change = self.sync_changed
        caches.runs.on_change = self.run_changed
        caches.templates.on_change = self.template_changed
        queue = self.cluster.queue
        caches.plans.on_unreadable = lambda key: queue.add(PlanKey(key), urgent=True)
        caches.tags.on_unreadable = lambda key: queue.add(TagKey(key))
        caches.syncs.on_unreadable = lambda key: queue.add(SyncKey(key))

    def enqueue_all(self) -> None:
        """Queue everything, upstreams and Plans first: after a start, and periodically."""
        queue, caches = self.cluster.queue, self.cluster.caches
        for plan in caches.plans.all():
            queue.add(PlanKey(plan.metadata.key), urgent=True)
            queue.add(upstream_key(plan))
            self._redecide(branch_key(plan))
        for run in caches.runs.all():
            queue.add(PlanKey(run.plan))
        for sync in caches.syncs.all():
            queue.add(SyncKey(sync.metadata.key))
            queue.add(TagKey(ObjectKey(sync.metadata.namespace, sync.spec.tag)))
            self.announce(sync.metadata.key)
        for plan_key in caches.plans.all_unreadable():
            queue.add(PlanKey(plan_key))
        for tag_key in caches.tags.all_unreadable():
            queue.add(TagKey(tag_key))
        for sync_key in caches.syncs.all_unreadable():
            queue.add(SyncKey(sync_key))

    def plan_changed(self, change: Change[Plan]) -> None:
        """Queue a changed Plan, its upstream, its branch, and its Syncs."""
        both = [plan for plan in (change.old, change.new) if plan is not None]
        queue, is_asked_for = self.cluster.queue, _is_asked_for(both)
        if is_asked_for:
            queue.add(PlanKey(both[0].metadata.key), urgent=True)
        if len({granted_since(plan) for plan in both}) > 1:
            self._syncs_by("plan", both[0].metadata.key)
        if len({_plan_signature(plan) for plan in both}) < len(both):
            return
        for plan in both:
            self._redecide(branch_key(plan))
            if is_asked_for:
                queue.add(upstream_key(plan))
        if is_asked_for:
            self._syncs_by("plan", both[0].metadata.key)

    def tag_changed(self, change: Change[Tag]) -> None:
        """Queue a changed Tag, and, if a field changed that the order depends on, its branches and Syncs."""
        both = [tag for tag in (change.old, change.new) if tag is not None]
        tag = both[-1]
        if change.new is not None and _is_unheard(change.new):
            self.cluster.queue.add(TagKey(tag.metadata.key))
        if len(both) > 1 and _tag_signature(both[0]) == _tag_signature(both[1]):
            return
        queue, caches = self.cluster.queue, self.cluster.caches
        # Whoever creates an upstream's Tags queues the branches once all of them exist.
        is_just_made = change.ours and change.old is None
        for plan in () if is_just_made else caches.plans_of(tag):
            self._redecide(branch_key(plan))
            queue.add_after(PlanKey(plan.metadata.key), COUNT_SECONDS)
            if change.new is None:
                queue.add(upstream_key(plan))
        if change.old is not None or caches.syncs_on(tag):
            self._syncs_by("tag", tag.metadata.key)

    def sync_changed(self, change: Change[Sync]) -> None:
        """Queue a Sync if people changed it, its branch and its Tag, and announce it."""
        both = [sync for sync in (change.old, change.new) if sync is not None]
        sync, queue = both[-1], self.cluster.queue
        namespace = sync.metadata.namespace
        if change.old is not None and change.new is not None:
            observe_times(change.old, change.new)
        if _is_asked_for(both) and not (change.ours and change.old is not None):
            queue.add(SyncKey(sync.metadata.key), urgent=True)
        self.announce(sync.metadata.key)
        if len(both) > 1 and both[0].status == both[1].status and both[0].spec == both[1].spec:
            return
        if len(both) > 1 or sync.status.phase is not None:
            queue.add(TagKey(ObjectKey(namespace, sync.spec.tag)))
        if len(both) > 1 and _sync_signature(both[0]) == _sync_signature(both[1]):
            return
        plan = self.cluster.caches.plans.get(ObjectKey(namespace, sync.spec.plan))
        if plan is not None:
            self._redecide(branch_key(plan))
            queue.add_after(PlanKey(plan.metadata.key), COUNT_SECONDS)

    def run_changed(self, change: Change[Run]) -> None:
        """Queue a Workflow's Sync, and, if the Workflow appeared, ended or vanished, its Plan and branch."""
        both = [run for run in (change.old, change.new) if run is not None]
        run = both[-1]
        plan = self.cluster.caches.plans.get(run.plan)
        if plan is not None and change.old is not None and change.new is not None:
            observe_steps(change.old, change.new, plan)
        begun_or_ended = len({each.is_active for each in both}) > 1 or len(both) == 1
        if begun_or_ended and not (change.ours and change.old is None):
            self.cluster.queue.add(PlanKey(run.plan))
        if plan is None or (change.ours and change.old is None):
            return  # The reconciler that submits a Workflow records it.
        for tag in self.cluster.caches.tags_labelled(plan, run.version):
            name = sync_name(plan.metadata.name, tag.metadata.name)
            key = ObjectKey(plan.metadata.namespace, name)
            self.cluster.queue.add(SyncKey(key), urgent=True)
        if begun_or_ended:
            self._redecide(branch_key(plan))

    def template_changed(self, change: Change[Template]) -> None:
        """Queue a WorkflowTemplate's Plan, and the Syncs that start over with another template."""
        template = change.new or change.old
        if template is None:
            return
        if not change.ours:
            self.cluster.queue.add(PlanKey(template.metadata.key), urgent=True)
        if change.old is None or change.new is None or change.old.hash != change.new.hash:
            self._syncs_by("plan", template.metadata.key)

    def _syncs_by(self, index: str, key: ObjectKey) -> None:
        for sync in self.cluster.caches.syncs.by(index, key):
            self.cluster.queue.add(SyncKey(sync.metadata.key))
            self.announce(sync.metadata.key)

    def _redecide(self, branch: BranchKey) -> None:
        self.turns.mark(branch)
        self.cluster.queue.add(branch, urgent=True)


def _is_asked_for(both: Sequence[Plan] | Sequence[Sync]) -> bool:
    """Return whether people changed something: everything except the status."""
    seen = [
        (
            one.metadata.uid,
            one.metadata.generation,
            one.metadata.controller_uid,
            one.metadata.deletion_timestamp,
        )
        for one in both
    ]
    return len(seen) == 1 or seen[0] != seen[1]


def _plan_signature(plan: Plan) -> Hashable:
    return plan.metadata.uid, plan.metadata.generation, is_ready(plan)


def _tag_signature(tag: Tag) -> Hashable:
    """Return all fields of a Tag that syncs and their order depend on."""
    return (
        tag.metadata.uid,
        identity_of(tag),
        tag.spec.skip,
        frozenset(tag.spec.parameters.items()),
        is_available(tag),
        tag.metadata.deletion_timestamp,
    )


def _is_unheard(tag: Tag) -> bool:
    """Return whether a Tag's status is of an earlier generation, or lacks a person's skip."""
    observed = tag.status.observed_generation
    is_written = observed != NOT_OBSERVED or tag.spec.skip
    return is_written and observed != tag.metadata.generation


def _sync_signature(sync: Sync) -> Hashable:
    """Return all fields of a Sync that the order of syncs and the counts depend on."""
    status = sync.status
    asked = sync.spec.skip, sync.spec.retry, sync.spec.rebuild, status.retry, status.rebuild
    return (
        sync.metadata.uid,
        asked,
        (status.phase, status.reason, status.number, status.merged, status.contains),
    )
