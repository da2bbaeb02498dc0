"""Builds the controller and runs it until it is told to end: the composition root.

`run` is what `resync-argo controller` calls; `Controller` can be started and stopped in a test as
well. All replicas watch and answer health checks; only the leader, where one is elected, works.
"""

import signal
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.changes import enqueue_all, watch_changes
from resync_argo.controller.forge.comments import Comments
from resync_argo.controller.forge.forges import Connect, Forges, Remotes, connect_github
from resync_argo.controller.forge.pull_requests import PullRequests
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.controller.kube.api import PLANS, TAGS, WORKFLOW_TEMPLATES, WORKFLOWS, Kube
from resync_argo.controller.kube.informer import Informer
from resync_argo.controller.kube.lease import Election
from resync_argo.controller.kube.queue import Queue
from resync_argo.controller.order.turns import Board
from resync_argo.controller.own_image import with_own_image
from resync_argo.controller.serving.leader_proxy import PATH
from resync_argo.controller.serving.logs import log_to_standard_error
from resync_argo.controller.serving.metrics import register
from resync_argo.controller.serving.web import Application, Server, health, metrics, readiness
from resync_argo.controller.serving.webhooks import Webhooks
from resync_argo.controller.slack.announcer import Announcer
from resync_argo.controller.state.keys import Key, TagKey
from resync_argo.controller.state.objects import Caches, keep_plan, keep_tag, keep_template
from resync_argo.controller.state.workflow import keep_run
from resync_argo.controller.workers import start_workers
from resync_argo.controller.world import World
from resync_argo.errors import ResyncError
from resync_argo.forge.rehearsal import Rehearsal
from resync_argo.git import Git
from resync_argo.names import FIELD_MANAGER, PLAN_UID_LABEL
from resync_argo.settings import Settings

RESYNC_SECONDS = 1800.0
"""How often everything is looked at again, whether it changed or not."""

STOP_SECONDS = 30.0
"""How long what is under way may take to its end; Kubernetes kills the process some seconds later."""


def build_world(kube: Kube, settings: Settings, connect: Connect, folder: Path) -> World:
    """Put the parts together.

    Args:
        kube: the API server.
        settings: of the installation.
        connect: makes forges.
        folder: an empty folder of this process, for token files and for git to run in.
    """
    caches, queue = Caches(), Queue[Key]()
    for part in ("git", "tokens"):
        (folder / part).mkdir(mode=0o700)
    secrets = Secrets(kube, time.monotonic, folder / "tokens")
    return World(
        kube=kube,
        settings=settings,
        caches=caches,
        queue=queue,
        board=Board(
            caches,
            lambda tag, standing: queue.add(TagKey(tag), urgent=standing.action == "Submit"),
        ),
        secrets=secrets,
        forges=Forges(secrets, connect),
        remotes=Remotes(secrets, settings.hosts),
        pull_requests=PullRequests(settings.pull_request_poll_seconds, time.monotonic),
        comments=Comments(),
        git=Git(directory=folder / "git"),
        rehearsal=Rehearsal(folder / "rehearsal"),
        clock=time.monotonic,
    )


class Controller:
    """The informers and workers of one process."""

    def __init__(self, world: World) -> None:
        """Prepare the informers; nothing runs yet."""
        self.world = world
        self._stopping = threading.Event()
        self._workers: list[threading.Thread] = []
        self._announcer = Announcer(world)
        namespace = world.settings.namespace
        kube, caches = world.kube, world.caches
        self._informers = (
            Informer(kube, PLANS, caches.plans, keep_plan, namespace=namespace),
            Informer(kube, TAGS, caches.tags, keep_tag, namespace=namespace),
            Informer(
                kube,
                WORKFLOWS,
                caches.runs,
                keep_run,
                namespace=namespace,
                selector=PLAN_UID_LABEL,
            ),
            Informer(
                kube,
                WORKFLOW_TEMPLATES,
                caches.templates,
                keep_template,
                namespace=namespace,
                selector=PLAN_UID_LABEL,
            ),
        )

    def watch(self) -> None:
        """Start the informers."""
        for informer in self._informers:
            informer.start()

    def work(self) -> None:
        """Wait until all is known, then start the workers."""
        for informer in self._informers:
            while not informer.synced.wait(1.0):
                if self._stopping.is_set():
                    return
        # Not before: whoever only follows would pile up keys that nobody takes.
        watch_changes(self.world)
        enqueue_all(self.world)
        self._workers = start_workers(self.world)
        self._announcer.start()
        threading.Thread(target=self._resync, name="resync", daemon=True).start()

    def stop(self) -> None:
        """End workers and informers; a pass that is under way is finished first."""
        self._stopping.set()
        self.world.queue.close()
        self.world.announcements.close()
        deadline = time.monotonic() + STOP_SECONDS
        for worker in self._workers:
            worker.join(timeout=max(deadline - time.monotonic(), 0.0))
        self._announcer.join(timeout=max(deadline - time.monotonic(), 0.0))
        for informer in self._informers:
            informer.stop()

    def is_working(self) -> bool:
        """Tell whether workers are at work."""
        return any(worker.is_alive() for worker in self._workers)

    def stale(self) -> list[str]:
        """Return the kinds of which we do not know whether what we know is fresh."""
        return [
            informer.resource.plural
            for informer in self._informers
            if not informer.synced.is_set()
            or informer.silent_seconds() > 2 * informer.silence_seconds
        ]

    def _resync(self) -> None:
        while not self._stopping.wait(RESYNC_SECONDS):
            enqueue_all(self.world)


def run(settings: Settings) -> None:
    """Run the controller until SIGTERM or SIGINT.

    Raises:
        ResyncError: there is no cluster to talk to.
    """
    log_to_standard_error()
    kube = Kube.connect(connections=settings.workers + 8)
    election = elected(kube, settings)
    settings = with_own_image(kube, settings)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: ended.set())
    with tempfile.TemporaryDirectory(prefix="resync-") as folder:
        controller = Controller(build_world(kube, settings, connect_github(settings), Path(folder)))
        register(controller.world, controller.is_working)
        # Whoever holds all connections for webhooks must not get us restarted as not alive.
        servers = (
            Server(monitoring(controller), settings.monitoring_listen),
            Server(webhooks(controller, election.leader if election else alone), settings.listen),
        )
        controller.watch()
        lead(controller, election, ended)
        controller.stop()
        for server in servers:
            server.close()


def elected(kube: Kube, settings: Settings) -> Election | None:
    """Return this process as a candidate; None where nobody is elected."""
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
    """Say where another process works, if there is none."""
    return None


def lead(controller: Controller, election: Election | None, ended: threading.Event) -> None:
    """Work until told to end, as the only one if a leader is elected.

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
        # Without waiting for what is under way: another one may be leading already.
        raise ResyncError("The Lease was lost: this process ends, so that only one works.")


def _stop_when(ended: threading.Event, election: Election) -> None:
    ended.wait()
    election.stop()


def monitoring(controller: Controller) -> Application:
    """Return what is served to the cluster: health and metrics."""
    return Application(
        {
            ("GET", "/healthz"): health,
            ("GET", "/readyz"): readiness(controller.stale),
            ("GET", "/metrics"): metrics,
        }
    )


def webhooks(controller: Controller, leader: Callable[[], str | None] = alone) -> Application:
    """Return what is served to the forge; `leader` says where another process works, if one does."""
    return Application({("POST", PATH): Webhooks(controller.world, leader)})
