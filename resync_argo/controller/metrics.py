"""What Prometheus reads; every name begins with `resync_`, and its help text is its documentation.

Counters and histograms are filled where things happen; numbers about objects are read from the caches
when somebody asks (`Collector`), so that they are never out of date.
"""

from collections import Counter as Tally
from collections.abc import Callable, Iterator

from prometheus_client import REGISTRY, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from resync_argo.controller.world import World

RECONCILE_SECONDS = Histogram("resync_reconcile_seconds", "Seconds that a pass took.", ["kind"])
RECONCILE_ERRORS = Counter("resync_reconcile_errors", "Passes that ended with an error.", ["kind"])
WEBHOOKS = Counter("resync_webhooks", "Webhook deliveries by what became of them.", ["result"])


class Collector:
    """Reads the caches when the metrics are asked for."""

    def __init__(self, world: World, is_working: Callable[[], bool]) -> None:
        """Keep the world to look at, and whether this process works on it."""
        self._world = world
        self._is_working = is_working

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics about objects, as prometheus_client wants them."""
        tally = Tally(
            sync.phase for tag in self._world.caches.tags.all() for sync in tag.status.syncs
        )
        syncs = GaugeMetricFamily("resync_syncs", "Syncs by phase.", labels=["phase"])
        for phase in ("Pending", "Running", "Conflict", "Finished", "Failed", "Skipped"):
            syncs.add_metric([phase], tally[phase])
        yield syncs
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
        age = GaugeMetricFamily(
            "resync_upstream_age_seconds",
            "Seconds since the upstream's tags were last read.",
            labels=["namespace", "repository"],
        )
        for key, view in list(self._world.upstreams.items()):
            if view.looked_at is not None:
                seconds = self._world.clock() - view.looked_at
                age.add_metric([key.namespace, key.repository], seconds)
        yield age


def register(world: World, is_working: Callable[[], bool]) -> Collector:
    """Add the numbers about objects to what is shown."""
    collector = Collector(world, is_working)
    REGISTRY.register(collector)
    return collector
