"""Assembles the controller's parts; the only module that uses all of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.changes import COUNT_SECONDS, Changes
from resync_argo.controller.forge.cleanup import Branches, Cleanup
from resync_argo.controller.forge.comments.commands import Comments
from resync_argo.controller.forge.forges import Connect, Forges
from resync_argo.controller.forge.merges import History, MergedPullRequest, Merges
from resync_argo.controller.forge.pull_requests import PullRequests
from resync_argo.controller.forge.records import Records
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.controller.forge.resolutions import ConflictHead, Resolutions
from resync_argo.controller.forge.reviewer import Reviewer
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.controller.kube.api import Kube
from resync_argo.controller.order.limits import Limits
from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.order.reconcile import BranchReconciler
from resync_argo.controller.order.turns import Turns
from resync_argo.controller.plan.mirror_claims import MirrorClaims
from resync_argo.controller.plan.observations import PlanObserver
from resync_argo.controller.plan.permissions import (
    PermissionChecker,
    PermissionQuestion,
    Permissions,
)
from resync_argo.controller.plan.reconcile import PlanReconciler
from resync_argo.controller.plan.template import Templates
from resync_argo.controller.polling.poller import Poller
from resync_argo.controller.polling.request_budget import RequestBudget
from resync_argo.controller.slack.announcer import Announcer
from resync_argo.controller.slack.channels import Channels
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.keys import PlanKey, SyncKey, UpstreamKey
from resync_argo.controller.state.owners import Owners
from resync_argo.controller.sync.access import AccessWatch
from resync_argo.controller.sync.admission import Admission
from resync_argo.controller.sync.aftermath import Aftermath
from resync_argo.controller.sync.base_watch import BaseLook, Bases, BaseWatch
from resync_argo.controller.sync.forge_questions import ForgeQuestions, Reviews
from resync_argo.controller.sync.pod_watch import PodLook, PodLooks, PodWatch
from resync_argo.controller.sync.reconcile import SyncReconciler
from resync_argo.controller.tenancy.opt_in import OptIns, may_work_in
from resync_argo.controller.tenancy.tenants import Tenants
from resync_argo.controller.upstream.reader import UpstreamReader
from resync_argo.controller.upstream.reconcile import UpstreamReconciler
from resync_argo.controller.upstream.tag import TagReconciler
from resync_argo.controller.upstream.upstreams import (
    Demand,
    Shown,
    Upstreams,
)
from resync_argo.controller.workers import Workers
from resync_argo.forge.gate import Gate
from resync_argo.forge.github.requester import PLAIN, CallPolicy
from resync_argo.forge.rehearsal import Rehearsal
from resync_argo.git import Git
from resync_argo.names import sync_name
from resync_argo.settings import Settings
from resync_argo.upstream.candidate import CandidateKey
from resync_argo.upstream.graph import Standing

AnyPoller: TypeAlias = Poller[Any, Any, Any]


@dataclass(frozen=True, kw_only=True)
class Pollers:
    """The pollers that access the network; each has its own threads."""

    opt_ins: OptIns
    upstreams: Poller[UpstreamKey, Demand, Shown]
    reviews: Reviews
    permissions: Poller[PlanKey, PermissionQuestion, Permissions]
    resolutions: Poller[ObjectKey, ConflictHead, str]
    merges: Poller[ObjectKey, MergedPullRequest, History]
    cleanup: Poller[ObjectKey, Branches, Branches]
    pods: PodLooks
    bases: Bases

    def all(self) -> tuple[AnyPoller, ...]:
        """Return every poller."""
        return (
            self.opt_ins,
            self.upstreams,
            self.reviews,
            self.permissions,
            self.resolutions,
            self.merges,
            self.cleanup,
            self.pods,
            self.bases,
        )


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The controller's parts, assembled but not started."""

    cluster: Cluster
    tenants: Tenants
    secrets: Secrets
    forges: Forges
    turns: Turns
    upstreams: Upstreams
    pollers: Pollers
    workers: Workers
    announcer: Announcer
    changes: Changes


@dataclass(frozen=True, kw_only=True)
class _Doors:
    """The connections that leave the cluster."""

    secrets: Secrets
    forges: Forges
    remotes: Remotes
    git: Git
    owners: Owners
    rehearsal: Rehearsal
    gate: Gate


def build(
    kube: Kube,
    settings: Settings,
    connect: Connect,
    folder: Path,
    policy: CallPolicy = PLAIN,
) -> Parts:
    """Assemble the parts.

    Args:
        kube: the API server.
        settings: of the installation.
        connect: connects forges.
        folder: an empty folder of this process, for token files and for git to run in.
        policy: how to treat forges that mint tokens for git; must be that of `connect`.
    """
    cluster = Cluster(kube=kube, settings=settings)
    doors = _doors(cluster, connect, folder, policy)
    ranges = Ranges()
    tenants = Tenants(cluster, lambda namespace: may_work_in(kube, namespace))
    pollers = _pollers(cluster, tenants, doors, ranges)
    upstreams = Upstreams(pollers.upstreams, settings.upstream_poll_seconds)
    turns = Turns(
        cluster.caches,
        ranges,
        is_complete=upstreams.is_complete,
        tell=lambda key, standing: _tell(cluster, key, standing),
        now=cluster.now,
    )
    channels = Channels()
    announcer = Announcer(cluster, doors.secrets, channels, tenants)
    observer = PlanObserver(
        cluster=cluster,
        secrets=doors.secrets,
        templates=Templates(cluster=cluster, claims=MirrorClaims(cluster=cluster)),
        upstreams=upstreams,
        permissions=pollers.permissions,
        channels=channels,
    )
    return Parts(
        cluster=cluster,
        tenants=tenants,
        secrets=doors.secrets,
        forges=doors.forges,
        turns=turns,
        upstreams=upstreams,
        pollers=pollers,
        workers=_workers(cluster, tenants, turns, pollers, observer, doors),
        announcer=announcer,
        changes=Changes(cluster=cluster, turns=turns, announce=announcer.queue.add),
    )


def _doors(cluster: Cluster, connect: Connect, folder: Path, policy: CallPolicy) -> _Doors:
    for part in ("git", "tokens"):
        (folder / part).mkdir(mode=0o700)
    secrets = Secrets(cluster.kube, cluster.clock, folder / "tokens")
    git = Git(directory=folder / "git")
    return _Doors(
        secrets=secrets,
        forges=Forges(secrets, connect),
        remotes=Remotes(secrets, cluster.settings.hosts, policy),
        git=git,
        owners=Owners(cluster.kube, git),
        rehearsal=Rehearsal(folder / "rehearsal"),
        gate=policy.gate or Gate(),
    )


def _pollers(cluster: Cluster, tenants: Tenants, doors: _Doors, ranges: Ranges) -> Pollers:
    queue, clock = cluster.queue, cluster.clock
    forges, remotes = doors.forges, doors.remotes

    def tell_sync(key: ObjectKey) -> None:
        queue.add(SyncKey(key), urgent=True)

    reader = UpstreamReader(git=doors.git, remotes=remotes)
    records = Records(forges=forges, remotes=remotes)
    reviewer = Reviewer(
        forges=forges,
        pull_requests=PullRequests(),
        comments=Comments(clock),
        remotes=remotes,
        owners=doors.owners,
        records=records,
    )
    checker = PermissionChecker(
        forges=forges,
        remotes=remotes,
        rehearsal=doors.rehearsal,
        caches=cluster.caches,
        ranges=ranges,
    )
    resolutions = Resolutions(forges=forges, remotes=remotes)
    merges = Merges(forges=forges, remotes=remotes, records=records)
    cleanup = Cleanup(forges=forges, remotes=remotes, owners=doors.owners)
    budget = RequestBudget(cluster.settings.forge_requests_per_hour, clock)
    few: dict[str, Any] = {"clock": clock, "budget": budget, "threads": 4}
    return Pollers(
        opt_ins=tenants.opt_ins,
        upstreams=Poller(
            "upstreams", reader.look, tell=lambda key: _upstream_read(cluster, key), clock=clock
        ),
        reviews=Poller("reviews", reviewer.look, tell=tell_sync, clock=clock, budget=budget),
        permissions=Poller(
            "permissions",
            checker.look,
            # Warnings may wait, so that one write contains them and a Plan's counts.
            tell=lambda key: queue.add_after(key, COUNT_SECONDS),
            **few,
        ),
        resolutions=Poller("resolutions", resolutions.look, tell=tell_sync, **few),
        merges=Poller("merges", merges.look, tell=tell_sync, **few),
        cleanup=Poller("cleanup", cleanup.look, tell=tell_sync, **few),
        pods=Poller(
            "pods", PodLook(kube=cluster.kube).look, tell=tell_sync, clock=clock, threads=2
        ),
        bases=Poller("bases", BaseLook(forges, remotes, doors.git).look, tell=tell_sync, **few),
    )


def _workers(
    cluster: Cluster,
    tenants: Tenants,
    turns: Turns,
    pollers: Pollers,
    observer: PlanObserver,
    doors: _Doors,
) -> Workers:
    upstreams = observer.upstreams
    aftermath = Aftermath(
        cluster=cluster,
        resolutions=pollers.resolutions,
        merges=pollers.merges,
        cleanup=pollers.cleanup,
    )
    questions = ForgeQuestions(cluster=cluster, reviews=pollers.reviews)
    admission = Admission(
        caches=cluster.caches,
        secrets=doors.secrets,
        limits=_limits(cluster, doors.gate),
        gate=doors.gate,
    )
    return Workers(
        cluster=cluster,
        tenants=tenants,
        plans=PlanReconciler(cluster=cluster, tenants=tenants, turns=turns, observer=observer),
        tags=TagReconciler(cluster=cluster, upstreams=upstreams),
        syncs=SyncReconciler(
            cluster=cluster,
            turns=turns,
            questions=questions,
            aftermath=aftermath,
            admission=admission,
            pods=PodWatch(looks=pollers.pods),
            bases=BaseWatch(looks=pollers.bases, settings=cluster.settings),
            owners=doors.owners,
            access=AccessWatch(
                secrets=doors.secrets,
                check_permissions=lambda plan: pollers.permissions.look_again(PlanKey(plan)),
            ),
        ),
        upstreams=UpstreamReconciler(
            cluster=cluster, tenants=tenants, upstreams=upstreams, turns=turns
        ),
        branches=BranchReconciler(cluster=cluster, turns=turns),
    )


def _limits(cluster: Cluster, gate: Gate) -> Limits:
    return Limits(
        cluster.settings,
        clock=cluster.clock,
        tell=lambda key, seconds: cluster.queue.add_after(SyncKey(key), seconds),
        must_wait=gate.wait_seconds,
        requests_left=gate.requests_left,
    )


def _tell(cluster: Cluster, key: CandidateKey, standing: Standing) -> None:
    """Queue a Sync whose standing changed, and its Plan, which reports the next release."""
    cluster.queue.add_after(PlanKey(key.plan), COUNT_SECONDS)
    name = ObjectKey(key.plan.namespace, sync_name(key.plan.name, key.tag.name))
    if cluster.caches.syncs.get(name) is not None:
        cluster.queue.add(SyncKey(name), urgent=standing.action == "Submit")


def _upstream_read(cluster: Cluster, key: UpstreamKey) -> None:
    """Queue an upstream, and the Plans that report whether it can be read."""
    cluster.queue.add(key)
    for plan in cluster.caches.plans.by("upstream", key):
        cluster.queue.add(PlanKey(plan.metadata.key))
