"""Measures the controller with 1,000 Plans and 10,000 Tags on a real API server; prints JSON.

    python -m tests.bench.controller [--upstreams 100] [--releases 10]

Each upstream has ten series of releases, each followed by a Plan on a branch of its own.
The API server and the controller share the machine; nobody carries out the Workflows. Reported:
seconds from a start to steady state (nothing done yet, and again after a restart), the most memory
that was resident, seconds until one changed Plan is applied, writes to the API in an idle minute.
"""

import argparse
import base64
import http.server
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
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube import PLANS, SECRETS, TAGS, WORKFLOW_TEMPLATES, Kube
from tests.apiserver.conftest import install_kinds
from tests.cluster.apiserver import free_port, start_apiserver
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for

NAMESPACE = "bench"
SERIES = 10
STEADY_SECONDS = 600.0
IDLE_SECONDS = 60.0
WRITES = re.compile(
    r'^apiserver_request_total\{.*resource="(?:plans|tags|workflows|workflowtemplates|events)"'
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

    def metric(self, name: str) -> float:
        """Return one of the controller's metrics."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.M)
        return float(found[1]) if found else 0.0

    def writes(self) -> float:
        """Return how many writes of our kinds the API server has seen."""
        return api_writes(self.kubectl)


def api_writes(kubectl: Kubectl) -> float:
    """Return how many writes of our kinds an API server has seen, whoever wrote."""
    text = kubectl.run("get", "--raw", "/metrics")
    return sum(float(value) for value in WRITES.findall(text))


class EmptyForge(http.server.BaseHTTPRequestHandler):
    """A forge without any pull request."""

    def do_GET(self) -> None:
        body = b"[]"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


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


def seconds_until(predicate: Callable[[], bool]) -> float:
    """Return the seconds until something is so."""
    began = time.monotonic()
    wait_for(predicate, deadline_seconds=STEADY_SECONDS, describe="a steady state")
    return round(time.monotonic() - began, 2)


def is_steady(bench: Bench) -> Callable[[], bool]:
    """Return a test of whether the controller has nothing to do, three times in a row."""
    quiet = 0

    def steady() -> bool:
        nonlocal quiet
        try:
            busy = bench.metric("resync_queue_depth") > 0 or bench.metric("resync_ready") == 0
        except OSError:
            busy = True
        quiet = 0 if busy else quiet + 1
        return quiet >= 3

    return steady


def make_upstreams(folder: Path, upstreams: int, releases: int) -> list[str]:
    """Make repositories with `releases` tags in each series; return the commit of each."""
    commits = []
    for number in range(upstreams):
        repository = folder / "up" / f"project-{number}"
        repository.mkdir(parents=True)
        git = ["git", "-C", str(repository), "-c", "user.name=b", "-c", "user.email=b@example.com"]
        subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
        subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "release"], check=True)
        commit = subprocess.check_output([*git, "rev-parse", "HEAD"], text=True).strip()
        lines = [
            f"create refs/tags/v1.{series}.{patch} {commit}\n"
            for series in range(SERIES)
            for patch in range(releases)
        ]
        subprocess.run([*git, "update-ref", "--stdin"], input="".join(lines), text=True, check=True)
        commits.append(commit)
    return commits


def plan(number: int, series: int) -> dict[str, Any]:
    """Return the Plan of one series of one upstream."""
    run = [{"name": f"Step {n}", "run": f"echo {n}; make update-{n}"} for n in range(8)]
    action = {"type": "pull-request", "title": "Sync $UPSTREAM_TAG", "body": "Release notes"}
    return {
        "apiVersion": "resync.openshift.io/v1alpha1",
        "kind": "Plan",
        "metadata": {"name": f"plan-{number}-{series}", "namespace": NAMESPACE},
        "spec": {
            "config": {
                "upstream": {
                    "name": f"forge.test/up/project-{number}",
                    "matchedVersions": [f"1.{series}.x"],
                },
                "downstream": {
                    "name": f"forge.test/down/project-{number}",
                    "branch": f"release-1.{series}",
                },
                "image": "registry.test/steps:1",
                "github": {"credentials": {"secretSelector": "github"}},
            },
            "steps": [*run, {"name": "Create PR", "action": action}],
        },
    }


def tag(number: int, version: str, commit: str, following: str | None) -> dict[str, Any]:
    """Return the Tag of one release, as the controller makes it."""
    spec = {
        "repository": f"forge.test/up/project-{number}",
        "version": version,
        "ref": f"refs/tags/v{version}",
        "commit": commit,
        "next": following,
    }
    return {
        "apiVersion": "resync.openshift.io/v1alpha1",
        "kind": "Tag",
        "metadata": {"name": f"project-{number}-{version}", "namespace": NAMESPACE},
        "spec": {name: value for name, value in spec.items() if value is not None},
    }


def populate(kube: Kube, commits: list[str], releases: int) -> None:
    """Make the Secret, the Plans and the Tags."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "github", "namespace": NAMESPACE},
        "data": {"token": base64.b64encode(b"no-token").decode()},
    }
    kube.create(SECRETS, secret)
    versions = [f"1.{series}.{patch}" for series in range(SERIES) for patch in range(releases)]
    following = dict(zip(versions, [*versions[1:], None], strict=True))
    with ThreadPoolExecutor(8) as pool:
        for number, commit in enumerate(commits):
            for version in versions:
                pool.submit(kube.create, TAGS, tag(number, version, commit, following[version]))
            for series in range(SERIES):
                pool.submit(kube.create, PLANS, plan(number, series))


def seconds_to_apply(kube: Kube) -> float:
    """Return the seconds from a Plan's change to its WorkflowTemplate's."""
    key = ObjectKey(NAMESPACE, "plan-0-5")
    before = kube.get(WORKFLOW_TEMPLATES, key)["metadata"]["generation"]
    steps = plan(0, 5)["spec"]["steps"]
    steps[0]["run"] = "echo changed"
    kube.patch(PLANS, key, {"spec": {"steps": steps}})
    return seconds_until(
        lambda: kube.get(WORKFLOW_TEMPLATES, key)["metadata"]["generation"] != before
    )


def observe(bench: Bench, log: Path) -> dict[str, float]:
    """Start the controller twice and measure."""
    result: dict[str, float] = {}
    began = bench.writes()
    with running(bench, log) as pid:
        result["seconds_to_steady_state"] = seconds_until(is_steady(bench))
        result["writes_to_steady_state"] = bench.writes() - began
        result["memory_mib"] = resident_mib(pid)
    with running(bench, log) as pid:
        began = bench.writes()
        result["seconds_to_steady_state_after_restart"] = seconds_until(is_steady(bench))
        result["writes_after_restart"] = bench.writes() - began
        result["seconds_until_changed_plan_is_applied"] = seconds_to_apply(bench.kube)
        wait_for(is_steady(bench), deadline_seconds=60, describe="rest after the change")
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
        forge = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EmptyForge)
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
                    "RESYNC_LISTEN": f"127.0.0.1:{port}",
                    "RESYNC_HOSTS": json.dumps(hosts),
                },
            )
            result = observe(bench, Path(os.environ.get("RESYNC_BENCH_LOG", folder / "log")))
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
