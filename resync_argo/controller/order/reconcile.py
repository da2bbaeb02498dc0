"""Reconciles a downstream branch: decides which release is due, and creates its Sync.

A queued release has no Sync, so a long queue costs no writes. A Sync is created for the release
that is due, for one whose Workflow somebody submitted by hand, and for the one that an attempt
found in the branch.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from resync_argo.api.meta import Json, ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import SYNCS
from resync_argo.controller.kube.errors import AlreadyExists, Forbidden
from resync_argo.controller.order.turns import Turns
from resync_argo.controller.state.cluster import Cluster, Outcome
from resync_argo.controller.state.keys import BranchKey, PlanKey, SyncKey
from resync_argo.controller.state.objects import is_of, keep_sync
from resync_argo.errors import ResyncError, Stalled
from resync_argo.names import (
    API_VERSION,
    PLAN_LABEL,
    TAG_LABEL,
    VERSION_LABEL,
    label_value,
    owner_reference,
    sync_name,
)
from resync_argo.reasons.cluster import NOT_OURS, UNREADABLE

MADE_FOR = ("Submit", "Record")
"""Why a release without a Sync gets one."""


@dataclass(frozen=True, kw_only=True)
class BranchReconciler:
    """Reconciles branches."""

    cluster: Cluster
    turns: Turns

    def reconcile(self, key: BranchKey) -> Outcome:
        """Create a branch's missing Syncs; reconcile again when a waiting release is old enough.

        Raises:
            ResyncError: the API server refuses one.
        """
        caches = self.cluster.caches
        plans = caches.plans.by("branch", key)
        if not plans:
            self.turns.forget(key)
            return Outcome()
        due = [
            candidate
            for candidate, standing in self.turns.decide(key).items()
            if standing.action in MADE_FOR
        ]
        errors: list[ResyncError] = []
        for plan in plans:
            tags = [caches.tags.get(it.tag) for it in due if it.plan == plan.metadata.key]
            refused = dict(self._ensure(plan, [*tags, *self._at_work(plan)]))
            if self.cluster.refusals.replace(plan.metadata.key, "Sync", refused):
                self.cluster.queue.add(PlanKey(plan.metadata.key))
            errors += refused.values()
        if errors:
            raise errors[0]
        return Outcome(requeue_after=self.turns.seconds_to_next(key))

    def _ensure(self, plan: Plan, tags: Iterable[Tag | None]) -> Iterator[tuple[str, ResyncError]]:
        """Create a Plan's missing Syncs for Tags; yield the names of refused ones."""
        for tag in tags:
            if tag is None or self.cluster.caches.sync_of(plan, tag) is not None:
                continue
            try:
                self._make(plan, tag)
            except (Stalled, Forbidden) as error:
                yield sync_name(plan.metadata.name, tag.metadata.name), error

    def _at_work(self, plan: Plan) -> Iterator[Tag]:
        """Yield the Tags with a running Workflow of a Plan, whoever submitted it."""
        runs = self.cluster.caches.runs.by("plan", plan.metadata.key)
        versions = {r.version for r in runs if r.is_active and r.plan_uid == plan.metadata.uid}
        for version in versions:
            yield from self.cluster.caches.tags_labelled(plan, version)

    def _make(self, plan: Plan, tag: Tag) -> None:
        manifest = build_sync(plan, tag)
        key = ObjectKey(plan.metadata.namespace, manifest["metadata"]["name"])
        kube, caches = self.cluster.kube, self.cluster.caches
        try:
            made = keep_sync(kube.create(SYNCS, manifest))
        except AlreadyExists:
            found = caches.syncs.unreadable(key)
            if found is not None:
                raise Stalled(
                    UNREADABLE, f"The Sync {key.name} cannot be read: {found.why}"
                ) from None
            made = keep_sync(kube.get(SYNCS, key))
            if (made.spec.plan, made.spec.tag) != (plan.metadata.name, tag.metadata.name):
                raise Stalled(
                    NOT_OURS,
                    f"The Sync {key.name} belongs to the Plan {made.spec.plan}: rename one of the two Plans.",
                ) from None
        caches.syncs.put(made)
        if not is_of(made, plan, tag):
            # It belongs to an earlier Plan or Tag of that name, and will soon be deleted: look again then.
            self.cluster.queue.add(SyncKey(key))


def build_sync(plan: Plan, tag: Tag) -> Json:
    """Return the manifest of a Plan's Sync for a Tag."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Sync",
        "metadata": {
            "namespace": plan.metadata.namespace,
            "name": sync_name(plan.metadata.name, tag.metadata.name),
            "labels": {
                PLAN_LABEL: label_value(plan.metadata.name),
                TAG_LABEL: label_value(tag.metadata.name),
                VERSION_LABEL: label_value(tag.version),
            },
            "ownerReferences": [owner_reference("Plan", plan.metadata.name, plan.metadata.uid)],
        },
        "spec": {"plan": plan.metadata.name, "tag": tag.metadata.name},
    }
