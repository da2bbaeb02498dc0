"""Measures the controller with 1,000 Plans and 10,000 Tags on a real API server; prints JSON.

    python -m tests.bench.controller [--upstreams 100] [--releases 10]

Each upstream has ten series of releases, each followed by a Plan on a branch of its own.
The API server and the controller share the machine; nobody carries out the Workflows. Reported:
seconds from a start to steady state (nothing done yet, and again after a restart), processor time of each
process until then, the most memory that was resident, seconds until one changed Plan is applied, writes to
the API in an idle minute. Steady means: every Plan ready with its template and counts, one Workflow per
branch with its Sync, every other release counted as queued, and nothing left to do.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from resync_argo.api.meta import ObjectKey
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
from tests.apiserver.conftest import install_kinds
from tests.bench.population import NAMESPACE, SERIES, EmptyForge, make_upstreams, plan, populate
from tests.cluster.apiserver import free_port, start_apiserver
from tests.cluster.kubectl import Kubectl
from tests.cluster.processes import recorded
from tests.cluster.waiting import wait_for

STEADY_SECONDS = 1800.0
IDLE_SECONDS = 60.0
LOOK_SECONDS = 1.0
REST_SECONDS = 5.0
"""How long nothing may happen for a state to be steady: longer than a Plan's counts lag behind."""

KINDS = ("Plan", "Sync", "Branch")
WRITES = re.compile(
    r'^apiserver_request_total\{.*resource="(?:plans|tags|syncs|workflows|workflowtemplates|events)"'
    r'.*verb="(?:POST|PUT|PATCH|DELETE|APPLY)"[^}]*\} (\S+)',
    re.M,
)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What is measured with: the API server, where upstreams lie, and how the controller is set."""

    kube: Kube
    kubectl: Kubectl
    environment: dict[str, str]
    url: str

    def metrics(self) -> str:
        """Return the controller's metrics."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=30) as answer:
            text: str = answer.read().decode()
        return text

    def writes(self) -> float:
        """Return how many writes of our kinds the API server has seen."""
        return api_writes(self.kubectl)


def api_writes(kubectl: Kubectl) -> float:
    """Return how many writes of our kinds an API server has seen, whoever wrote."""
    text = kubectl.run("get", "--raw", "/metrics")
    return sum(float(value) for value in WRITES.findall(text))


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


def resident_mib(pid: int) -> float:
    """Return the most memory that a process has had resident."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return round(int(found[1]) / 1024, 1) if found else 0.0


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used: proc(5), fields 14 and 15."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def seconds_to_rest(bench: Bench) -> float:
    """Return the seconds until the controller has nothing to do, and then nothing for a while.

    It is looked at once a second, since each look at ten thousand Tags costs.

    Raises:
        TimeoutError: it does not come to rest.
    """
    began = time.monotonic()
    rest_began, passes = began, -1.0
    while True:
        now = time.monotonic()
        if now - began > STEADY_SECONDS:
            raise TimeoutError(f"no steady state after {STEADY_SECONDS:.0f} s")
        seen = passes_at_rest(bench)
        if seen is None or seen != passes:
            rest_began = now
        elif now - rest_began >= REST_SECONDS:
            return round(rest_began - began, 2)
        passes = -1.0 if seen is None else seen
        threading.Event().wait(LOOK_SECONDS)


def passes_at_rest(bench: Bench) -> float | None:
    """Return how many passes over Plans, Syncs and branches there were; None while there is more to do."""
    try:
        text = bench.metrics()
    except OSError:
        return None
    if metric(text, "resync_queue_depth") > 0 or metric(text, "resync_ready") == 0:
        return None
    counts = (metric(text, "resync_reconcile_seconds_count", f'kind="{it}"') for it in KINDS)
    return sum(counts)


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


def seconds_to_apply(kube: Kube) -> float:
    """Return the seconds from a Plan's change to its WorkflowTemplate's."""
    key = ObjectKey(NAMESPACE, "plan-0-5")
    before = kube.get(WORKFLOW_TEMPLATES, key)["metadata"]["generation"]
    steps = plan(0, 5)["spec"]["steps"]
    steps[0]["run"] = "echo changed"
    began = time.monotonic()
    kube.patch(PLANS, key, {"spec": {"steps": steps}})
    wait_for(
        lambda: kube.get(WORKFLOW_TEMPLATES, key)["metadata"]["generation"] != before,
        deadline_seconds=60,
        describe="the changed WorkflowTemplate",
    )
    return round(time.monotonic() - began, 2)


def observe(bench: Bench, log: Path, servers: dict[str, int]) -> dict[str, Any]:
    """Start the controller twice and measure; `servers` are the pids of what it shares the machine with."""
    result: dict[str, Any] = {}
    began, used = bench.writes(), {name: cpu_seconds(pid) for name, pid in servers.items()}
    with running(bench, log) as pid:
        result["seconds_to_steady_state"] = seconds_to_rest(bench)
        result["cpu_seconds_to_steady_state"] = {
            "controller": cpu_seconds(pid),
            **{name: round(cpu_seconds(it) - used[name], 1) for name, it in servers.items()},
        }
        result["load_average"] = os.getloadavg()[1]
        result["writes_to_steady_state"] = bench.writes() - began
        result["memory_mib"] = resident_mib(pid)
        require_complete(bench.kube)
    with running(bench, log) as pid:
        began = bench.writes()
        result["seconds_to_steady_state_after_restart"] = seconds_to_rest(bench)
        result["writes_after_restart"] = bench.writes() - began
        result["seconds_until_changed_plan_is_applied"] = seconds_to_apply(bench.kube)
        seconds_to_rest(bench)
        began = bench.writes()
        threading.Event().wait(IDLE_SECONDS)
        result["writes_in_idle_minute"] = bench.writes() - began
        result["memory_mib_after_restart"] = resident_mib(pid)
    return result


def measure(upstreams: int = 100, releases: int = 10) -> dict[str, Any]:
    """Set everything up and measure; each upstream has ten series of so many releases."""
    with tempfile.TemporaryDirectory(prefix="resync-bench-") as name:
        folder = Path(name)
        server = start_apiserver(folder / "apiserver")
        forge = ThreadingHTTPServer(("127.0.0.1", 0), EmptyForge)
        threading.Thread(target=forge.serve_forever, daemon=True).start()
        try:
            install_kinds(server)
            kube = Kube.connect(connections=8, kubeconfig=server.kubeconfig)
            kubectl = Kubectl(kubeconfig=server.kubeconfig)
            kubectl.run("create", "namespace", NAMESPACE)
            populate(kube, make_upstreams(folder, upstreams, releases), releases)
            port = free_port()
            forge_url = f"http://127.0.0.1:{forge.server_port}"
            hosts = {"forge.test": {"gitUrl": str(folder), "apiUrl": forge_url}}
            bench = Bench(
                kube=kube,
                kubectl=kubectl,
                url=f"http://127.0.0.1:{port}",
                environment={
                    "KUBECONFIG": str(server.kubeconfig),
                    "RESYNC_NAMESPACE": NAMESPACE,
                    "RESYNC_MAX_PLANS_PER_NAMESPACE": "10000",
                    "RESYNC_FORGE_REQUESTS_PER_HOUR": "1000000",
                    "RESYNC_LISTEN": "127.0.0.1:0",
                    "RESYNC_MONITORING_LISTEN": f"127.0.0.1:{port}",
                    "RESYNC_HOSTS": json.dumps(hosts),
                },
            )
            servers = {process.name: process.pid for process in recorded(server.state)}
            log = Path(os.environ.get("RESYNC_BENCH_LOG", folder / "log"))
            result = observe(bench, log, servers)
            plans = upstreams * SERIES
            return {"plans": plans, "tags": plans * releases, **result}
        finally:
            forge.shutdown()
            forge.server_close()
            server.stop()


def main() -> None:
    """Measure what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upstreams", type=int, default=100)
    parser.add_argument("--releases", type=int, default=10, help="in each of ten series")
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.upstreams, arguments.releases), indent=2))


if __name__ == "__main__":
    main()
