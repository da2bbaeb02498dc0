"""Posts the messages from `announcements`: one Slack thread per Sync, recorded in its status.

It runs in its own thread, with its own queue, so that a slow, unavailable or rate-limiting Slack
blocks nothing else. A message is posted first and then recorded in the status. Until then it is
kept in memory, so that only a crash between the two can post it twice. The Plan's condition
`ChannelReachable` shows Slack's refusals.
"""

import logging
import threading
from dataclasses import dataclass

from cachetools import TLRUCache

from resync_argo.api.conditions import Finding
from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync, SyncStatus, Thread
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.controller.kube.api import SYNCS
from resync_argo.controller.kube.errors import ChangedMeanwhile, NotFound
from resync_argo.controller.kube.queue import Queue
from resync_argo.controller.log_context import about
from resync_argo.controller.serving.metrics import MESSAGES
from resync_argo.controller.slack.announcements import due, remember
from resync_argo.controller.slack.channels import Channels
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.keys import PlanKey, SyncKey, shown
from resync_argo.controller.state.objects import keep_sync
from resync_argo.controller.tenancy.tenants import Tenants
from resync_argo.errors import ResyncError, Stalled, Transient, requested_wait
from resync_argo.notify import messages
from resync_argo.notify.interface import Message, Notifier
from resync_argo.notify.slack_secret import notifier_of
from resync_argo.reasons.chat import POSTED

LOG = logging.getLogger(__name__)


UNKNOWN_SECONDS = 1.0
"""How soon to check a Sync again while it is unknown whether its namespace has opted in."""

OUT_SECONDS = 600.0
"""The same if it has not."""

MAX_SECRETS = 10_000
"""For how many Secrets to remember Slack's requested wait, each until it is over."""


@dataclass(frozen=True, kw_only=True)
class _Channel:
    """A Plan's channel, and the Secret for posting."""

    name: str
    secret: ObjectKey


class Announcer:
    """Posts to Slack; one per process, used by its own thread alone."""

    def __init__(
        self, cluster: Cluster, secrets: Secrets, channels: Channels, tenants: Tenants
    ) -> None:
        """Start with no unsaved messages."""
        self.queue: Queue[ObjectKey] = Queue(group_of=lambda key: key.namespace)
        self._cluster = cluster
        self._secrets = secrets
        self._channels = channels
        self._tenants = tenants
        self._unwritten: dict[ObjectKey, Thread] = {}
        self._owed: set[ObjectKey] = set()
        self._waits: TLRUCache[ObjectKey, float] = TLRUCache(
            MAX_SECRETS, ttu=lambda _secret, until, _now: until, timer=cluster.clock
        )
        self._thread = threading.Thread(target=self._work, name="announcer", daemon=True)

    def start(self) -> None:
        """Start to process the queue; this ends when the queue is closed."""
        self._thread.start()

    def join(self, timeout: float) -> None:
        """Wait until the current message is posted and recorded, if the thread ever started."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _work(self) -> None:
        while (key := self.queue.take()) is not None:
            try:
                with about(shown(SyncKey(key)), key.namespace):
                    self._process(key)
            finally:
                self.queue.done(key)

    def _process(self, key: ObjectKey) -> None:
        queue = self.queue
        try:
            wait = self._announce(key)
        except (ChangedMeanwhile, NotFound):
            queue.retry(key)
        except ResyncError as error:
            again = queue.retry(key, at_least=requested_wait(error))
            LOG.warning("%s (again in %.0f s)", error, again)
        except Exception:
            queue.retry(key)
            LOG.exception("a bug in this program")
        else:
            queue.succeeded(key)
            if wait:
                queue.add_after(key, wait)

    def _announce(self, key: ObjectKey) -> float:
        """Post the due messages about a Sync; return the seconds until the next check.

        Raises:
            ResyncError: Slack or the API server refuses; earlier messages are recorded.
        """
        sync = self._cluster.caches.syncs.get(key)
        if sync is None or sync.metadata.deletion_timestamp:
            self._unwritten.pop(key, None)
            self._owed.discard(key)
            return 0.0
        has_opted_in = self._tenants.has_opted_in(key.namespace)
        if not has_opted_in:
            return UNKNOWN_SECONDS if has_opted_in is None else OUT_SECONDS
        plan = self._cluster.caches.plans.get(ObjectKey(key.namespace, sync.spec.plan))
        is_its_own = plan is not None and plan.metadata.uid == sync.metadata.controller_uid
        channel = _channel_of(plan) if plan is not None and is_its_own else None
        if plan is None or channel is None:
            return 0.0
        status = sync.status.with_thread(self._unwritten.get(key, sync.status.thread))
        thread, wait = self._tell(plan, sync, status, channel)
        self._note(sync, thread)
        return wait

    def _tell(
        self, plan: Plan, sync: Sync, status: SyncStatus, channel: _Channel
    ) -> tuple[Thread | None, float]:
        """Return the record of a sync's messages, and how long Slack asks us to wait."""
        key = sync.metadata.key
        here = status.with_thread(_in_channel(status.thread, channel.name))
        said = due(here, self._cluster.now(), is_owed=key in self._owed)
        if said is None:
            self._owed.discard(key)
            return status.thread, 0.0
        self._owed.add(key)
        until = self._waits.get(channel.secret)
        if until is not None:
            return status.thread, until - self._cluster.clock()
        message = said.write(self._about(plan, sync), self._last_lines(sync))
        old = here.thread or Thread(channel=channel.name)
        first = self._post(plan, channel, message, thread=old.id, loud=said.loud)
        thread = Thread(channel=channel.name, id=first, told=remember(old.told, said))
        self._unwritten[key] = thread
        return thread, 0.0

    def _post(
        self, plan: Plan, channel: _Channel, message: Message, *, thread: str | None, loud: bool
    ) -> str:
        """Post a message and record the result; return the id of its thread."""
        try:
            told = self._notifier(channel).post(
                channel.name, message, thread=thread, loud=loud and thread is not None
            )
        except Transient as error:
            _count(plan, "delayed")
            self._waits[channel.secret] = self._cluster.clock() + requested_wait(error)
            raise
        except Stalled as error:
            _count(plan, "refused")
            self._judge(plan, Finding(status="False", reason=error.reason, message=str(error)))
            raise
        _count(plan, "posted")
        self._judge(plan, Finding(status="True", reason=POSTED, message="Slack took a message."))
        return told

    def _notifier(self, channel: _Channel) -> Notifier:
        """Return the notifier for the Secret's present data.

        Raises:
            Stalled: the Secret holds neither a token nor a webhook.
        """
        held, name = self._secrets.data(channel.secret), channel.secret.name
        api_url = self._cluster.settings.slack_api_url
        return notifier_of(held, shown=f"Secret {name}", api_url=api_url)

    def _about(self, plan: Plan, sync: Sync) -> messages.Sync:
        config = plan.spec.config
        runs = self._cluster.settings.runs_url(sync.metadata.namespace)
        workflow = sync.status.workflow
        return messages.Sync(
            plan=sync.spec.plan,
            upstream=config.upstream.name,
            version=sync.status.version,
            downstream=config.downstream.name,
            branch=config.downstream.branch,
            run_url=f"{runs}/{workflow}" if runs and workflow else None,
        )

    def _last_lines(self, sync: Sync) -> tuple[str, ...]:
        workflow = ObjectKey(sync.metadata.namespace, sync.status.workflow or "")
        run = self._cluster.caches.runs.get(workflow)
        return run.report.lines if run is not None and run.report is not None else ()

    def _judge(self, plan: Plan, finding: Finding) -> None:
        """Show in the Plan's condition whether its channel can be reached."""
        if self._channels.note(plan, finding):
            self._cluster.queue.add(PlanKey(plan.metadata.key))

    def _note(self, sync: Sync, thread: Thread | None) -> None:
        if thread != sync.status.thread:
            written = self._cluster.kube.replace_status(
                SYNCS,
                sync.metadata.key,
                sync.status.with_thread(thread).dump(),
                resource_version=sync.metadata.resource_version,
            )
            self._cluster.caches.syncs.put(keep_sync(written), ours=True)
        self._unwritten.pop(sync.metadata.key, None)


def _count(plan: Plan, result: str) -> None:
    MESSAGES.labels(namespace=plan.metadata.namespace, result=result).inc()


def _channel_of(plan: Plan) -> _Channel | None:
    slack = plan.spec.config.slack
    if slack is None or slack.channel is None:
        return None
    secret = ObjectKey(plan.metadata.namespace, slack.credentials.secret_selector)
    return _Channel(name=slack.channel, secret=secret)


def _in_channel(thread: Thread | None, channel: str) -> Thread | None:
    """Return the thread in the Plan's current channel: a changed channel gets a new one."""
    if thread is None or thread.channel == channel:
        return thread
    return Thread(channel=channel, told=thread.told)
