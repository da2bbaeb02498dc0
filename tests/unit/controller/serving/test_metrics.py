"""The metrics that count events."""

from dataclasses import replace
from typing import Any

from prometheus_client.metrics import MetricWrapperBase

from resync_argo.api.meta import ObjectKey, ObjectMeta
from resync_argo.api.plan import Plan, Step
from resync_argo.api.sync import Sync
from resync_argo.controller.kube.cache import Cache, Change
from resync_argo.controller.serving.metrics import (
    CONFLICT_SECONDS,
    MERGE_SECONDS,
    MESSAGES,
    OPEN_SECONDS,
    RECONCILE_ERRORS,
    RECONCILE_SECONDS,
    ROUNDS,
    STEP_SECONDS,
    WEBHOOKS,
    forget_namespace,
    forget_plan,
    observe_steps,
    observe_times,
)
from resync_argo.controller.state.workflow import Run
from resync_argo.submit.progress import StepTime
from tests.unit.controller.builders import plan, sync


def workflow(version: int, ended: int) -> Run:
    steps = tuple(
        StepTime(attempt=1, container=f"step-{number}", seconds=90.0)
        for number in range(2, ended + 2)
    )
    metadata = ObjectMeta(
        name="z-counted-1", namespace="team", uid="u", resource_version=str(version)
    )
    key = ObjectKey("team", "z-counted")
    return Run(metadata=metadata, plan=key, plan_uid="z-counted-uid", version="1", steps=steps)


def followed(name: str, steps: int) -> Plan:
    made = plan(name)
    named = tuple(
        Step(name=f"Step {number}", run="true", action=None) for number in range(2, steps + 2)
    )
    return made.model_copy(update={"spec": made.spec.model_copy(update={"steps": named})})


def test_each_step_is_counted_once_and_only_if_its_end_was_observed() -> None:
    of = followed("z-counted", steps=2)

    def changed(change: Change[Run]) -> None:
        if change.old is not None and change.new is not None:
            observe_steps(change.old, change.new, of)

    cache: Cache[Run] = Cache(on_change=changed)
    for version, ended in enumerate((1, 2, 2, 3), start=1):
        cache.put(workflow(version, ended))

    counts = {
        sample.labels["step"]: sample.value
        for metric in STEP_SECONDS.collect()
        for sample in metric.samples
        if sample.name.endswith("_count") and sample.labels["plan"] == "z-counted"
    }
    assert counts == {"step-3": 1.0}


def looked_at(version: int, **times: object) -> Sync:
    made = sync(plan="z-timed", phase="Running", times=times)
    changed = {"creation_timestamp": "2026-01-01T00:00:00Z", "resource_version": str(version)}
    return made.model_copy(update={"metadata": made.metadata.model_copy(update=changed)})


def test_peoples_time_is_counted_once_at_its_event() -> None:
    def changed(change: Change[Sync]) -> None:
        if change.old is not None and change.new is not None:
            observe_times(change.old, change.new)

    cache: Cache[Sync] = Cache(on_change=changed)
    answered = {"rounds": 2, "conflictSeconds": 600}
    opened = answered | {"openedTime": "2026-01-01T01:00:00Z"}
    merged = opened | {"mergedTime": "2026-01-01T03:00:00Z", "reviewSeconds": 7200}
    life: tuple[dict[str, Any], ...]
    life = ({}, {"rounds": 1}, answered, answered, opened, opened, merged, merged)
    for version, times in enumerate(life, start=1):
        cache.put(looked_at(version, **times))

    counted = {
        metric.name: {
            sample.name.removeprefix(f"{metric.name}_"): sample.value
            for sample in metric.samples
            if sample.labels.get("plan") == "z-timed" and "le" not in sample.labels
        }
        for histogram in (CONFLICT_SECONDS, OPEN_SECONDS, MERGE_SECONDS, ROUNDS)
        for metric in histogram.collect()
    }
    assert {name: (it["count"], it["sum"]) for name, it in counted.items()} == {
        "resync_conflict_seconds": (1, 600),
        "resync_open_seconds": (1, 3600),
        "resync_merge_seconds": (1, 7200),
        "resync_rounds": (1, 2),
    }


def test_deleting_a_plan_drops_its_series() -> None:
    of = followed("z-counted", steps=2)
    observe_steps(workflow(1, 0), workflow(2, 2), of)
    opened = looked_at(2, openedTime="2026-01-01T01:00:00Z")
    observe_times(looked_at(1), opened)
    assert series("z-counted", STEP_SECONDS)
    assert series("z-timed", ROUNDS, OPEN_SECONDS)

    forget_plan("team", "z-counted")
    forget_plan("ns", "z-timed")

    of_plans = (STEP_SECONDS, CONFLICT_SECONDS, OPEN_SECONDS, MERGE_SECONDS, ROUNDS)
    assert series("z-counted", *of_plans) == []
    assert series("z-timed", *of_plans) == []


def test_deleting_a_namespaces_last_plan_drops_its_series() -> None:
    of_namespaces = (RECONCILE_SECONDS, RECONCILE_ERRORS, WEBHOOKS, MESSAGES)
    for namespace in ("leaving", "staying"):
        RECONCILE_SECONDS.labels(namespace=namespace, kind="Plan").observe(1.0)
        RECONCILE_ERRORS.labels(namespace=namespace, kind="Plan").inc()
        WEBHOOKS.labels(namespace=namespace, result="heard").inc()
        MESSAGES.labels(namespace=namespace, result="posted").inc()

    forget_namespace("leaving")

    assert series("leaving", *of_namespaces) == []
    for metric in of_namespaces:
        assert series("staying", metric)


def series(word: str, *metrics: MetricWrapperBase) -> list[str]:
    """Return the series with a word among their labels."""
    samples = (it for metric in metrics for found in metric.collect() for it in found.samples)
    return [it.name for it in samples if word in it.labels.values()]


def test_a_foreign_workflow_with_our_label_creates_no_series() -> None:
    of = followed("z-spoofed", steps=1)
    before, spoofed = workflow(1, 0), workflow(2, 50)
    observe_steps(before, replace(spoofed, plan_uid=of.metadata.uid, plan=of.metadata.key), of)
    observe_steps(before, replace(spoofed, plan_uid="another", plan=of.metadata.key), of)

    steps = {
        sample.labels["step"]
        for metric in STEP_SECONDS.collect()
        for sample in metric.samples
        if sample.labels["plan"] == "z-spoofed"
    }
    assert steps == {"step-2"}
