"""One pass over a Plan: its template applied, its conditions and counts told.

The sub-reconcilers run in the order of `PLAN_STEPS`; each looks, acts where something is missing, and
returns one condition. `Ready` sums them up. The status is written once, at the end, and only when
it differs. Workflows that have no business here (of a Plan that is gone, or a second one on the same
branch) are stopped. Called by `workers`.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from semver import Version

from resync_argo.api import conditions
from resync_argo.api.conditions import Condition
from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan, PlanStatus
from resync_argo.api.tag import Sync
from resync_argo.controller.forge.forges import fork_secret, github_secret
from resync_argo.controller.kube.api import PLANS
from resync_argo.controller.kube.events import Event, post_event
from resync_argo.controller.order.turns import wants
from resync_argo.controller.plan.permissions import observe_permissions
from resync_argo.controller.plan.template import ensure_template
from resync_argo.controller.plan.undefined_variables import undefined_variables
from resync_argo.controller.state.keys import branch_key, upstream_key
from resync_argo.controller.state.objects import keep_plan, sync_of
from resync_argo.controller.state.workflow import STOPPED, age_order
from resync_argo.controller.sync import workflow_actions as runs
from resync_argo.controller.sync.inputs import Stop
from resync_argo.controller.world import Outcome, World
from resync_argo.errors import ResyncError, Stalled
from resync_argo.forge.credentials import App
from resync_argo.forge.github_tokens import app_auth
from resync_argo.upstream.graph import ALREADY_SYNCED, BRANCH_BUSY
from resync_argo.upstream.versions import parse_version, precedence

READY = "Ready"
CREDENTIALS_FOUND = "CredentialsFound"
TEMPLATE_APPLIED = "TemplateApplied"
UPSTREAM_REACHABLE = "UpstreamReachable"
VARIABLES_DEFINED = "VariablesDefined"
CHANNEL_REACHABLE = "ChannelReachable"

_RETRIED = (CREDENTIALS_FOUND, TEMPLATE_APPLIED)

CHECK_SECONDS = 600.0
"""How often a Plan is looked at again when nothing changes, for what sends no events: Secrets."""


def reconcile_plan(world: World, key: ObjectKey) -> Outcome:
    """Bring a Plan to where it should be.

    Raises:
        ResyncError: the API server refused a write.
    """
    plan = world.caches.plans.get(key)
    _stop_orphans(world, key, plan)
    if plan is None or plan.metadata.deletion_timestamp:
        return Outcome()
    _stop_latecomers(world, plan)
    observed = [_condition(world, plan, step) for step in PLAN_STEPS]
    ready = _ready(plan, observed)
    granted = observe_permissions(world, plan, is_ready=ready.status == "True")
    warnings = (observe_texts(plan), observe_channel(world, plan), granted)
    observed += [ready, *(c for c in warnings if c is not None)]
    _write(world, plan, _status(world, plan, observed))
    # An upstream has its own back-off, and a text waits for a person.
    failing = any(c.status == "False" for c in observed if c.type in _RETRIED)
    return Outcome(requeue_after=None if failing else CHECK_SECONDS, failing=failing)


def observe_credentials(world: World, plan: Plan) -> Condition:
    """Look whether the Secrets that the Plan names are there, with the keys that are needed."""
    config = plan.spec.config
    if config.github is not None:
        for key in dict.fromkeys((github_secret(plan), fork_secret(plan))):
            credentials = world.secrets.credentials(key)
            if isinstance(credentials, App):
                app_auth(credentials, where=f"Secret {key.name}")
    if config.slack is not None:
        name = config.slack.credentials.secret_selector
        if not world.secrets.data(ObjectKey(plan.metadata.namespace, name)).get("token"):
            raise Stalled("SecretKeyMissing", f"Secret {name} needs the key `token`, for Slack.")
    return _true(plan, CREDENTIALS_FOUND, "Found", "Every Secret has the keys that are needed.")


def apply_template(world: World, plan: Plan) -> Condition:
    """Compile the Plan and apply its WorkflowTemplate, if it is not there as it should be."""
    ensure_template(world, plan)
    message = f"WorkflowTemplate {plan.metadata.name} is what this Plan compiles to."
    return _true(plan, TEMPLATE_APPLIED, "Applied", message)


def observe_upstream(world: World, plan: Plan) -> Condition:
    """Tell what the last look at the upstream showed; right after a start, what was told before."""
    view = world.upstreams.get(upstream_key(plan))
    if view is not None and view.error:
        raise Stalled("Unreachable", view.error)
    if view is not None:
        return _true(plan, UPSTREAM_REACHABLE, "Reached", "The upstream's tags can be read.")
    told = next((c for c in plan.status.conditions if c.type == UPSTREAM_REACHABLE), None)
    if told is not None and told.observed_generation == plan.metadata.generation:
        return told
    return Condition(
        type=UPSTREAM_REACHABLE,
        status="Unknown",
        reason="NotLookedYet",
        message="The upstream was not asked yet.",
        observed_generation=plan.metadata.generation,
    )


def observe_texts(plan: Plan) -> Condition:
    """Warn of variables that a title, a body or a message uses and nothing sets."""
    missing = undefined_variables(plan)
    if not missing:
        return _true(plan, VARIABLES_DEFINED, "Defined", "Every variable in the texts is set.")
    return Condition(
        type=VARIABLES_DEFINED,
        status="False",
        reason="UndefinedVariable",
        message=f"`config.env` does not set {', '.join(missing)}: the action that uses it will fail.",
        observed_generation=plan.metadata.generation,
    )


def observe_channel(world: World, plan: Plan) -> Condition | None:
    """Tell how the last message to the Plan's channel fared; None where it names no channel."""
    slack = plan.spec.config.slack
    if slack is None or slack.channel is None:
        return None
    told = next((c for c in plan.status.conditions if c.type == CHANNEL_REACHABLE), None)
    verdict = world.channels.get(plan.metadata.uid)
    if verdict is None and told is not None:
        return told
    return Condition(
        type=CHANNEL_REACHABLE,
        status=verdict.status if verdict else "Unknown",
        reason=verdict.reason if verdict else "NothingPostedYet",
        message=verdict.message if verdict else "Nothing had to be told yet.",
        observed_generation=plan.metadata.generation,
    )


Step = Callable[[World, Plan], Condition]

PLAN_STEPS: dict[str, Step] = {
    CREDENTIALS_FOUND: observe_credentials,
    TEMPLATE_APPLIED: apply_template,
    UPSTREAM_REACHABLE: observe_upstream,
}


def _condition(world: World, plan: Plan, name: str) -> Condition:
    """Run one step; what it raises becomes its condition, so that the other steps still run."""
    try:
        return PLAN_STEPS[name](world, plan)
    except ResyncError as error:
        return Condition(
            type=name,
            status="False",
            reason=error.reason if isinstance(error, Stalled) else "Retrying",
            message=str(error),
            observed_generation=plan.metadata.generation,
        )


def _true(plan: Plan, kind: str, reason: str, message: str) -> Condition:
    generation = plan.metadata.generation
    return Condition(
        type=kind, status="True", reason=reason, message=message, observed_generation=generation
    )


def _ready(plan: Plan, observed: list[Condition]) -> Condition:
    for status in ("False", "Unknown"):
        lacking = next((c for c in observed if c.status == status), None)
        if lacking is not None:
            return lacking.model_copy(update={"type": READY})
    if plan.spec.suspend:
        return _true(plan, READY, "Suspended", "The Plan is suspended: no new sync starts.")
    return _true(plan, READY, "Ready", "New releases are synced as they come.")


def _status(world: World, plan: Plan, observed: list[Condition]) -> PlanStatus:
    tags = [tag for tag in world.caches.tags_of(plan) if wants(plan, tag)]
    syncs = [(tag.version, sync_of(tag, plan)) for tag in tags]
    reviewed = sum(1 for _, sync in syncs if sync and _waits_for_review(sync))
    phases = Counter(sync.phase if sync else "Pending" for _, sync in syncs)
    return PlanStatus(
        observed_generation=plan.metadata.generation,
        conditions=tuple(conditions.merge(plan.status.conditions, observed, world.now())),
        pending=phases["Pending"],
        running=phases["Running"],
        waiting=phases["Conflict"] + reviewed,
        finished=phases["Finished"] - reviewed,
        failed=phases["Failed"],
        current=_newest(version for version, sync in syncs if sync and _is_contained(sync)),
        latest=_newest(version for version, _ in syncs),
    )


def _waits_for_review(sync: Sync) -> bool:
    return sync.phase == "Finished" and sync.number is not None and not sync.merged


def _is_contained(sync: Sync) -> bool:
    return sync.phase == "Finished" and (bool(sync.merged) or sync.reason == ALREADY_SYNCED)


def _newest(versions: Iterable[str]) -> str | None:
    parsed = [v for text in versions if isinstance(v := parse_version(text), Version)]
    return str(max(parsed, key=precedence)) if parsed else None


def _write(world: World, plan: Plan, status: PlanStatus) -> None:
    if status == plan.status:
        return
    written = world.kube.replace_status(
        PLANS,
        plan.metadata.key,
        status.dump(),
        resource_version=plan.metadata.resource_version,
    )
    world.caches.plans.put(keep_plan(written), ours=True)
    _tell(world, plan, status)


def _tell(world: World, plan: Plan, status: PlanStatus) -> None:
    """Post an Event when the Plan became ready, or stopped being so for another reason."""
    before, after = (
        next((c for c in each if c.type == READY), None)
        for each in (plan.status.conditions, status.conditions)
    )
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
    post_event(world.kube, "Plan", plan.metadata, event, world.now())


def _stop_orphans(world: World, key: ObjectKey, plan: Plan | None) -> None:
    for run in world.caches.runs.by("plan", key):
        if run.is_active and (plan is None or run.plan_uid != plan.metadata.uid):
            message = f"Plan {key.name} was deleted."
            runs.stop(world, Stop(run=run, reason=STOPPED, message=message))


def _stop_latecomers(world: World, plan: Plan) -> None:
    """Let the oldest Workflow of a branch go on; stop this Plan's other ones."""
    active = [
        run
        for other in world.caches.plans.by("branch", branch_key(plan))
        for run in world.caches.runs.by("plan", other.metadata.key)
        if run.is_active and run.plan_uid == other.metadata.uid
    ]
    for run in sorted(active, key=age_order)[1:]:
        if run.plan_uid == plan.metadata.uid:
            message = "An older Workflow is at work on the same branch."
            runs.stop(world, Stop(run=run, reason=BRANCH_BUSY, message=message))
