"""A Tag's status and Events from where each Plan stands with it; no I/O.

`phase`, `plan` and `pullRequest` mirror the newest sync. The conditions: `Succeeded` sums it up,
`Conflicted` while people are asked, `Merged` for the final pull request, `UpstreamUnchanged` as last
seen, `ForgeReachable` only while a Plan's forge cannot be asked. Called by `tag`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from resync_argo.api import conditions
from resync_argo.api.conditions import Condition, Status
from resync_argo.api.tag import Sync, Tag, TagStatus
from resync_argo.controller.kube.events import Event
from resync_argo.controller.order.turns import UPSTREAM_UNCHANGED
from resync_argo.controller.world import UpstreamView, World

SUCCEEDED = "Succeeded"
CONFLICTED = "Conflicted"
MERGED = "Merged"
FORGE_REACHABLE = "ForgeReachable"


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Why a Plan's sync could not be looked at."""

    plan: str
    reason: str
    message: str


def build_status(
    world: World, tag: Tag, syncs: Sequence[Sync], troubles: Sequence[Trouble]
) -> TagStatus:
    """Return the status of a Tag; that of a Tag which no Plan wants stays as it is."""
    unchanged = observe_upstream(tag, _view(world, tag))
    if not syncs and not troubles and not tag.status.syncs and unchanged is None:
        return tag.status
    newest = max(syncs, key=_recency) if syncs else None
    observed = [*_conditions(newest), *_troubled(troubles)]
    generation = tag.metadata.generation
    observed = [c.model_copy(update={"observed_generation": generation}) for c in observed]
    if unchanged is not None:
        observed.append(unchanged)
    return TagStatus(
        observed_generation=generation,
        phase=newest.phase if newest else None,
        plan=newest.plan if newest else None,
        pull_request=newest.pull_request if newest else None,
        conditions=tuple(conditions.merge(tag.status.conditions, observed, world.now())),
        syncs=tuple(syncs),
    )


def observe_upstream(tag: Tag, view: UpstreamView | None) -> Condition | None:
    """Compare a Tag with what upstream shows; what was told before stays until it was looked at."""
    told = next((c for c in tag.status.conditions if c.type == UPSTREAM_UNCHANGED), None)
    if view is None or tag.spec.ref is None or tag.spec.commit is None:
        return told
    there = view.tags.get(tag.spec.ref.removeprefix("refs/tags/"))
    status: Status = "False"
    if there is None:
        reason, message = "TagGone", f"Upstream has no {tag.spec.ref} any more."
    elif there.commit != tag.spec.commit:
        reason = "TagMoved"
        message = f"Upstream moved {tag.spec.ref} from {tag.spec.commit} to {there.commit}."
    else:
        status, reason, message = "True", "Unchanged", "Upstream has it where it was first seen."
    return Condition(
        type=UPSTREAM_UNCHANGED,
        status=status,
        reason=reason,
        message=message,
        observed_generation=tag.metadata.generation,
    )


def events_of(old: TagStatus, new: TagStatus) -> Iterator[Event]:
    """Return an Event for each sync that changed its phase, but for those that never began."""
    before = {sync.plan_uid: sync for sync in old.syncs}
    for sync in new.syncs:
        was = before.get(sync.plan_uid)
        if (was.phase if was else None) == sync.phase:
            continue
        if was is None and sync.phase in ("Pending", "Skipped"):
            continue
        yield Event(
            type="Warning" if sync.phase in ("Failed", "Conflict") else "Normal",
            reason=f"Sync{sync.phase}",
            note=f"Plan {sync.plan}: {sync.message or sync.reason}",
            occasion=f"{sync.plan_uid} {sync.retry} {sync.attempt} {sync.workflow} {sync.reason}",
        )


def _view(world: World, tag: Tag) -> UpstreamView | None:
    place = tag.metadata.namespace, tag.spec.repository
    views = [
        view
        for key, view in list(world.upstreams.items())
        if (key.namespace, key.repository) == place and view.looked_at is not None
    ]
    return max(views, key=lambda view: (not view.error, view.looked_at), default=None)


def _recency(sync: Sync) -> tuple[str, str]:
    return sync.start_time or "", sync.plan


def _conditions(newest: Sync | None) -> Iterator[Condition]:
    if newest is None:
        return
    phase, reason = newest.phase, newest.reason or newest.phase
    succeeded: Status = "Unknown"
    if phase in ("Finished", "Failed", "Skipped"):
        succeeded = "True" if phase == "Finished" else "False"
    yield Condition(type=SUCCEEDED, status=succeeded, reason=reason, message=newest.message)
    waiting = phase == "Conflict"
    yield Condition(
        type=CONFLICTED,
        status="True" if waiting else "False",
        reason=reason if waiting else "NoConflict",
        message=newest.message if waiting else "",
    )
    if newest.pull_request is not None:
        yield Condition(
            type=MERGED,
            status="True" if newest.merged else "False",
            reason=reason,
            message=newest.message,
        )


def _troubled(troubles: Sequence[Trouble]) -> Iterator[Condition]:
    if troubles:
        yield Condition(
            type=FORGE_REACHABLE,
            status="False",
            reason=troubles[0].reason,
            message="; ".join(f"Plan {t.plan}: {t.message}" for t in troubles),
        )
