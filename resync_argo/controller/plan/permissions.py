"""Asks the forge whether a Plan's credentials may do what a sync will need, before one needs it.

Asked when a Plan is otherwise ready and then once a day; sooner where something is missing, so that it
shows when that was mended. A push is rehearsed, since the forge's word is not git's. It is a warning: what
lacks makes the attempt fail with the same words, and where the forge does not tell, nothing is held
against the Plan. Called by `plan`.

Source: GitHub's "Get a repository", "Permissions required for GitHub Apps" and "Scopes for OAuth apps".
"""

from collections.abc import Iterator
from dataclasses import replace

from semver import Version

from resync_argo.api.conditions import Condition
from resync_argo.api.plan import Plan
from resync_argo.controller.forge.forges import fork_secret, github_secret
from resync_argo.controller.order.turns import admits
from resync_argo.controller.world import Verdict, World
from resync_argo.errors import ResyncError, Stalled
from resync_argo.forge.interface import Access
from resync_argo.upstream.versions import parse_version, precedence
from resync_argo.upstream.workflows import changes_workflows

PERMISSIONS_GRANTED = "PermissionsGranted"

DAY_SECONDS = 86400.0
AGAIN_SECONDS = 600.0
"""How soon what was missing, or could not be asked, is asked again."""


NOT_ASKED = Verdict(status="Unknown", reason="NotLookedYet", message="The forge was not asked yet.")


def observe_permissions(world: World, plan: Plan, *, is_ready: bool) -> Condition | None:
    """Return the condition; None for a Plan without credentials.

    Args:
        world: the surroundings.
        plan: the Plan.
        is_ready: everything else about it is well, so the forge may be asked.
    """
    if plan.spec.config.github is None:
        return None
    verdict = _verdict(world, plan, may_ask=is_ready)
    return Condition(
        type=PERMISSIONS_GRANTED,
        status=verdict.status,
        reason=verdict.reason,
        message=verdict.message,
        observed_generation=plan.metadata.generation,
    )


def _verdict(world: World, plan: Plan, *, may_ask: bool) -> Verdict:
    """Return what is known; Plans with the same repositories and credentials share one answer."""
    config = plan.spec.config
    try:
        credentials = world.secrets.credentials(github_secret(plan))
        in_fork = world.secrets.credentials(fork_secret(plan))
    except ResyncError:
        return NOT_ASKED
    downstream = config.downstream
    names = downstream.name, downstream.fork, config.upstream.name
    key = *names, "labels" if _labels(plan) else None, *_reviewers(plan), credentials, in_fork
    known = world.permissions.get(key)
    if may_ask and (known is None or known.until <= world.clock()):
        known = _ask(world, plan)
        world.permissions[key] = known
    return known or NOT_ASKED


def _ask(world: World, plan: Plan) -> Verdict:
    soon = world.clock() + AGAIN_SECONDS
    try:
        target = world.forges.final(plan).access()
        head = _access_to_head(world, plan, target)
        answers = dict(_answers(world, plan, target, head))
        shut_out = _shut_out(world, plan) if head.push else []
    except Stalled as error:
        return Verdict(status="False", reason=error.reason, message=str(error), until=soon)
    except ResyncError as error:
        return Verdict(status="Unknown", reason="Retrying", message=str(error), until=soon)
    lacking = [what for what, granted in answers.items() if granted is False]
    if lacking or shut_out:
        sentences = [f"The credentials lack: {'; '.join(lacking)}."] if lacking else []
        message = " ".join([*sentences, *shut_out])
        return Verdict(status="False", reason="PermissionMissing", message=message, until=soon)
    # The next release may be the first that needs it.
    until = soon if head.workflows is False else world.clock() + DAY_SECONDS
    untold = [what for what, granted in answers.items() if granted is None]
    if untold:
        message = f"The forge does not tell about: {'; '.join(untold)}."
        return Verdict(status="Unknown", reason="NotTold", message=message, until=until)
    message = "The credentials have every permission that a sync needs."
    return Verdict(status="True", reason="Granted", message=message, until=until)


def _access_to_head(world: World, plan: Plan, target: Access) -> Access:
    """Return what may be done where branches are pushed; a push is rehearsed if the forge allows it."""
    access = world.forges.conflict(plan).access() if plan.spec.config.downstream.fork else target
    if access.push is False:
        return access
    try:
        world.rehearsal.push(world.remotes.conflict(plan, fresh=True))
    except Stalled as error:
        if error.reason == "Forbidden":
            return replace(access, push=False)
        raise
    return replace(access, push=True)


def _answers(
    world: World, plan: Plan, target: Access, head: Access
) -> Iterator[tuple[str, bool | None]]:
    """Yield each permission in the words of the forge's settings, and whether it is granted."""
    downstream = plan.spec.config.downstream
    name, head_name = downstream.name, downstream.fork or downstream.name
    yield f"Contents (write) in {head_name}, to push branches", head.push
    yield f"Pull requests (write) in {name}, to open them", target.pull_requests
    if head_name != name:
        yield f"Pull requests (write) in {head_name}, for conflicts", head.pull_requests
        if _labels(plan):
            yield f"Issues (write) in {name}, for labels", target.issues
    yield f"Issues (write) in {head_name}, for labels", head.issues
    yield f"Commit statuses (write) in {head_name}, for what is resolved", head.statuses
    if head.workflows is not False or _changes_workflows(world, plan):
        yield f"Workflows (write) in {head_name}, for changes of .github/workflows", head.workflows


def _shut_out(world: World, plan: Plan) -> list[str]:
    """Return a sentence for each reviewer who may not write to the fork, and so resolve no conflict."""
    fork, forge = plan.spec.config.downstream.fork, world.forges.conflict(plan)
    return [
        f"{user} may not write to {fork}, where conflicts are resolved: add them there."
        for user in _reviewers(plan)
        if not forge.can_write(user)
    ]


def _reviewers(plan: Plan) -> tuple[str, ...]:
    """Return who is asked to resolve conflicts in a fork."""
    config = plan.spec.config
    return config.github.reviewers if config.github and config.downstream.fork else ()


def _labels(plan: Plan) -> bool:
    """Tell whether final pull requests get labels; conflict ones may get one of ours."""
    return plan.spec.config.github is not None and bool(plan.spec.config.github.labels)


def _changes_workflows(world: World, plan: Plan) -> bool:
    """Tell whether upstream changed its workflows since the release that the branch contains.

    The newest release that the Plan wants stands for all that wait.
    """
    known = {
        tag.version: tag.spec.ref for tag in world.caches.tags_of(plan) if tag.spec.ref is not None
    }
    wanted = (parse_version(version) for version in known if admits(plan, version))
    newest = max((v for v in wanted if isinstance(v, Version)), key=precedence, default=None)
    if newest is None:
        return False
    contained = known.get(plan.status.current or "")
    remote = world.remotes.upstream(plan)
    return changes_workflows(remote, contained, known[str(newest)])
