"""Runs the controller until it is stopped.

`run` is what `resync-argo controller` calls; `Controller` can be started and stopped in a test as
well. All replicas watch and answer health checks; with leader election, only the leader reconciles.
"""

import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.controller.build import Parts, build
from resync_argo.controller.ending import told_to_end
from resync_argo.controller.forge.forges import connect_github
from resync_argo.controller.kube.api import (
    PLANS,
    SYNCS,
    TAGS,
    WORKFLOW_TEMPLATES,
    WORKFLOWS,
    Kube,
)
from resync_argo.controller.kube.informer import Informer
from resync_argo.controller.kube.lease import Election
from resync_argo.controller.own_image import with_own_image
from resync_argo.controller.page.library import Library
from resync_argo.controller.serving.collector import Collector
from resync_argo.controller.serving.logs import log_to_standard_error
from resync_argo.controller.serving.page import PageSite
from resync_argo.controller.serving.web import Application, Server, health, metrics, readiness
from resync_argo.controller.serving.webhooks import PATH, Webhooks
from resync_argo.controller.state.objects import keep_plan, keep_sync, keep_tag, keep_template
from resync_argo.controller.state.workflow import keep_run
from resync_argo.errors import ResyncError
from resync_argo.forge.gate import Gate
from resync_argo.forge.github.requester import CallPolicy
from resync_argo.names import FIELD_MANAGER, PLAN_UID_LABEL
from resync_argo.settings import Settings

RESYNC_SECONDS = 1800.0
"""How often to reconcile everything, changed or not."""

CONNECTIONS = 36
"""Connections to the API server besides the workers': for informers, the Lease, and pollers that read Secrets."""

STOP_SECONDS = 30.0
"""How long running work may take to finish."""


class Controller:
    """The informers, pollers and workers of one process."""

    def __init__(self, parts: Parts) -> None:
        """Prepare the informers; nothing runs yet."""
        self.parts = parts
        self._stopping = threading.Event()
        cluster = parts.cluster
        kube, caches, where = cluster.kube, cluster.caches, cluster.settings.namespace
        ours = PLAN_UID_LABEL
        keep = partial(keep_plan, most_bytes=cluster.settings.max_plan_bytes)
        self._informers = (
            Informer(kube, PLANS, caches.plans, keep, namespace=where),
            Informer(kube, TAGS, caches.tags, keep_tag, namespace=where),
            Informer(kube, SYNCS, caches.syncs, keep_sync, namespace=where),
            Informer(kube, WORKFLOWS, caches.runs, keep_run, namespace=where, selector=ours),
            Informer(
                kube,
                WORKFLOW_TEMPLATES,
                caches.templates,
                keep_template,
                namespace=where,
                selector=ours,
            ),
        )

    def watch(self) -> None:
        """Start the informers."""
        for informer in self._informers:
            informer.start()

    def work(self) -> None:
        """Wait until the caches are complete, then start the pollers and the workers."""
        for informer in self._informers:
            while not informer.synced.wait(1.0):
                if self._stopping.is_set():
                    return
        # Only now: in a follower, keys would pile up, since nobody takes them.
        self.parts.changes.watch()
        self.parts.changes.enqueue_all()
        for poller in self.parts.pollers.all():
            poller.start()
        self.parts.workers.start()
        self.parts.announcer.start()
        threading.Thread(target=self._resync, name="resync", daemon=True).start()

    def stop(self) -> None:
        """Stop everything, once; running reconciles and looks are finished first."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self.parts.cluster.queue.close()
        self.parts.announcer.queue.close()
        for poller in self.parts.pollers.all():
            poller.close()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in self.parts.workers.threads:
            thread.join(timeout=max(deadline - time.monotonic(), 0.0))
        self.parts.announcer.join(timeout=max(deadline - time.monotonic(), 0.0))
        for poller in self.parts.pollers.all():
            poller.join(timeout=max(deadline - time.monotonic(), 0.0))
        for informer in self._informers:
            informer.stop()

    def is_working(self) -> bool:
        """Return whether workers are at work."""
        return self.parts.workers.are_alive()

    def unknown(self) -> list[str]:
        """Return the kinds that have not been read yet."""
        return [it.resource.plural for it in self._informers if not it.synced.is_set()]

    def silent_seconds(self) -> float:
        """Return how long ago the API server last proved that the caches are fresh."""
        return max(informer.silent_seconds() for informer in self._informers)

    def stale(self) -> list[str]:
        """Return the kinds whose cache may be stale."""
        return [
            informer.resource.plural
            for informer in self._informers
            if not informer.synced.is_set()
            or informer.silent_seconds() > 2 * informer.silence_seconds
        ]

    def _resync(self) -> None:
        while not self._stopping.wait(RESYNC_SECONDS):
            self.parts.changes.enqueue_all()


def run(settings: Settings) -> None:
    """Run the controller until SIGTERM or SIGINT.

    Raises:
        ResyncError: no cluster is configured.
    """
    log_to_standard_error()
    kube = Kube.connect(connections=settings.workers + CONNECTIONS)
    election = elected(kube, settings)
    settings = with_own_image(kube, settings)
    ended = told_to_end()
    with tempfile.TemporaryDirectory(prefix="resync-") as folder:
        # All connections share a gate, so that a forge's rate limit applies to every use of the
        # token.
        policy = CallPolicy(gate=Gate())
        connect = connect_github(settings, policy)
        parts = build(kube, settings, connect, Path(folder), policy)
        controller = Controller(parts)
        collector_of(controller).register()
        # Separate servers: clients that hold all of the webhooks' connections must not block health
        # checks, or Kubernetes would restart us.
        servers = (
            Server(monitoring(controller), settings.monitoring_listen),
            Server(webhooks(controller, election.leader if election else alone), settings.listen),
            *pages_of(controller),
        )
        controller.watch()
        lead(controller, election, ended)
        controller.stop()
        for server in servers:
            server.close()


def elected(kube: Kube, settings: Settings) -> Election | None:
    """Return this process as a candidate; None without leader election."""
    if not settings.leader_election_namespace:
        return None
    name = f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"
    host = f"[{settings.pod_ip}]" if ":" in settings.pod_ip else settings.pod_ip
    return Election(
        kube=kube,
        key=ObjectKey(settings.leader_election_namespace, FIELD_MANAGER),
        identity=f"{name}@{host}:{settings.listen.rpartition(':')[2]}" if host else name,
        clock=time.monotonic,
    )


def alone() -> str | None:
    """Return the leader's address, if another process leads."""
    return None


def lead(controller: Controller, election: Election | None, ended: threading.Event) -> None:
    """Work until stopped; with leader election, as the only process.

    Raises:
        ResyncError: the Lease was lost; the process ends, and Kubernetes starts it again.
    """
    if election is None:
        threading.Thread(target=controller.work, name="start", daemon=True).start()
        ended.wait()
        return
    threading.Thread(target=_stop_when, args=(ended, election), daemon=True).start()
    work = threading.Thread(target=controller.work, name="start", daemon=True)
    if not election.run(work.start, controller.stop):
        # Do not wait for running work: another process may be leading already.
        raise ResyncError("The Lease was lost: this process exits, so that only one is active.")


def _stop_when(ended: threading.Event, election: Election) -> None:
    ended.wait()
    election.stop()


def collector_of(controller: Controller) -> Collector:
    """Return the reader of a controller's metrics."""
    parts = controller.parts
    return Collector(
        cluster=parts.cluster,
        upstreams=parts.upstreams,
        forges=parts.forges,
        is_working=controller.is_working,
    )


def monitoring(controller: Controller) -> Application:
    """Return the pages for the cluster: health and metrics."""
    return Application(
        {
            ("GET", "/healthz"): health,
            ("GET", "/readyz"): readiness(controller.stale),
            ("GET", "/metrics"): metrics,
        }
    )


def page(controller: Controller) -> PageSite:
    """Return the pages for people: the state of everything."""
    parts = controller.parts
    cluster, upstreams = parts.cluster, parts.upstreams

    def seconds_since_read(plan: Plan) -> float | None:
        seen = upstreams.seen(plan)
        return cluster.clock() - seen.at if seen is not None else None

    library = Library(
        caches=cluster.caches,
        ranges=parts.turns.ranges,
        now=cluster.now,
        runs_url=cluster.settings.runs_url,
        cluster_seconds=controller.silent_seconds,
        stale=controller.stale,
        upstream_seconds=seconds_since_read,
        reads=controller.is_working,
    )
    return PageSite(library, controller.unknown)


def pages_of(controller: Controller) -> list[Server]:
    """Return the server of the page for people, if an administrator enabled it."""
    listen = controller.parts.cluster.settings.page_listen
    return [Server(page(controller), listen)] if listen else []


def webhooks(controller: Controller, leader: Callable[[], str | None] = alone) -> Application:
    """Return the pages for the forge; `leader` returns the leader's address, if another process leads."""
    parts = controller.parts
    answers = Webhooks(
        parts.cluster,
        parts.secrets,
        look_at_upstream=parts.pollers.upstreams.look_again,
        look_at_review=parts.pollers.reviews.look_again,
        leader=leader,
        is_working=controller.is_working,
    )
    return Application({("POST", PATH): answers})
