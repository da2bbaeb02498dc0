"""Measures the controller with 1,000 Plans and 10,000 Tags on a real API server; prints JSON.

    python -m tests.bench.controller [--upstreams 100] [--releases 10]
    python -m tests.bench.controller --figures docs/figures-controller.json --machine "…"

Each upstream has ten series of releases, each followed by a Plan on a branch of its own. The Plans
exist when the controller starts; it creates the Tags. The API server and the controller share the
machine; nobody runs the Workflows. Reported: seconds from a start to steady state (nothing done
yet, and again after a restart), processor time of each process until then, the most memory that was
resident, writes by kind, seconds until one changed Plan is applied, writes to the API in an idle
minute. Steady means: every Plan ready with its template and counts, one Workflow per branch with
its Sync, every other release counted as queued, and nothing left to do. Then `bare` repeats only
the writes: the ratios show what the controller costs beyond them.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import PLANS, WORKFLOW_TEMPLATES, Kube
from tests.apiserver.conftest import install_kinds
from tests.apiserver.writes import lists_in, requests, writes_in
from tests.bench.meters import cpu_seconds, resident_mib
from tests.bench.population import NAMESPACE, SERIES, EmptyForge, make_upstreams, plan, populate
from tests.bench.steady import Bench, passes, require_complete, running, seconds_to_rest
from tests.cluster.apiserver import ApiServer, free_port, start_apiserver
from tests.cluster.kubectl import Kubectl
from tests.cluster.processes import recorded
from tests.cluster.waiting import wait_for

IDLE_SECONDS = 60.0
BARE = "bare"
SIZES = (10, 50, 100)
"""Upstreams of the documentation's rows: 100, 500 and 1,000 Plans."""

PLENTY = "1000000"
WITHOUT_LIMITS = {
    f"RESYNC_{name}": PLENTY
    for name in (
        "FORGE_REQUESTS_PER_HOUR",
        "FORGE_WRITES_PER_HOUR",
        "FORGE_WRITES_PER_MINUTE",
        "MAX_PLANS_PER_NAMESPACE",
        "MAX_RUNS",
        "MAX_RUNS_PER_NAMESPACE",
    )
}
"""Every Plan begins its sync at once, so that all that can be written is written."""


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


def observe(bench: Bench, log: Path) -> dict[str, Any]:
    """Start the controller twice and measure; then measure the same writes alone."""
    first = observe_start(bench, log)
    again = observe_restart(bench, log)
    bare = observe_bare(bench)
    cpu = first["cpu_seconds_to_steady_state"]
    return {
        **first,
        **again,
        **bare,
        "seconds_to_bare_ratio": ratio(first["seconds_to_steady_state"], bare["bare_seconds"]),
        "cpu_to_bare_ratio": ratio(sum(cpu.values()), sum(bare["bare_cpu_seconds"].values())),
    }


def ratio(ours: float, others: float) -> float:
    """Return a ratio as it is shown."""
    return round(ours / others, 2)


def observe_start(bench: Bench, log: Path) -> dict[str, Any]:
    """Measure the controller's first start."""
    before, used = requests(bench.kubectl), bench.cpu_seconds()
    with running(bench, log) as pid:
        seconds = seconds_to_rest(bench, pid)
        cpu = {"controller": cpu_seconds(pid), **_rounded(bench.cpu_seconds() - used)}
        counts = requests(bench.kubectl) - before
        require_complete(bench.kube)
        return {
            "seconds_to_steady_state": seconds,
            "cpu_seconds_to_steady_state": cpu,
            "load_average": round(os.getloadavg()[1], 1),
            "writes_to_steady_state": writes_in(counts),
            "writes_per_tag_in_queue": per_queued_tag(counts),
            "requests": dict(sorted(counts.items())),
            "passes": passes(bench.metrics()),
            "memory_mib": resident_mib(pid),
        }


def per_queued_tag(counts: Counter[str]) -> float:
    """Return the writes for a queued release: those of Tags without a run's."""
    created, begun = counts["POST tags"], counts["POST syncs"]
    written = created + counts["PATCH tags"] + counts["PATCH tags/status"]
    return round((written - begun) / created, 3)


def observe_restart(bench: Bench, log: Path) -> dict[str, Any]:
    """Measure a restart with everything done, a changed Plan, and an idle minute."""
    before = requests(bench.kubectl)
    with running(bench, log) as pid:
        seconds, cpu = seconds_to_rest(bench, pid), cpu_seconds(pid)
        counts = requests(bench.kubectl) - before
        applied = seconds_to_apply(bench.kube)
        seconds_to_rest(bench, pid)
        rested = requests(bench.kubectl)
        threading.Event().wait(IDLE_SECONDS)
        return {
            "seconds_to_steady_state_after_restart": seconds,
            "cpu_seconds_after_restart": cpu,
            "writes_after_restart": writes_in(counts),
            "lists_after_restart": lists_in(counts),
            "seconds_until_changed_plan_is_applied": applied,
            "writes_in_idle_minute": writes_in(requests(bench.kubectl) - rested),
            "memory_mib_after_restart": resident_mib(pid),
        }


def observe_bare(bench: Bench) -> dict[str, Any]:
    """Measure a program that only writes the same objects."""
    bench.kubectl.run("create", "namespace", BARE)
    argv = [sys.executable, "-m", "tests.bench.bare", str(bench.kubeconfig), NAMESPACE, BARE]
    with subprocess.Popen(
        argv, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as program:
        assert program.stdout is not None
        assert program.stdin is not None
        program.stdout.readline()
        before, used = requests(bench.kubectl), bench.cpu_seconds()
        program.stdin.write("\n")
        program.stdin.flush()
        told = json.loads(program.stdout.readline())
        cpu = {"writer": told["cpu_seconds"], **_rounded(bench.cpu_seconds() - used)}
        return {
            "bare_seconds": told["seconds"],
            "bare_cpu_seconds": cpu,
            "bare_writes": writes_in(requests(bench.kubectl) - before),
        }


def _rounded(seconds: Counter[str]) -> dict[str, float]:
    return {name: round(it, 1) for name, it in seconds.items()}


def measure(upstreams: int = 100, releases: int = 10) -> dict[str, Any]:
    """Set everything up and measure; each upstream has ten series of so many releases."""
    with tempfile.TemporaryDirectory(prefix="resync-bench-") as name:
        folder = Path(name)
        server = start_apiserver(folder / "apiserver")
        forge = ThreadingHTTPServer(("127.0.0.1", 0), EmptyForge)
        threading.Thread(target=forge.serve_forever, daemon=True).start()
        try:
            bench = prepared(server, folder, f"http://127.0.0.1:{forge.server_port}")
            make_upstreams(folder, upstreams, releases)
            populate(bench.kube, upstreams)
            log = Path(os.environ.get("RESYNC_BENCH_LOG", folder / "log"))
            plans = upstreams * SERIES
            return {"plans": plans, "tags": plans * releases, **observe(bench, log)}
        finally:
            forge.shutdown()
            forge.server_close()
            server.stop()


def prepared(server: ApiServer, folder: Path, forge_url: str) -> Bench:
    """Return a bench on an API server with our kinds; `folder` will hold the upstreams."""
    install_kinds(server)
    kubectl = Kubectl(kubeconfig=server.kubeconfig)
    kubectl.run("create", "namespace", NAMESPACE)
    port = free_port()
    hosts = {"forge.test": {"gitUrl": str(folder), "apiUrl": forge_url}}
    return Bench(
        kube=Kube.connect(connections=8, kubeconfig=server.kubeconfig),
        kubectl=kubectl,
        kubeconfig=server.kubeconfig,
        url=f"http://127.0.0.1:{port}",
        servers={process.name: process.pid for process in recorded(server.state)},
        environment={
            **WITHOUT_LIMITS,
            "KUBECONFIG": str(server.kubeconfig),
            "RESYNC_NAMESPACE": NAMESPACE,
            "RESYNC_LISTEN": "127.0.0.1:0",
            "RESYNC_MONITORING_LISTEN": f"127.0.0.1:{port}",
            "RESYNC_HOSTS": json.dumps(hosts),
        },
    )


def measure_rows(path: Path, machine: str, sizes: Sequence[int] = SIZES) -> None:
    """Measure one size after another and write the figures that the documentation publishes.

    Args:
        path: of the JSON file.
        machine: a description of the machine for readers.
        sizes: numbers of upstreams.
    """
    rows = []
    for upstreams in sizes:
        rows.append(measure(upstreams))
        path.write_text(json.dumps({"machine": machine, "rows": rows}, indent=2) + "\n")


def main() -> None:
    """Measure what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upstreams", type=int, default=100)
    parser.add_argument("--releases", type=int, default=10, help="in each of ten series")
    parser.add_argument("--figures", type=Path, help="measure the sizes of the docs into this file")
    parser.add_argument("--machine", default="", help="what the docs say of this machine")
    arguments = parser.parse_args()
    if arguments.figures:
        measure_rows(arguments.figures, arguments.machine)
    else:
        print(json.dumps(measure(arguments.upstreams, arguments.releases), indent=2))


if __name__ == "__main__":
    main()
