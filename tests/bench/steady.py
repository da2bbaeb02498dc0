"""Runs the controller as a separate process, and waits until it rests with everything done."""

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
    """The setup of a measurement: the API server, the upstreams' folder, and the controller's settings.

    Attributes:
        servers: the pids of the servers on the same machine.
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
        """Return the servers' processor time so far."""
        return Counter({name: cpu_seconds(pid) for name, pid in self.servers.items()})


@contextmanager
def running(bench: Bench, log: Path) -> Iterator[int]:
    """Run the controller as a separate process; yield its pid."""
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
    """Return the seconds until the controller has nothing to do, and has had nothing for a while.

    With a thousand Plans, reading its metrics is costly, so they are not read while it is obviously
    working: that would measure the measurement.

    Args:
        bench: the setup.
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
    """Return the number of reconciles; None while there is more to do."""
    try:
        text = bench.metrics()
    except OSError:
        return None
    if metric(text, "resync_queue_depth") > 0 or metric(text, "resync_ready") == 0:
        return None
    return sum(passes(text).values())


def passes(text: str) -> dict[str, float]:
    """Return the number of reconciles by kind, from the controller's metrics."""
    name = "resync_reconcile_seconds_count"
    return {kind: metric(text, name, f'kind="{kind}"') for kind in KINDS}


def metric(text: str, name: str, label: str = "") -> float:
    """Return one of the controller's metrics for all namespaces; 0 if it does not exist yet."""
    found = re.findall(rf"^{re.escape(name)}(\{{[^}}]*\}})? (\S+)$", text, re.M)
    return sum(float(value) for labels, value in found if label in labels)


def require_complete(kube: Kube) -> None:
    """Check that in the steady state everything is done.

    Raises:
        RuntimeError: a Plan is not ready or has no WorkflowTemplate, a branch has no run, or a
            release is not counted.
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
