"""What every reconcile is given: the adapters, the caches, the clock. Built once by `main`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from resync_argo.api.conditions import Status
from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.comments import Comments
from resync_argo.controller.forge.forges import Forges, Remotes
from resync_argo.controller.forge.pull_requests import PullRequests
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.controller.kube.api import Kube
from resync_argo.controller.kube.queue import Queue
from resync_argo.controller.order.turns import Board
from resync_argo.controller.state.keys import Key, UpstreamKey
from resync_argo.controller.state.objects import Caches
from resync_argo.errors import ResyncError
from resync_argo.forge.credentials import Credentials
from resync_argo.forge.rehearsal import Rehearsal
from resync_argo.git import Git
from resync_argo.settings import Settings
from resync_argo.upstream.remote import GitTag


def utc_now() -> str:
    """Return the time as Kubernetes writes it: RFC 3339, in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, kw_only=True)
class UpstreamView:
    """What the last look at an upstream showed.

    Attributes:
        tags: by name; the last good answer also while the upstream is unreachable.
        error: why the last look failed; "" when it did not.
        looked_at: in the clock's seconds; when the last good answer came.
    """

    tags: dict[str, GitTag]
    error: str = ""
    looked_at: float | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a forge or a chat said of us, and until when (in the clock's seconds) it counts."""

    status: Status
    reason: str
    message: str
    until: float = 0.0


@dataclass(frozen=True, kw_only=True)
class World:
    """The controller's surroundings; tests build one with parts of their own.

    Attributes:
        clock: seconds that only go forward.
        now: the time for statuses.
        upstreams: what this process saw of upstreams; nothing right after a start.
        judged: the head commit of each conflict pull request (its repository and number) whose
            resolution was shown, and why that could not be done.
        permissions: what was said last, by repositories, what else is asked, and credentials.
        announcements: Tags of which something may have to be told in Slack.
        channels: how the last message to a Plan's channel fared, by the Plan's uid.
        proven: uids of Workflows whose word, that the branch contains a release, the forge confirmed.
        template_generations: the generation that a WorkflowTemplate got when we applied it.
    """

    kube: Kube
    settings: Settings
    caches: Caches
    queue: Queue[Key]
    board: Board
    secrets: Secrets
    forges: Forges
    remotes: Remotes
    pull_requests: PullRequests
    comments: Comments
    git: Git
    rehearsal: Rehearsal
    clock: Callable[[], float]
    now: Callable[[], str] = utc_now
    upstreams: dict[UpstreamKey, UpstreamView] = field(default_factory=dict)
    judged: dict[tuple[str, int], tuple[str, ResyncError | None]] = field(default_factory=dict)
    permissions: dict[tuple[str | Credentials | None, ...], Verdict] = field(default_factory=dict)
    announcements: Queue[ObjectKey] = field(default_factory=Queue)
    channels: dict[str, Verdict] = field(default_factory=dict)
    proven: set[str] = field(default_factory=set)
    template_generations: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a pass ended, when nothing went wrong.

    Attributes:
        requeue_after: seconds until the next pass is due; None: when something changes.
        failing: something did not work and is told in a condition: it is tried again after a wait
            that doubles each time, and is at least `patience` seconds.
    """

    requeue_after: float | None = None
    failing: bool = False
    patience: float = 0.0
