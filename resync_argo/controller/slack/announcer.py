"""Posts what `announcements` finds due: one Slack thread per Tag and Plan, kept in the Tag's status.

A thread of its own works here, with a queue of its own, so that a chat which is slow, away or asks for
patience holds up nothing else. A message is posted first and noted in the status then; until it
is noted it is kept in memory, so that only a crash between the two can say a thing twice. What Slack
refuses is told in the Plan's condition `ChannelReachable`. Started by `main` in the leader.
"""

import logging
import threading
from dataclasses import dataclass

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Sync, Tag, Thread
from resync_argo.controller.kube.api import TAGS
from resync_argo.controller.kube.errors import Conflict, NotFound
from resync_argo.controller.serving.logs import about
from resync_argo.controller.serving.metrics import MESSAGES
from resync_argo.controller.slack.announcements import due, remember
from resync_argo.controller.state.keys import PlanKey, TagKey, shown
from resync_argo.controller.state.objects import keep_tag
from resync_argo.controller.world import Verdict, World
from resync_argo.errors import ResyncError, Stalled, Transient, patience_of
from resync_argo.notify import messages
from resync_argo.notify.interface import Message, NotificationRefused
from resync_argo.notify.slack import SlackNotifier

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class _Channel:
    """Where a Plan wants to be told, and the Secret that lets us."""

    name: str
    secret: ObjectKey


class Announcer:
    """Tells people; one per process, used by its own thread alone."""

    def __init__(self, world: World) -> None:
        """Begin with nothing told that is not in a status."""
        self._world = world
        self._unwritten: dict[tuple[str, str], Thread] = {}
        self._owed: set[tuple[str, str]] = set()
        self._patience: dict[ObjectKey, float] = {}
        self._thread = threading.Thread(target=self._work, name="announcer", daemon=True)

    def start(self) -> None:
        """Begin to work through the queue; it ends when the queue is closed."""
        self._thread.start()

    def join(self, timeout: float) -> None:
        """Wait until the message that is under way is posted and noted, if it ever began to work."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _work(self) -> None:
        queue = self._world.announcements
        while (key := queue.take()) is not None:
            try:
                with about(shown(TagKey(key)), key.namespace):
                    self._process(key)
            finally:
                queue.done(key)

    def _process(self, key: ObjectKey) -> None:
        queue = self._world.announcements
        try:
            wait = self._announce(key)
        except (Conflict, NotFound):
            queue.retry(key)
        except ResyncError as error:
            again = queue.retry(key, at_least=patience_of(error))
            LOG.warning("%s (again in %.0f s)", error, again)
        except Exception:
            queue.retry(key)
            LOG.exception("a bug of this program")
        else:
            queue.succeeded(key)
            if wait:
                queue.add_after(key, wait)

    def _announce(self, key: ObjectKey) -> float:
        """Say what is due about a Tag; return the seconds after which it has to be looked at again.

        Raises:
            ResyncError: Slack or the API server does not take it; what was said before is noted.
        """
        tag = self._world.caches.tags.get(key)
        if tag is None or tag.metadata.deletion_timestamp:
            return 0.0
        trouble: ResyncError | None = None
        wait, syncs = 0.0, []
        for noted in tag.status.syncs:
            unwritten = self._unwritten.get((tag.metadata.uid, noted.plan_uid), noted.thread)
            sync = noted.model_copy(update={"thread": unwritten})
            try:
                thread, patience = self._tell(tag, sync)
                sync, wait = sync.model_copy(update={"thread": thread}), max(wait, patience)
            except ResyncError as error:
                trouble = error
            syncs.append(sync)
        self._note(tag, tuple(syncs))
        if trouble is not None:
            raise trouble
        return wait

    def _tell(self, tag: Tag, sync: Sync) -> tuple[Thread | None, float]:
        """Return what was told of a sync, and how long Slack wants to be left alone."""
        plan = self._world.caches.plans.get(ObjectKey(tag.metadata.namespace, sync.plan))
        channel = _channel_of(plan) if plan and plan.metadata.uid == sync.plan_uid else None
        if plan is None or channel is None:
            return sync.thread, 0.0
        here = _in_channel(sync, channel.name)
        owed = tag.metadata.uid, sync.plan_uid
        said = due(here, self._world.now(), is_owed=owed in self._owed)
        if said is None:
            self._owed.discard(owed)
            return sync.thread, 0.0
        self._owed.add(owed)
        patience = self._patience.get(channel.secret, 0.0) - self._world.clock()
        if patience > 0:
            return sync.thread, patience
        message = said.write(self._about(tag, plan, sync), self._last_lines(tag, sync))
        old = here.thread or Thread(channel=channel.name)
        first = self._post(plan, channel, message, thread=old.id, loud=said.loud)
        thread = Thread(channel=channel.name, id=first, told=remember(old.told, said))
        self._unwritten[tag.metadata.uid, sync.plan_uid] = thread
        return thread, 0.0

    def _post(
        self, plan: Plan, channel: _Channel, message: Message, *, thread: str | None, loud: bool
    ) -> str:
        """Post a message and take note of how that went; return the id of its thread."""
        try:
            told = self._notifier(channel).post(
                channel.name, message, thread=thread, loud=loud and thread is not None
            )
        except Transient as error:
            MESSAGES.labels(result="delayed").inc()
            self._patience[channel.secret] = self._world.clock() + patience_of(error)
            raise
        except Stalled as error:
            MESSAGES.labels(result="refused").inc()
            self._judge(plan, Verdict(status="False", reason=error.reason, message=str(error)))
            raise
        MESSAGES.labels(result="posted").inc()
        self._judge(plan, Verdict(status="True", reason="Posted", message="Slack took a message."))
        return told

    def _notifier(self, channel: _Channel) -> SlackNotifier:
        def token() -> str:
            held = self._world.secrets.data(channel.secret).get("token", "").strip()
            if not held:
                message = f"Secret {channel.secret.name} needs the key `token`, for Slack."
                raise NotificationRefused("SlackCredentialsMissing", message)
            return held

        return SlackNotifier(token=token, api_url=self._world.settings.slack_api_url)

    def _about(self, tag: Tag, plan: Plan, sync: Sync) -> messages.Sync:
        config, runs = plan.spec.config, self._world.settings.runs_url(tag.metadata.namespace)
        return messages.Sync(
            plan=sync.plan,
            upstream=config.upstream.name,
            version=tag.version,
            downstream=config.downstream.name,
            branch=config.downstream.branch,
            run_url=f"{runs}/{sync.workflow}" if runs and sync.workflow else None,
        )

    def _last_lines(self, tag: Tag, sync: Sync) -> tuple[str, ...]:
        run = self._world.caches.runs.get(ObjectKey(tag.metadata.namespace, sync.workflow or ""))
        return run.report.lines if run is not None and run.report is not None else ()

    def _judge(self, plan: Plan, verdict: Verdict) -> None:
        """Let the Plan's pass tell whether its channel can be reached."""
        if self._world.channels.get(plan.metadata.uid) != verdict:
            self._world.channels[plan.metadata.uid] = verdict
            self._world.queue.add(PlanKey(plan.metadata.key))

    def _note(self, tag: Tag, syncs: tuple[Sync, ...]) -> None:
        if syncs != tag.status.syncs:
            status = tag.status.model_copy(update={"syncs": syncs})
            written = self._world.kube.replace_status(
                TAGS,
                tag.metadata.key,
                status.dump(),
                resource_version=tag.metadata.resource_version,
            )
            self._world.caches.tags.put(keep_tag(written), ours=True)
        for sync in syncs:
            self._unwritten.pop((tag.metadata.uid, sync.plan_uid), None)


def _channel_of(plan: Plan) -> _Channel | None:
    slack = plan.spec.config.slack
    if slack is None or slack.channel is None:
        return None
    secret = ObjectKey(plan.metadata.namespace, slack.credentials.secret_selector)
    return _Channel(name=slack.channel, secret=secret)


def _in_channel(sync: Sync, channel: str) -> Sync:
    """Return the entry for the channel that the Plan names now: another one gets its own thread."""
    if sync.thread is None or sync.thread.channel == channel:
        return sync
    moved = sync.thread.model_copy(update={"channel": channel, "id": None})
    return sync.model_copy(update={"thread": moved})
