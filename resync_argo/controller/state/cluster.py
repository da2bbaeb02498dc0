"""The input of every reconciler, and its result."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from resync_argo.controller.kube.api import Kube
from resync_argo.controller.kube.queue import Queue
from resync_argo.controller.state.keys import Key, namespace_of
from resync_argo.controller.state.objects import Caches
from resync_argo.controller.state.refusals import Refusals
from resync_argo.controller.state.sightings import Sightings
from resync_argo.settings import Settings


def utc_now() -> str:
    """Return the time as Kubernetes writes it: RFC 3339, in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The API server, the caches, and the clock.

    Attributes:
        refusals: objects that the API server refused.
        sightings: since when Workflows have been in their current state.
        clock: monotonic seconds.
        now: the time for statuses.
    """

    kube: Kube
    settings: Settings
    caches: Caches = field(default_factory=Caches)
    queue: Queue[Key] = field(default_factory=lambda: Queue(group_of=namespace_of))
    refusals: Refusals = field(default_factory=Refusals)
    sightings: Sightings = field(default_factory=Sightings)
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], str] = utc_now


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a reconcile ended when nothing went wrong.

    Attributes:
        requeue_after: seconds until the next one is due; None: when something changes.
        failing: something failed and a condition reports it: retry after a wait that doubles each
            time.
    """

    requeue_after: float | None = None
    failing: bool = False
