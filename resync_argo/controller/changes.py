"""From a changed object to the keys that have to be looked at: the only thing that events do.

Each function is called by a cache after a change, quickly and without I/O. A changed status does not
bring its own object back, for it is ours to write; what others have to know of it does. Wired by
`main`.
"""

from collections.abc import Hashable, Iterator, Sequence

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.cache import Change
from resync_argo.controller.order.turns import concerns, is_available, is_ready
from resync_argo.controller.serving.metrics import observe_steps
from resync_argo.controller.state.keys import BranchKey, PlanKey, TagKey, branch_key, upstream_key
from resync_argo.controller.state.objects import Template, identity_of
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.world import World
from resync_argo.names import RETRY_ANNOTATION, SKIP_ANNOTATION, label_value

COUNT_SECONDS = 3.0
"""How long a Plan's counts may lag behind its Tags, so that a burst of changes is one write."""


def watch_changes(world: World) -> None:
    """Connect the caches to the queue."""
    world.caches.plans.on_change = lambda change: plan_changed(world, change)
    world.caches.tags.on_change = lambda change: tag_changed(world, change)
    world.caches.runs.on_change = lambda change: run_changed(world, change)
    world.caches.templates.on_change = lambda change: template_changed(world, change)


def enqueue_all(world: World) -> None:
    """Ask for a pass over everything, upstreams and Plans first; after a start, and now and then."""
    for plan in world.caches.plans.all():
        world.queue.add(PlanKey(plan.metadata.key), urgent=True)
        world.queue.add(upstream_key(plan))
    for run in world.caches.runs.all():
        world.queue.add(PlanKey(run.plan))
    for tag in world.caches.tags.all():
        if world.caches.plans_of(tag):
            world.queue.add(TagKey(tag.metadata.key))
        _announce(world, tag)


def plan_changed(world: World, change: Change[Plan]) -> None:
    """A Plan: itself, its upstream, its branch, and the Tags that it wants or wanted."""
    both = [plan for plan in (change.old, change.new) if plan is not None]
    if _is_asked_for(both):
        world.queue.add(PlanKey(both[0].metadata.key), urgent=True)
    if len({_plan_signature(plan) for plan in both}) < len(both):
        return
    for plan in both:
        _redecide(world, branch_key(plan))
    if _is_asked_for(both):
        for plan in both:
            world.queue.add(upstream_key(plan))
            for tag in _concerned(world, plan):
                world.queue.add(TagKey(tag.metadata.key))
                world.announcements.add(tag.metadata.key)


def tag_changed(world: World, change: Change[Tag]) -> None:
    """A Tag: itself, and where something changed that counts for the order, its branches."""
    both = [tag for tag in (change.old, change.new) if tag is not None]
    tag = both[-1]
    _announce(world, tag)
    plans = [plan for plan in world.caches.plans_of(tag) if concerns(plan, tag)]
    if _is_asked_for(both) and world.caches.plans_of(tag):
        world.queue.add(TagKey(tag.metadata.key))
    if change.new is None:
        for plan in plans:
            world.queue.add(upstream_key(plan))
    elif change.old is not None and _tag_signature(change.old) == _tag_signature(change.new):
        return
    for plan in plans:
        _redecide(world, branch_key(plan))
        world.queue.add_after(PlanKey(plan.metadata.key), COUNT_SECONDS)


def run_changed(world: World, change: Change[Run]) -> None:
    """A Workflow: its Tag, and its Plan and branch where it came, ended or went."""
    both = [run for run in (change.old, change.new) if run is not None]
    run = both[-1]
    if change.old is not None and change.new is not None:
        observe_steps(change.old, change.new)
    plan = world.caches.plans.get(run.plan)
    begun_or_ended = len({each.is_active for each in both}) > 1 or len(both) == 1
    if begun_or_ended and not (change.ours and change.old is None):
        world.queue.add(PlanKey(run.plan))
    if plan is None:
        return
    for tag in _tags_of(world, plan, run):
        world.queue.add(TagKey(tag.metadata.key), urgent=True)
    if begun_or_ended:
        _redecide(world, branch_key(plan))


def template_changed(world: World, change: Change[Template]) -> None:
    """A WorkflowTemplate: its Plan, and the Tags that start over with another template."""
    template = change.new or change.old
    if template is None:
        return
    if not change.ours:
        world.queue.add(PlanKey(template.metadata.key), urgent=True)
    plan = world.caches.plans.get(template.metadata.key)
    if plan is None or (change.old and change.new and change.old.hash == change.new.hash):
        return
    for tag in _concerned(world, plan):
        if any(s.phase in ("Failed", "Conflict", "Pending") for s in tag.status.syncs):
            world.queue.add(TagKey(tag.metadata.key))


def _announce(world: World, tag: Tag) -> None:
    if any(sync.start_time for sync in tag.status.syncs):
        world.announcements.add(tag.metadata.key)


def _is_asked_for(both: Sequence[Plan] | Sequence[Tag]) -> bool:
    """Tell whether people changed something: all but the status."""
    seen = [
        (
            one.metadata.uid,
            one.metadata.generation,
            tuple(sorted(one.metadata.annotations.items())),
            one.metadata.deletion_timestamp,
        )
        for one in both
    ]
    return len(seen) == 1 or seen[0] != seen[1]


def _redecide(world: World, branch: BranchKey) -> None:
    world.board.mark(branch)
    world.queue.add(branch, urgent=True)


def _concerned(world: World, plan: Plan) -> Iterator[Tag]:
    return (tag for tag in world.caches.tags_of(plan) if concerns(plan, tag))


def _tags_of(world: World, plan: Plan, run: Run) -> Iterator[Tag]:
    return (t for t in world.caches.tags_of(plan) if label_value(t.version) == run.version)


def _plan_signature(plan: Plan) -> Hashable:
    return plan.metadata.uid, plan.metadata.generation, is_ready(plan)


def _tag_signature(tag: Tag) -> Hashable:
    """Return all of a Tag that the order of syncs and the counts depend on."""
    annotations = tag.metadata.annotations
    syncs = [(s.plan_uid, s.phase, s.reason, s.number, s.merged) for s in tag.status.syncs]
    asked = annotations.get(RETRY_ANNOTATION), annotations.get(SKIP_ANNOTATION)
    return (
        tag.metadata.uid,
        identity_of(tag),
        asked,
        is_available(tag),
        tuple(s for s in syncs if s[1] != "Pending"),
    )
