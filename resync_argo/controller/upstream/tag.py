"""Reconciles a Tag: its status mirrors the newest Sync, and reports when upstream moved its tag.

Tags that are unwanted or only queued are not written, so that ten thousand of them cost nothing. A
Tag that a person skips confirms that.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from resync_argo.api import conditions
from resync_argo.api.conditions import Condition, Finding, find
from resync_argo.api.meta import NOT_OBSERVED, ObjectKey
from resync_argo.api.sync import Phase, Sync
from resync_argo.api.tag import Tag, TagStatus
from resync_argo.controller.kube.api import TAGS
from resync_argo.controller.state.cluster import Cluster, Outcome
from resync_argo.controller.state.objects import keep_tag
from resync_argo.controller.upstream.upstreams import GitTags, Upstreams
from resync_argo.reasons import sections as at
from resync_argo.reasons.sync import TAG_GONE, TAG_MOVED
from resync_argo.reasons.turn import NOT_BEGUN

_PROGRESS = (at.RECONCILING, at.STALLED)

MIRRORED = (at.SUCCEEDED, at.CONFLICTED, at.MERGED, *_PROGRESS)
"""The conditions of the newest Sync that a Tag repeats."""

AS_MADE = Condition(
    type=at.SUCCEEDED,
    status="Unknown",
    reason=NOT_BEGUN,
    message="No sync of it has begun; a Plan's `status.next` says which release comes next.",
)
"""The schema's defaults for a Tag that has not been reconciled."""


@dataclass(frozen=True, kw_only=True)
class TagReconciler:
    """Reconciles the status of Tags."""

    cluster: Cluster
    upstreams: Upstreams

    def reconcile(self, key: ObjectKey) -> Outcome:
        """Write a Tag's status, if it differs.

        Raises:
            ResyncError: the API server refused a write.
        """
        tag = self.cluster.caches.tags.get(key)
        if tag is None or tag.metadata.deletion_timestamp:
            return Outcome()
        seen = self.upstreams.tags_seen_by(self.cluster.caches.plans_of(tag))
        status = build_status(tag, self.cluster.caches.syncs_on(tag), seen, self.cluster.now())
        if status != tag.status:
            written = self.cluster.kube.replace_status(
                TAGS, key, status.dump(), resource_version=tag.metadata.resource_version
            )
            self.cluster.caches.tags.put(keep_tag(written), ours=True)
        return Outcome()


def build_status(tag: Tag, syncs: Sequence[Sync], tags: GitTags | None, now: str) -> TagStatus:
    """Return the status of a Tag.

    Args:
        tag: the present Tag.
        syncs: the Syncs of this release.
        tags: the last seen tags of the upstream; None: never seen.
        now: RFC 3339 in UTC.
    """
    newest = max((sync for sync in syncs if sync.status.phase), key=_recency, default=None)
    unchanged = observe_upstream(tag, tags)
    # After a Sync is deleted, its result stays as a record.
    last = newest.status if newest is not None else _record(tag.status)
    mirrored = [
        Condition(type=c.type, status=c.status, reason=c.reason, message=c.message)
        for c in last.conditions
        if c.type in MIRRORED
    ]
    observed = _with_upstream(mirrored, unchanged, last.phase)
    is_silent = not observed and not tag.spec.skip
    if is_silent and newest is None and tag.status.plan is None:
        is_as_made = tag.status.observed_generation == NOT_OBSERVED
        return tag.status if is_as_made else _as_made(now)
    if is_silent and not tag.status.conditions:
        return tag.status
    generation = tag.metadata.generation
    merged = conditions.merge(tag.status.conditions, observed, now, generation=generation)
    return TagStatus(
        observed_generation=generation,
        phase=_phase(tag, newest),
        plan=newest.spec.plan if newest is not None else tag.status.plan,
        pull_request=last.pull_request,
        conditions=tuple(merged),
    )


def _as_made(now: str) -> TagStatus:
    """Return the status of a release that is queued again."""
    said = AS_MADE.model_copy(update={"last_transition_time": now})
    return TagStatus(observed_generation=NOT_OBSERVED, phase="Pending", conditions=(said,))


def _phase(tag: Tag, newest: Sync | None) -> Phase | None:
    """Return the newest Sync's state; if there never was one, whether a person skips the release."""
    if newest is not None:
        return newest.status.phase
    if tag.status.plan is not None:
        return tag.status.phase
    return "Skipped" if tag.spec.skip else "Pending"


def _record(status: TagStatus) -> TagStatus:
    """Return the earlier status, without work that has stopped."""
    gone = (at.RECONCILING,) if status.phase == "Failed" else _PROGRESS
    kept = tuple(c for c in status.conditions if c.type not in gone)
    return status.model_copy(update={"conditions": kept})


def _with_upstream(
    mirrored: list[Condition], unchanged: Condition | None, phase: Phase | None
) -> list[Condition]:
    """Return the conditions; if upstream moved or deleted the tag, a waiting release needs a person."""
    if unchanged is None:
        return mirrored
    if phase in (None, "Pending"):
        mirrored = [c for c in mirrored if c.type not in _PROGRESS]
        mirrored.append(unchanged.repeated_as(at.STALLED))
    return [*mirrored, unchanged]


def observe_upstream(tag: Tag, tags: GitTags | None) -> Condition | None:
    """Compare a Tag with upstream; None if the tag still names the same commit."""
    is_of_branch = tag.spec.branch is not None  # A branch is expected to move.
    if tags is None or tag.spec.ref is None or tag.spec.commit is None or is_of_branch:
        return find(tag.status.conditions, at.UPSTREAM_UNCHANGED)
    there = tags.get(tag.spec.ref.removeprefix("refs/tags/"))
    if there is None:
        finding = Finding(
            status="False",
            reason=TAG_GONE,
            message=f"Upstream has no {tag.spec.ref} any more.",
        )
    elif there.commit != tag.spec.commit:
        finding = Finding(
            status="False",
            reason=TAG_MOVED,
            message=f"Upstream moved {tag.spec.ref} from {tag.spec.commit} to {there.commit}.",
        )
    else:
        return None
    return Condition.of(at.UPSTREAM_UNCHANGED, finding)


def _recency(sync: Sync) -> tuple[str, str]:
    return sync.status.start_time or "", sync.metadata.name
