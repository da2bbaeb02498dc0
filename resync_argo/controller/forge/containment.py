"""Checks with the forge what a Workflow says of the branch: that it contains a release already.

Steps run beside the container whose exit code is the outcome, and a hostile one can forge it: a
release would be left out, and every older one with it. So such a claim counts once the forge has shown
that the release's commit is in the branch's history, and is remembered by the Workflow's uid. Called
by `tag`.
"""

from semver import Version

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.contract import Outcome
from resync_argo.controller.order.turns import admits
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.world import World
from resync_argo.upstream.versions import parse_version


def newest_contained(world: World, plan: Plan, tag: Tag) -> str | None:
    """Return the newest release that attempts found in a Plan's branch, unless a Tag's is newer still."""
    own = parse_version(tag.version)
    found = [
        version
        for run in world.caches.runs.by("plan", plan.metadata.key)
        if run.metadata.uid in world.proven and run.plan_uid == plan.metadata.uid
        if (version := _claimed(run)) is not None
    ]
    newest = max(found, default=None)
    return (
        str(newest) if newest is not None and isinstance(own, Version) and newest >= own else None
    )


def prove(world: World, plan: Plan, tag: Tag, run: Run) -> bool:
    """Tell whether the branch contains what the Workflow of a Tag says it does.

    Raises:
        ResyncError: the forge cannot be asked.
    """
    commit = _commit_to_find(world, plan, tag, run)
    if commit is None:
        return False
    # A Plan without credentials publishes nothing: there is nobody to ask, and nothing to gain.
    is_contained = plan.spec.config.github is None or world.forges.final(plan).contains(
        plan.spec.config.downstream.branch, commit
    )
    if is_contained:
        world.proven.add(run.metadata.uid)
    return is_contained


def _commit_to_find(world: World, plan: Plan, tag: Tag, run: Run) -> str | None:
    """Return the commit of the release that is said to be there, if it would make this one needless."""
    own, claimed = parse_version(tag.version), _claimed(run)
    if claimed is None or claimed == own:
        return tag.spec.commit
    if not isinstance(own, Version) or claimed < own or not admits(plan, str(claimed)):
        return None
    identity = tag.metadata.namespace, tag.spec.repository, tag.spec.tag_prefix, str(claimed)
    return next((it.spec.commit for it in world.caches.tags.by("identity", identity)), None)


def _claimed(run: Run) -> Version | None:
    """Return the release that a Workflow names as contained; None: it means its own."""
    words = run.report.message.split() if run.report is not None else []
    if run.exit_code != Outcome.ALREADY_SYNCED or not words:
        return None
    version = parse_version(words[0])
    return version if isinstance(version, Version) else None
