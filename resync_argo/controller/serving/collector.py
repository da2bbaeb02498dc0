"""Computes metrics about objects from the caches when Prometheus asks, so that they are never out of date."""

import math
from collections import Counter as Tally
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from resync_argo.api.conditions import find
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.keys import upstream_key
from resync_argo.controller.upstream.upstreams import Upstreams
from resync_argo.names import label_value
from resync_argo.reasons import sections as at

PHASES = ("Pending", "Running", "Conflict", "Finished", "Failed", "Skipped")

_Waiting = tuple[str, str, str]
"""Namespace, Plan, and what it waits for: a turn, a resolution, a review."""


@dataclass(frozen=True, kw_only=True, eq=False)  # The registry compares collectors by identity.
class Collector:
    """Reads the caches; `is_working` returns whether this process reconciles."""

    cluster: Cluster
    upstreams: Upstreams
    forges: Forges
    is_working: Callable[[], bool]

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics about objects in prometheus_client's form."""
        yield GaugeMetricFamily(
            "resync_ready",
            "1 in the active process: the leader, once it has read the cluster.",
            value=float(self.is_working()),
        )
        yield self._queue()
        yield self._upstreams()
        yield self._plans()
        yield self._syncs()
        yield self._waiting()
        yield from self._forges()

    def _queue(self) -> Metric:
        depth = GaugeMetricFamily(
            "resync_queue_depth",
            "Keys that are queued or being reconciled.",
            labels=["namespace"],
        )
        counts = self.cluster.queue.counts()
        for namespace in self._namespaces():
            depth.add_metric([namespace], counts.get(namespace, 0))
        return depth

    def _namespaces(self) -> list[str]:
        """Return the namespaces that have Plans."""
        return [str(namespace) for namespace in self.cluster.caches.plans.values("namespace")]

    def _upstreams(self) -> Metric:
        age = GaugeMetricFamily(
            "resync_upstream_age_seconds",
            "Seconds since the upstream's tags were last read; infinite if they never were.",
            labels=["namespace", "repository"],
        )
        oldest: dict[tuple[str, str], float] = {}
        for plan in self.cluster.caches.plans.all():
            seen = self.upstreams.seen(plan)
            seconds = self.cluster.clock() - seen.at if seen is not None else math.inf
            # Several Plans, with several Secrets, may read the same upstream, but a duplicate
            # series breaks the page.
            key = upstream_key(plan)
            named = key.namespace, key.repository
            oldest[named] = max(seconds, oldest.get(named, 0.0))
        for named, seconds in oldest.items():
            age.add_metric(named, seconds)
        return age

    def _plans(self) -> Metric:
        ready: Tally[tuple[str, str]] = Tally()
        for plan in self.cluster.caches.plans.all():
            condition = find(plan.status.conditions, at.READY)
            ready[plan.metadata.namespace, condition.status if condition else "Unknown"] += 1
        plans = GaugeMetricFamily(
            "resync_plans", "Plans by their condition Ready.", labels=["namespace", "ready"]
        )
        for namespace in self._namespaces():
            for status in ("True", "False", "Unknown"):
                plans.add_metric([namespace, status], ready[namespace, status])
        return plans

    def _syncs(self) -> Metric:
        tally: Tally[tuple[str, str]] = Tally()
        for sync in self.cluster.caches.syncs.all():
            if sync.status.phase not in (None, "Pending"):
                tally[sync.metadata.namespace, str(sync.status.phase)] += 1
        # A queued release has no Sync; its Plan counts it.
        for plan in self.cluster.caches.plans.all():
            tally[plan.metadata.namespace, "Pending"] += plan.status.pending or 0
        syncs = GaugeMetricFamily(
            "resync_syncs",
            "Syncs by phase; Pending: releases that wait for their turn.",
            labels=["namespace", "phase"],
        )
        for namespace in self._namespaces():
            for phase in PHASES:
                syncs.add_metric([namespace, phase], tally[namespace, phase])
        return syncs

    def _waiting(self) -> Metric:
        waiting = GaugeMetricFamily(
            "resync_waiting_seconds",
            "Seconds that the longest waiting sync of a Plan has waited: for its turn, since its Tag was "
            "made; for a resolution of its conflict; for a review of its pull request.",
            labels=["namespace", "plan", "awaited"],
        )
        now = datetime.fromisoformat(self.cluster.now())
        since: dict[_Waiting, str] = {}
        for key, moment in self._open():
            since[key] = min(moment, since.get(key, moment))
        for key, moment in since.items():
            waiting.add_metric(key, (now - datetime.fromisoformat(moment)).total_seconds())
        return waiting

    def _open(self) -> Iterator[tuple[_Waiting, str]]:
        """Yield what waits, and since when."""
        for plan in self.cluster.caches.plans.all():
            made = self._next_was_made(plan)
            if made is not None:
                yield (plan.metadata.namespace, plan.metadata.name, "turn"), made
        for sync in self.cluster.caches.syncs.all():
            awaited, moment = _awaited(sync)
            if awaited is not None and moment is not None:
                yield (sync.metadata.namespace, sync.spec.plan, awaited), moment

    def _next_was_made(self, plan: Plan) -> str | None:
        """Return when the next release's Tag was created."""
        if plan.status.next is None:
            return None
        version = plan.status.next.version
        made = (
            tag.metadata.creation_timestamp
            for tag in self.cluster.caches.tags_labelled(plan, label_value(version))
            if tag.version == version
        )
        return next(made, None)

    def _forges(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "resync_forge_requests",
            "Requests to the forge of a repository.",
            labels=["namespace", "repository"],
        )
        for asked, number in self.forges.requests().items():
            requests.add_metric(asked, number)
        yield requests
        left = GaugeMetricFamily(
            "resync_forge_quota_left",
            "Requests that the forge of a repository still allows in the current hour.",
            labels=["namespace", "repository"],
        )
        for asked, number in self.forges.quota_left().items():
            left.add_metric(asked, number)
        yield left

    def register(self) -> None:
        """Add these metrics to the served ones."""
        REGISTRY.register(self)


def _awaited(sync: Sync) -> tuple[str | None, str | None]:
    if sync.status.phase == "Conflict":
        conflicted = find(sync.status.conditions, at.CONFLICTED)
        since = conflicted.last_transition_time if conflicted else None
        return "resolution", since or sync.status.start_time
    return ("review", sync.status.finish_time) if sync.is_in_review else (None, None)
