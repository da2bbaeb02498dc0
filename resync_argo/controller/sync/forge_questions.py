"""Asks the forge a sync's questions, and executes the commands of people that it finds there."""

from dataclasses import dataclass

from resync_argo.api.meta import Json, ObjectKey
from resync_argo.api.sync import Sync
from resync_argo.controller.forge.access import ForgeAccess, access_of
from resync_argo.controller.forge.comments.commands import Command
from resync_argo.controller.forge.view import ForgeView, Lookups
from resync_argo.controller.kube.api import SYNCS
from resync_argo.controller.polling.poller import Poller
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.objects import keep_sync
from resync_argo.controller.sync.decision.inputs import NOTHING_SEEN
from resync_argo.controller.sync.decision.lookups import interval_of
from resync_argo.controller.sync.decision.phases import Phase
from resync_argo.controller.sync.observe import Subject
from resync_argo.errors import ResyncError

Reviews = Poller[ObjectKey, tuple[ForgeAccess, Lookups], ForgeView]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The current answers of the forge.

    Attributes:
        view: the last look; None: none yet, so nothing may be decided.
        error: why the last look failed.
        command: people's pending request.
    """

    view: ForgeView | None
    error: ResyncError | None = None
    command: Command | None = None


@dataclass(frozen=True, kw_only=True)
class ForgeQuestions:
    """Asks for all Syncs."""

    cluster: Cluster
    reviews: Reviews

    def ask(self, subject: Subject, phase: Phase, lookups: Lookups | None) -> Answer:
        """Return the forge's answers; this may start a look."""
        key = subject.sync.metadata.key
        if lookups is None:
            self.reviews.forget(key)
            return Answer(view=NOTHING_SEEN)
        access = access_of(subject.plan)
        poll_seconds = self.cluster.settings.pull_request_poll_seconds
        every = interval_of(phase, self.cluster.now(), poll_seconds)
        seen = self.reviews.ask(key, (access, lookups), access.lane, every=every)
        if seen is None or seen.error is not None or seen.value is None:
            return Answer(view=None, error=seen.error if seen else None)
        return Answer(view=seen.value, command=seen.value.command)

    def forget(self, key: ObjectKey) -> None:
        """Stop asking for a Sync."""
        self.reviews.forget(key)

    def obey(self, sync: Sync, command: Command) -> None:
        """Write people's request into the Sync's spec; the next reconcile does the rest.

        Raises:
            ResyncError: the API server refuses it, or somebody changed the Sync meanwhile.
        """
        guard = {"resourceVersion": sync.metadata.resource_version}
        change = {"metadata": guard, "spec": wish(sync, command)}
        written = self.cluster.kube.patch(SYNCS, sync.metadata.key, change)
        self.cluster.caches.syncs.put(keep_sync(written))


def wish(sync: Sync, command: Command) -> Json:
    """Return the change of a Sync's spec that executes a command."""
    heard: Json = {"comment": command.comment}
    if command.settings:
        heard["parameters"] = {it.name: it.value or None for it in command.settings}
    match command.verb:
        case None:
            return heard
        case "skip":
            return {"skip": True} | heard
        case "retry":
            return {"skip": False, "retry": sync.status.retry + 1} | heard
        case "rebuild":
            return {"skip": False, "rebuild": sync.status.rebuild + 1} | heard
        case "refresh":
            return {"refresh": sync.status.refresh + 1} | heard
        case "hold" | "unhold":
            return {"hold": command.verb == "hold"} | heard
