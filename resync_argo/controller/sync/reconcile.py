"""One pass over a Tag: where each Plan that wants it stands, acted upon and told.

For each Plan: look at the Workflow and at the pull requests that `advance` asks for, let it say where
the sync stands and what to do, do that, and write the status once, at the end, if it differs. One
Plan's trouble with its forge is told in a condition and does not hold up the others. Called by
`workers`.
"""

import math
from dataclasses import dataclass

from resync_argo.api.conditions import shorten
from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Sync, Tag
from resync_argo.controller.forge.cleanup import make_way, tidy_up
from resync_argo.controller.forge.containment import newest_contained
from resync_argo.controller.forge.merges import observe_merge
from resync_argo.controller.forge.resolutions import show_resolution
from resync_argo.controller.forge.view import look
from resync_argo.controller.kube.api import TAGS
from resync_argo.controller.kube.errors import Conflict, NotFound
from resync_argo.controller.kube.events import post_event
from resync_argo.controller.order.turns import concerns
from resync_argo.controller.requests import rebuild_wanted, request_of, skip_wanted
from resync_argo.controller.state.keys import branch_key
from resync_argo.controller.state.objects import keep_tag, sync_of
from resync_argo.controller.sync import workflow_actions as runs
from resync_argo.controller.sync.decide import advance
from resync_argo.controller.sync.inputs import Act, Explain, Observation, Resume, Step, Stop, Submit
from resync_argo.controller.sync.lookups import (
    ABANDONED,
    current_run,
    intervals_for,
    is_blocked,
    wanted,
)
from resync_argo.controller.sync.phases import CHECKING_OUTCOME
from resync_argo.controller.sync.status import Trouble, build_status, events_of
from resync_argo.controller.world import Outcome, World
from resync_argo.errors import ResyncError, Stalled, patience_of
from resync_argo.names import sync_branch


@dataclass(frozen=True, kw_only=True)
class _Result:
    """Where one Plan stands after this pass, and when to look again.

    `failing`: less and less often, and not before `patience` seconds have passed.
    """

    sync: Sync | None
    look_after: float | None = None
    trouble: Trouble | None = None
    failing: bool = False
    patience: float = 0.0


def reconcile_tag(world: World, key: ObjectKey) -> Outcome:
    """Bring a Tag to where it should be for each Plan that wants it.

    Raises:
        ResyncError: the API server refused a write.
    """
    tag = world.caches.tags.get(key)
    if tag is None or tag.metadata.deletion_timestamp:
        return Outcome()
    results = [_guarded(world, tag, plan) for plan in _concerned(world, tag)]
    syncs = [result.sync for result in results if result.sync is not None]
    troubles = [result.trouble for result in results if result.trouble is not None]
    status = build_status(world, tag, _with_records(tag, syncs), troubles)
    if status != tag.status:
        written = world.kube.replace_status(
            TAGS, key, status.dump(), resource_version=tag.metadata.resource_version
        )
        world.caches.tags.put(keep_tag(written), ours=True)
        for event in events_of(tag.status, status):
            post_event(world.kube, "Tag", tag.metadata, event, world.now())
    waits = [result.look_after for result in results if result.look_after is not None]
    failing = [result.patience for result in results if result.failing]
    return Outcome(
        requeue_after=min(waits, default=None),
        failing=bool(failing),
        patience=min(failing, default=0.0),
    )


def _concerned(world: World, tag: Tag) -> list[Plan]:
    """Return the Plans that want the Tag, and those that did and have something under way."""
    return [
        plan
        for plan in world.caches.plans_of(tag)
        if not plan.metadata.deletion_timestamp and concerns(plan, tag)
    ]


def _with_records(tag: Tag, syncs: list[Sync]) -> list[Sync]:
    """Add what is finished of Plans that are gone: it stays as a record."""
    present = {sync.plan for sync in syncs}
    kept = [s for s in tag.status.syncs if s.plan not in present and s.phase == "Finished"]
    return sorted([*kept, *syncs], key=lambda sync: sync.plan)


def _guarded(world: World, tag: Tag, plan: Plan) -> _Result:
    try:
        return _reconcile_sync(world, tag, plan)
    except (Conflict, NotFound):
        raise  # somebody was faster: nobody's trouble, but a reason to look again
    except ResyncError as error:
        trouble = _trouble(plan, error)
        sync = _troubled(sync_of(tag, plan), plan, trouble)
        return _Result(sync=sync, trouble=trouble, failing=True, patience=patience_of(error))


def _trouble(plan: Plan, error: ResyncError) -> Trouble:
    reason = error.reason if isinstance(error, Stalled) else "Retrying"
    return Trouble(plan=plan.metadata.name, reason=reason, message=str(error))


def _troubled(old: Sync | None, plan: Plan, trouble: Trouble) -> Sync:
    """Return the entry as it was; one that waits for its turn says what keeps it from starting."""
    if old is not None and old.phase != "Pending":
        return old
    pending = old or Sync(plan=plan.metadata.name, plan_uid=plan.metadata.uid, phase="Pending")
    told = {"reason": trouble.reason, "message": shorten(trouble.message)}
    return pending.model_copy(update=told)


def _reconcile_sync(world: World, tag: Tag, plan: Plan) -> _Result:
    old = sync_of(tag, plan)
    seen = _observe(world, tag, plan, old)
    want = wanted(old, seen)
    seen = look(world, tag, plan, seen, want)
    step = advance(old, seen)
    if isinstance(step.act, Submit):
        sync = _submit(world, tag, plan, old, step)
    else:
        sync = step.sync
        if step.act is not None:
            _act(world, step.act)
        if sync.merged and not (old and old.merged):
            sync = observe_merge(world, plan, tag, sync, seen.final)
        tidy_up(world, plan, tag, old, sync)
    unshown = show_resolution(world, plan, seen.conflict, seen.run)
    trouble = _trouble(plan, unshown) if unshown else None
    return _Result(sync=sync, look_after=_look_after(world, sync), trouble=trouble)


def _observe(world: World, tag: Tag, plan: Plan, old: Sync | None) -> Observation:
    template = world.caches.templates.get(plan.metadata.key)
    owned = template is not None and template.owner == plan.metadata.uid
    run = current_run(world.caches.runs_of(plan, tag), old)
    return Observation(
        plan=plan.metadata.name,
        plan_uid=plan.metadata.uid,
        version=tag.version,
        template_hash=template.hash if template is not None and owned else None,
        opens_pull_request=any(
            step.action is not None and step.action.type == "pull-request"
            for step in plan.spec.steps
        ),
        standing=world.board.standing(plan, tag),
        run=run,
        contained=newest_contained(world, plan, tag),
        proven=run is not None and run.metadata.uid in world.proven,
        retry_token=request_of(tag, plan.metadata.name),
        skip=skip_wanted(tag, plan.metadata.name),
        now=world.now(),
    )


def _submit(world: World, tag: Tag, plan: Plan, old: Sync | None, step: Step) -> Sync | None:
    """Create the Workflow, if it is still this Tag's turn once no other pass can submit."""
    branch = branch_key(plan)
    template = world.caches.templates.get(plan.metadata.key)
    with world.board.lock(branch):
        world.board.mark(branch)
        turn = world.board.standing(plan, tag).action == "Submit"
        if not turn or template is None or not isinstance(step.act, Submit):
            return old
        try:
            if rebuild_wanted(tag, old):
                make_way(world, plan, tag)
            run = runs.submit(world, plan, tag, template, step.act)
        except Stalled as error:
            waiting = {"phase": "Pending", "reason": error.reason, "message": str(error)}
            return (old or step.sync).model_copy(update=waiting)
        finally:
            world.board.mark(branch)
    world.pull_requests.forget_branch(
        plan.spec.config.downstream.name, sync_branch(plan.metadata.name, tag.version)
    )
    made = {"workflow": run.metadata.name, "template_hash": template.hash}
    return step.sync.model_copy(update=made)


def _act(world: World, act: Act) -> None:
    match act:
        case Stop():
            runs.stop(world, act)
        case Resume():
            runs.resume(world, act)
        case Explain():
            runs.explain(world, act)
        case Submit():
            raise AssertionError("submitting needs the branch's lock")


def _look_after(world: World, sync: Sync | None) -> float | None:
    """Return the seconds until the forge should be asked again; None when nobody waits for it."""
    interval = world.pull_requests.poll_seconds
    if sync is None:
        return None
    waits_for_review = sync.phase == "Finished" and sync.number and not sync.merged
    is_unseen = sync.phase == "Running" and sync.reason == CHECKING_OUTCOME
    if sync.phase == "Conflict" or waits_for_review or is_blocked(sync) or is_unseen:
        return interval
    if sync.phase == "Skipped" and sync.reason == ABANDONED:
        wait = interval * intervals_for(sync, world.now())
        return wait if math.isfinite(wait) else None
    return None
