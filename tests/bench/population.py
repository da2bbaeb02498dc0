"""Makes the objects for measuring the controller: thousands of upstreams and Plans, and an empty forge.

Each upstream has ten series of releases, each followed by a Plan on its own branch. Used by
`controller`.
"""

import base64
import http.server
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from resync_argo.controller.kube.api import PLANS, SECRETS, Kube

NAMESPACE = "bench"
SERIES = 10


class EmptyForge(http.server.BaseHTTPRequestHandler):
    """A forge without pull requests, on which nobody may push, so that no push is rehearsed."""

    protocol_version = "HTTP/1.1"  # forges keep connections open

    def do_GET(self) -> None:
        body = json.dumps(_answer(urlsplit(self.path).path)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


def _answer(path: str) -> object:
    """Return a forge's answer about a repository, one of its branches, or something missing."""
    parts = path.strip("/").split("/")
    if len(parts) == 3:
        return {
            "full_name": "/".join(parts[1:]),
            "default_branch": "main",
            "private": False,
            "permissions": {"push": False},
        }
    return {"protected": False} if parts[3] == "branches" else []


def make_upstreams(folder: Path, upstreams: int, releases: int) -> None:
    """Make repositories with `releases` tags in each series."""
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


def new_plan(name: str) -> dict[str, Any]:
    """Return the Plan of a name, as `plan` makes it."""
    _, number, series = name.split("-")
    return plan(int(number), int(series))


def populate(kube: Kube, upstreams: int) -> None:
    """Create the Secret and the Plans."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "github", "namespace": NAMESPACE},
        "data": {"token": base64.b64encode(b"no-token").decode()},
    }
    kube.create(SECRETS, secret)
    with ThreadPoolExecutor(8) as pool:
        plans = [plan(number, series) for number in range(upstreams) for series in range(SERIES)]
        for _ in pool.map(lambda it: kube.create(PLANS, it), plans):
            pass
