"""Gathers the inputs of `decide` from the caches, without network access."""

from collections.abc import Iterable
from dataclasses import dataclass

from resync_argo.api.conditions import find
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.contract import Outcome
from resync_argo.controller.order.turns import Turns, is_skip_asked, newest_contained
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.decision.chosen import Chosen
from resync_argo.controller.sync.decision.inputs import Claim, Inputs
from resync_argo.controller.sync.decision.lookups import current_run
from resync_argo.controller.sync.decision.phases import Phase
from resync_argo.names import label_value
from resync_argo.reasons import sections as at
from resync_argo.reasons.plan import GRANTED, NOT_TOLD
from resync_argo.reasons.sync import ABANDONED
from resync_argo.upstream.versions import Version, parse_version, precedence


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A Sync with its Plan and its Tag."""

    sync: Sync
    plan: Plan
    tag: Tag

    @property
    def line(self) -> str:
        """Return the line that names the release's branches."""
        return self.plan.spec.config.line(self.tag.version)


def observe(
    cluster: Cluster, turns: Turns, subject: Subject, phase: Phase, *, is_cleared: bool
) -> Inputs:
    """Return the current facts about a sync.

    Args:
        cluster: the caches and the clock.
        turns: the standings on branches.
        subject: the Sync with its Plan and its Tag.
        phase: the previous phase.
        is_cleared: the branch that people asked to rebuild is deleted.
    """
    plan, tag, sync = subject.plan, subject.tag, subject.sync
    run = current_run(cluster.caches.runs_of(plan, tag), phase)
    return Inputs(
        plan=plan.metadata.name,
        version=tag.version,
        line=subject.line,
        is_of_branch=tag.spec.branch is not None,
        settled=_settled(cluster, subject),
        spec=sync.spec,
        skip=is_skip_asked(sync, tag),
        template_hash=template_hash(cluster, plan),
        opens_pull_request=_opens_pull_request(plan),
        has_forge=plan.spec.config.github is not None,
        standing=turns.standing(plan, tag),
        run=run,
        seen_seconds=_seen_seconds(cluster, sync, run),
        claim=_claim(cluster, turns, subject, run) if run is not None else None,
        contained=_contained(tag, cluster.caches.syncs_of(plan)),
        is_cleared=is_cleared,
        chosen=Chosen.of(plan, tag, sync),
        granted_since=granted_since(plan),
        retry_seconds=cluster.settings.retry_seconds,
        refresh=plan.spec.config.refresh,
        refresh_seconds=cluster.settings.refresh_seconds,
        now=cluster.now(),
    )


def _settled(cluster: Cluster, subject: Subject) -> frozenset[int]:
    """Return the pull requests of a branch's earlier commits that were merged or closed."""
    others = (
        other.status
        for other in cluster.caches.syncs_of(subject.plan)
        if subject.tag.spec.branch is not None and other.spec.tag != subject.tag.metadata.name
    )
    return frozenset(
        it.number
        for it in others
        if it.number is not None and (it.merged or it.reason == ABANDONED)
    )


def _seen_seconds(cluster: Cluster, sync: Sync, run: Run | None) -> float:
    if run is None:
        return 0.0
    seen = f"{run.metadata.uid} {run.suspended_at} {run.finished_at}"
    return cluster.sightings.seconds(sync.metadata.key, seen, cluster.clock())


def granted_since(plan: Plan) -> str | None:
    """Return since when a Plan's credentials have had all permissions; None: some are missing or unknown."""
    found = find(plan.status.conditions, at.PERMISSIONS_GRANTED)
    return found.last_transition_time if found and found.reason in (GRANTED, NOT_TOLD) else None


def template_hash(cluster: Cluster, plan: Plan) -> str | None:
    """Return the hash of a Plan's template; None while the Plan has none."""
    template = cluster.caches.templates.get(plan.metadata.key)
    is_own = template is not None and template.metadata.controller_uid == plan.metadata.uid
    return template.hash if template is not None and is_own else None


def _opens_pull_request(plan: Plan) -> bool:
    actions = (step.action for step in plan.spec.steps)
    return any(action is not None and action.type == "pull-request" for action in actions)


def _contained(tag: Tag, syncs: Iterable[Sync]) -> str | None:
    own, newest = parse_version(tag.version), newest_contained(syncs)
    if newest is None or not isinstance(own, Version):
        return None
    return str(newest) if precedence(newest) >= precedence(own) else None


def _claim(cluster: Cluster, turns: Turns, subject: Subject, run: Run) -> Claim | None:
    """Return a Workflow's claim that the branch contains this release, or a newer one."""
    words = run.report.message.split() if run.report is not None else []
    if run.exit_code != Outcome.ALREADY_SYNCED or not words:
        return None
    tag, plan = subject.tag, subject.plan
    own, claimed = parse_version(tag.version), parse_version(words[0])
    if not isinstance(claimed, Version) or claimed == own:
        return Claim(version=tag.version, commit=tag.spec.commit)
    is_newer = isinstance(own, Version) and precedence(claimed) > precedence(own)
    if not is_newer or not turns.ranges.admits(plan, str(claimed)):
        return Claim(version=str(claimed), commit=None)
    commits = (
        it.spec.commit
        for it in cluster.caches.tags_labelled(plan, label_value(str(claimed)))
        if (it.spec.naming, it.version) == (tag.spec.naming, str(claimed))
    )
    return Claim(version=str(claimed), commit=next(commits, None))
