"""The metrics about Plans, Syncs and upstreams."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client
from prometheus_client.metrics import MetricWrapperBase

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.build import Parts, build
from resync_argo.controller.forge.forges import connect_github
from resync_argo.controller.kube.api import Kube
from resync_argo.controller.polling.poller import Poller
from resync_argo.controller.serving import metrics
from resync_argo.controller.serving.collector import Collector
from resync_argo.controller.state.keys import PlanKey, UpstreamKey, upstream_key
from resync_argo.controller.upstream.upstreams import Demand, Shown, Upstreams
from resync_argo.errors import Transient
from resync_argo.settings import Settings
from tests.unit.controller.builders import Clock, plan, sync, tag

GITHUB = {"credentials": {"secretSelector": "a"}}


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    settings = Settings()
    made = build(Kube(client.Configuration()), settings, connect_github(settings), tmp_path)
    return replace(made, cluster=replace(made.cluster, now=lambda: "2026-01-01T01:00:00Z"))


def collector(parts: Parts, **changes: Any) -> Collector:
    plain = Collector(
        cluster=parts.cluster,
        upstreams=parts.upstreams,
        forges=parts.forges,
        is_working=lambda: True,
    )
    return replace(plain, **changes)


def samples(asked: Collector, name: str) -> list[tuple[tuple[str, ...], float]]:
    found = (m for m in asked.collect() if m.name == name)
    return [(tuple(s.labels.values()), s.value) for metric in found for s in metric.samples]


def test_the_longest_wait_of_each_kind_is_shown_for_each_plan(parts: Parts) -> None:
    caches = parts.cluster.caches
    nearest = {"version": "1.0.1", "reason": "BranchBusy"}
    caches.plans.put(plan(status={"pending": 2, "next": nearest}))
    caches.tags.put(tag("1.0.1", made="2026-01-01T00:30:00Z"))
    caches.tags.put(tag("1.0.2", made="2026-01-01T00:40:00Z"))
    conflicted = {
        "type": "Conflicted",
        "status": "True",
        "reason": "WaitingForResolution",
        "lastTransitionTime": "2026-01-01T00:50:00Z",
    }
    review: dict[str, Any] = {
        "phase": "Finished",
        "number": 1,
        "finish_time": "2026-01-01T00:59:00Z",
    }
    for one in (
        sync("1.0.0", phase="Conflict", conditions=[conflicted]),
        sync("0.9.0", **review),
        sync("0.9.1", **(review | {"finish_time": "2026-01-01T00:59:30Z"})),
        sync("0.8.0", **review, merged=True),
    ):
        caches.syncs.put(one)

    assert sorted(samples(collector(parts), "resync_waiting_seconds")) == [
        (("ns", "z-1", "resolution"), 600.0),
        (("ns", "z-1", "review"), 60.0),
        (("ns", "z-1", "turn"), 1800.0),
    ]
    counted = dict(samples(collector(parts), "resync_syncs"))
    assert counted[("ns", "Finished")] == 3
    assert counted[("ns", "Pending")] == 2


def upstreams(clock: Clock, look: Any) -> Upstreams:
    poller: Poller[UpstreamKey, Demand, Shown] = Poller(
        "upstreams", look, tell=lambda _key: None, clock=clock
    )
    return Upstreams(poller, 60.0)


def test_an_upstream_that_was_never_read_is_infinitely_old(parts: Parts) -> None:
    def refuse(_key: UpstreamKey, _demand: Demand) -> Shown:
        raise Transient("no answer")

    seen = upstreams(Clock(), refuse)
    parts.cluster.caches.plans.put(plan())
    before = samples(collector(parts, upstreams=seen), "resync_upstream_age_seconds")
    seen.ask(upstream_key(plan()), [plan()])
    assert seen.poller.step()
    after = samples(collector(parts, upstreams=seen), "resync_upstream_age_seconds")

    assert before == after == [(("ns", "forge.test/up/project"), math.inf)]


def test_an_upstream_read_with_two_secrets_has_one_series_with_the_greater_age(
    parts: Parts,
) -> None:
    clock = Clock()
    seen = upstreams(clock, lambda _key, _demand: Shown())
    readers = (
        plan("with-a", github=GITHUB),
        plan("with-b", github={"credentials": {"secretSelector": "b"}}),
    )
    for moment, reader in zip((40.0, 90.0), readers, strict=True):
        clock.now = moment
        parts.cluster.caches.plans.put(reader)
        seen.ask(upstream_key(reader), [reader])
        assert seen.poller.step()
    clock.now = 100.0

    told = collector(parts, upstreams=seen, cluster=replace(parts.cluster, clock=clock))

    assert samples(told, "resync_upstream_age_seconds") == [(("ns", "forge.test/up/project"), 60.0)]


def test_plans_are_counted_by_namespace_and_readiness(parts: Parts) -> None:
    empty = samples(collector(parts), "resync_plans")
    parts.cluster.caches.plans.put(plan())

    assert empty == []
    assert dict(samples(collector(parts), "resync_plans")) == {
        ("ns", "True"): 1,
        ("ns", "False"): 0,
        ("ns", "Unknown"): 0,
    }


def test_each_namespace_sees_how_many_of_its_own_keys_wait(parts: Parts) -> None:
    parts.cluster.caches.plans.put(plan())
    for number in range(3):
        parts.cluster.queue.add(PlanKey(ObjectKey("ns", f"z-{number}")))
    parts.cluster.queue.add(PlanKey(ObjectKey("another", "z")))

    assert samples(collector(parts), "resync_queue_depth") == [(("ns",), 3)]


PER_INSTALLATION = {"resync_ready"}
"""What is about the process."""


def test_every_metric_carries_the_namespace(parts: Parts) -> None:
    parts.cluster.caches.plans.put(plan())
    collected = {m.name: m for m in collector(parts).collect()}
    counted = [m for m in vars(metrics).values() if isinstance(m, MetricWrapperBase)]
    lacking = {
        name for name, m in collected.items() if any("namespace" not in s.labels for s in m.samples)
    }
    lacking |= {next(iter(m.describe())).name for m in counted if "namespace" not in m._labelnames}

    assert lacking == PER_INSTALLATION
