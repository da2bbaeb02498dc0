"""Makes what the controller is measured with: upstreams, Plans and Tags by the thousand, a forge without anything.

Each upstream has ten series of releases, each followed by a Plan on a branch of its own. Used by
`controller`.
"""

import base64
import http.server
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from resync_argo.controller.kube.api import PLANS, SECRETS, TAGS, Kube

NAMESPACE = "bench"
SERIES = 10


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
