"""What Prometheus reads; every name begins with `resync_`, and its help text is its documentation.

Counters and histograms are filled where things happen; numbers about objects are read from the caches
when somebody asks (`Collector`), so that they are never out of date.
"""

import math
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from resync_argo.api.tag import Sync, Tag
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.status import CONFLICTED
from resync_argo.controller.world import World

RECONCILE_SECONDS = Histogram("resync_reconcile_seconds", "Seconds that a pass took.", ["kind"])
RECONCILE_ERRORS = Counter("resync_reconcile_errors", "Passes that ended with an error.", ["kind"])
WEBHOOKS = Counter("resync_webhooks", "Webhook deliveries by what became of them.", ["result"])
STEP_SECONDS = Histogram(
    "resync_step_seconds",
    "Seconds from the end of the step before to the end of a step, as exact as Argo looked.",
    ["namespace", "plan", "step"],
    buckets=(1, 5, 15, 60, 300, 900, 3600, 21600),
)
MESSAGES = Counter("resync_slack_messages", "Messages to Slack by what became of them.", ["result"])


class Collector:
    """Reads the caches when the metrics are asked for."""

    def __init__(self, world: World, is_working: Callable[[], bool]) -> None:
        """Keep the world to look at, and whether this process works on it."""
        self._world = world
        self._is_working = is_working

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics about objects, as prometheus_client wants them."""
        yield GaugeMetricFamily(
            "resync_ready",
            "1 in the process that works: it knows the cluster, and is the leader.",
            value=float(self._is_working()),
        )
        yield GaugeMetricFamily(
            "resync_queue_depth",
            "Keys that wait for a worker or are with one.",
            value=len(self._world.queue),
        )
        yield self._upstreams()
        yield self._plans()
        yield from _syncs(self._world)
        yield from _forges(self._world)

    def _upstreams(self) -> Metric:
        age = GaugeMetricFamily(
            "resync_upstream_age_seconds",
            "Seconds since the upstream's tags were last read; infinite where they never were.",
            labels=["namespace", "repository"],
        )
        oldest: dict[tuple[str, str], float] = {}
        for key, view in list(self._world.upstreams.items()):
            never = view.looked_at is None
            seconds = math.inf if never else self._world.clock() - (view.looked_at or 0.0)
            # It may be read with several Secrets; a series that comes twice spoils the page.
            named = key.namespace, key.repository
            oldest[named] = max(seconds, oldest.get(named, 0.0))
        for named, seconds in oldest.items():
            age.add_metric(named, seconds)
        return age

    def _plans(self) -> Metric:
        ready: Tally[str] = Tally()
        for plan in self._world.caches.plans.all():
            told = (c.status for c in plan.status.conditions if c.type == "Ready")
            ready[next(told, "Unknown")] += 1
        plans = GaugeMetricFamily(
            "resync_plans", "Plans by their condition Ready.", labels=["ready"]
        )
        for status in ("True", "False", "Unknown"):
            plans.add_metric([status], ready[status])
        return plans


def _syncs(world: World) -> Iterator[Metric]:
    """Yield what the Tags tell: at most three series for each Plan that has something open."""
    tally: Tally[str] = Tally()
    since: dict[tuple[str, str, str], str] = {}
    for tag in world.caches.tags.all():
        for sync in tag.status.syncs:
            tally[sync.phase] += 1
            if (open_since := _open_since(tag, sync)) is not None:
                awaited, moment = open_since
                key = tag.metadata.namespace, sync.plan, awaited
                since[key] = min(moment, since.get(key, moment))
    syncs = GaugeMetricFamily("resync_syncs", "Syncs by phase.", labels=["phase"])
    for phase in ("Pending", "Running", "Conflict", "Finished", "Failed", "Skipped"):
        syncs.add_metric([phase], tally[phase])
    yield syncs
    waiting = GaugeMetricFamily(
        "resync_waiting_seconds",
        "Seconds that the longest waiting sync of a Plan has waited: for its turn, since its Tag was "
        "made; for a resolution of its conflict; for a review of its pull request.",
        labels=["namespace", "plan", "awaited"],
    )
    now = datetime.fromisoformat(world.now())
    for key, moment in since.items():
        waiting.add_metric(key, (now - datetime.fromisoformat(moment)).total_seconds())
    yield waiting


def _open_since(tag: Tag, sync: Sync) -> tuple[str, str] | None:
    """Return what a sync waits for, and since when."""
    if sync.phase == "Pending":
        awaited, moment = "turn", tag.metadata.creation_timestamp
    elif sync.phase == "Conflict":
        conditions = {c.type: c.last_transition_time for c in tag.status.conditions}
        awaited, moment = "resolution", conditions.get(CONFLICTED) or sync.start_time
    elif sync.phase == "Finished" and sync.number is not None and not sync.merged:
        awaited, moment = "review", sync.finish_time
    else:
        return None
    return (awaited, moment) if moment else None


def _forges(world: World) -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "resync_forge_requests",
        "Requests to the forge of a repository.",
        labels=["repository"],
    )
    for repository, number in world.forges.requests().items():
        requests.add_metric([repository], number)
    yield requests
    left = GaugeMetricFamily(
        "resync_forge_quota_left",
        "Requests that the forge of a repository leaves us in the present hour.",
        labels=["repository"],
    )
    for repository, number in world.forges.quota_left().items():
        left.add_metric([repository], number)
    yield left


def observe_steps(old: Run, new: Run) -> None:
    """Count the steps that ended between two looks at a Workflow."""
    seen = {(step.attempt, step.container) for step in old.steps}
    for step in new.steps:
        if (step.attempt, step.container) not in seen:
            labels = new.metadata.namespace, new.plan.name, step.container
            STEP_SECONDS.labels(*labels).observe(step.seconds)


def register(world: World, is_working: Callable[[], bool]) -> Collector:
    """Add the numbers about objects to what is shown."""
    collector = Collector(world, is_working)
    REGISTRY.register(collector)
    return collector
