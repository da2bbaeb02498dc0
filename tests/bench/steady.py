"""Runs the controller as a process of its own, and tells when it has come to rest with everything done."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import (
    PLANS,
    SYNCS,
    TAGS,
    WORKFLOW_TEMPLATES,
    WORKFLOWS,
    Kube,
)
from resync_argo.controller.order.turns import is_ready
from tests.bench.meters import cpu_seconds
from tests.bench.population import NAMESPACE, SERIES
from tests.cluster.kubectl import Kubectl

STEADY_SECONDS = 1800.0
LOOK_SECONDS = 2.0
BUSY_CPU_SECONDS = 0.4
"""Processor time between two looks by which a controller is plainly at work: a look itself costs less."""

REST_SECONDS = 5.0
"""How long nothing may happen for a state to be steady: longer than a Plan's counts lag behind."""

KINDS = ("Plan", "Upstream", "Tag", "Branch", "Sync")


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What is measured with: the API server, where upstreams lie, and how the controller is set.

    Attributes:
        servers: the pids of what it shares the machine with.
    """

    kube: Kube
    kubectl: Kubectl
    kubeconfig: Path
    environment: dict[str, str]
    url: str
    servers: Mapping[str, int]

    def metrics(self) -> str:
        """Return the controller's metrics."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=30) as answer:
            text: str = answer.read().decode()
        return text

    def cpu_seconds(self) -> Counter[str]:
        """Return the processor time of the servers until now."""
        return Counter({name: cpu_seconds(pid) for name, pid in self.servers.items()})


@contextmanager
def running(bench: Bench, log: Path) -> Iterator[int]:
    """Run the controller as a process of its own; yields its pid."""
    program = Path(sys.executable).with_name("resync-argo")
    with log.open("ab") as output:
        process = subprocess.Popen(
            [program, "controller"],
            env={**os.environ, **bench.environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def seconds_to_rest(bench: Bench, pid: int) -> float:
    """Return the seconds until the controller has nothing to do, and then nothing for a while.

    Its metrics cost it something with a thousand Plans, so they are not asked for while it is plainly at work: that
    would measure the measuring.

    Args:
        bench: what is measured with.
        pid: of the controller.

    Raises:
        TimeoutError: it does not come to rest.
    """
    began = time.monotonic()
    rest_began, passes, used = began, -1.0, cpu_seconds(pid)
    while True:
        now = time.monotonic()
        if now - began > STEADY_SECONDS:
            raise TimeoutError(f"no steady state after {STEADY_SECONDS:.0f} s")
        before, used = used, cpu_seconds(pid)
        seen = passes_at_rest(bench) if used - before < BUSY_CPU_SECONDS else None
        if seen is None or seen != passes:
            rest_began = now
        elif now - rest_began >= REST_SECONDS:
            return round(rest_began - began, 2)
        passes = -1.0 if seen is None else seen
        threading.Event().wait(LOOK_SECONDS)


def passes_at_rest(bench: Bench) -> float | None:
    """Return how many passes there were; None while there is more to do."""
    try:
        text = bench.metrics()
    except OSError:
        return None
    if metric(text, "resync_queue_depth") > 0 or metric(text, "resync_ready") == 0:
        return None
    return sum(passes(text).values())


def passes(text: str) -> dict[str, float]:
    """Return how often the controller has looked at the objects of each kind, by its metrics."""
    name = "resync_reconcile_seconds_count"
    return {kind: metric(text, name, f'kind="{kind}"') for kind in KINDS}


def metric(text: str, name: str, label: str = "") -> float:
    """Return one of the controller's metrics, of all namespaces; 0 for one that is not there yet."""
    found = re.findall(rf"^{re.escape(name)}(\{{[^}}]*\}})? (\S+)$", text, re.M)
    return sum(float(value) for labels, value in found if label in labels)


def require_complete(kube: Kube) -> None:
    """Look whether the steady state is what a person would call done.

    Raises:
        RuntimeError: a Plan is not ready or has no WorkflowTemplate, a branch is not at work, a release is not counted.
    """
    plans = [Plan.parse(item) for page, _ in kube.pages(PLANS, NAMESPACE) for item in page]
    tags = [Tag.parse(item) for page, _ in kube.pages(TAGS, NAMESPACE) for item in page]
    templates, workflows = (
        sum(len(page) for page, _ in kube.pages(it, NAMESPACE))
        for it in (WORKFLOW_TEMPLATES, WORKFLOWS)
    )
    syncs = [Sync.parse(item) for page, _ in kube.pages(SYNCS, NAMESPACE) for item in page]
    reasons = Counter(sync.status.reason for sync in syncs)
    newest = sum(tag.spec.next is None for tag in tags)
    counted = sum((it.status.pending or 0) + (it.status.running or 0) for it in plans)
    found = (
        *(sum(map(is_ready, plans)), templates, workflows, len(syncs), reasons["Submitted"]),
        *(counted, newest),
    )
    expected = (*[len(plans)] * 5, len(tags), len(plans) // SERIES)
    if found != expected:
        raise RuntimeError(f"the steady state is not complete: {found}, not {expected}; {reasons}")
