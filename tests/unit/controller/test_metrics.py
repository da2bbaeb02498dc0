"""What the metrics tell about Tags, and about a forge that limits requests."""

import http.server
import json
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from resync_argo.api.meta import ObjectKey, ObjectMeta
from resync_argo.api.plan import Plan, RepositoryName
from resync_argo.api.tag import Tag
from resync_argo.controller.changes import enqueue_all, watch_changes
from resync_argo.controller.forge.forges import connect_github
from resync_argo.controller.kube.api import Kube
from resync_argo.controller.main import build_world
from resync_argo.controller.serving.metrics import STEP_SECONDS, Collector
from resync_argo.controller.state.keys import UpstreamKey
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.world import UpstreamView, World
from resync_argo.forge.credentials import Token
from resync_argo.forge.github import GitHubForge
from resync_argo.settings import HostSettings, Settings
from resync_argo.submit.progress import StepTime

PLAN = {
    "metadata": {"name": "z-1", "namespace": "team", "uid": "plan-uid", "resourceVersion": "1"},
    "spec": {
        "config": {
            "upstream": {"name": "forge.test/up/project", "matchedVersions": ["1.x"]},
            "downstream": {"name": "forge.test/down/project", "branch": "main"},
            "image": "registry.test/steps:1",
        },
        "steps": [{"run": "true"}],
    },
}


@pytest.fixture
def world(tmp_path: Path) -> World:
    settings = Settings()
    made = build_world(Kube(client.Configuration()), settings, connect_github(settings), tmp_path)
    return replace(made, now=lambda: "2026-01-01T01:00:00Z")


def add_tag(world: World, version: str, made: str, sync: dict[str, Any]) -> None:
    conflicted = {
        "type": "Conflicted",
        "status": "True",
        "reason": "WaitingForResolution",
        "lastTransitionTime": "2026-01-01T00:50:00Z",
    }
    item = {
        "metadata": {
            "name": f"project-{version}",
            "namespace": "team",
            "resourceVersion": "1",
            "creationTimestamp": made,
        },
        "spec": {"repository": "forge.test/up/project", "version": version},
        "status": {"syncs": [{"plan": "z-1", **sync}], "conditions": [conflicted]},
    }
    world.caches.tags.put(Tag.parse(item))


def samples(world: World, name: str) -> dict[tuple[str, ...], float]:
    found = (m for m in Collector(world, lambda: True).collect() if m.name == name)
    return {tuple(s.labels.values()): s.value for metric in found for s in metric.samples}


def test_the_longest_wait_of_each_kind_is_told_for_each_plan(world: World) -> None:
    add_tag(world, "1.0.0", "2026-01-01T00:00:00Z", {"phase": "Conflict"})
    add_tag(world, "1.0.1", "2026-01-01T00:30:00Z", {"phase": "Pending"})
    add_tag(world, "1.0.2", "2026-01-01T00:40:00Z", {"phase": "Pending"})
    finished = {"phase": "Finished", "number": 1, "finishTime": "2026-01-01T00:59:00Z"}
    add_tag(world, "0.9.0", "2026-01-01T00:00:00Z", finished)
    add_tag(world, "0.8.0", "2026-01-01T00:00:00Z", {**finished, "merged": True})

    assert samples(world, "resync_waiting_seconds") == {
        ("team", "z-1", "resolution"): 600.0,
        ("team", "z-1", "turn"): 1800.0,
        ("team", "z-1", "review"): 60.0,
    }
    assert samples(world, "resync_syncs")["Finished",] == 2


class Limited(http.server.BaseHTTPRequestHandler):
    """A forge that says how many requests are left."""

    def do_GET(self) -> None:
        body = json.dumps([]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-RateLimit-Limit", "5000")
        self.send_header("X-RateLimit-Remaining", "4321")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def limited_forge() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Limited) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_requests_are_counted_and_the_quota_is_what_the_forge_said_last() -> None:
    with (
        limited_forge() as url,
        GitHubForge(
            RepositoryName.of("forge.test/down/project"),
            credentials=Token(value="token-of-a-test"),
            hosts={"forge.test": HostSettings(api_url=url)},
        ) as forge,
    ):
        before = forge.requests, forge.quota_left
        forge.find_pull_request("a")
        forge.find_pull_request("b")
        after = forge.requests, forge.quota_left

    assert before == (0, None)
    assert after == (2, 4321)


def test_each_step_is_counted_once_and_only_by_those_who_saw_it_end(world: World) -> None:
    def workflow(version: int, ended: int) -> Run:
        steps = tuple(
            StepTime(attempt=1, container=f"0{number}-step", seconds=90.0)
            for number in range(1, ended + 1)
        )
        metadata = ObjectMeta(
            name="z-counted-1", namespace="team", uid="u", resource_version=str(version)
        )
        plan = ObjectKey("team", "z-counted")
        return Run(metadata=metadata, plan=plan, plan_uid="p", version="1", steps=steps)

    watch_changes(world)
    for version, ended in enumerate((1, 2, 2, 3), start=1):
        world.caches.runs.put(workflow(version, ended))

    counts = {
        sample.labels["step"]: sample.value
        for metric in STEP_SECONDS.collect()
        for sample in metric.samples
        if sample.name.endswith("_count") and sample.labels["plan"] == "z-counted"
    }
    assert counts == {"02-step": 1.0, "03-step": 1.0}


def test_an_upstream_that_was_never_read_is_infinitely_old(world: World) -> None:
    key = UpstreamKey("team", "forge.test/up/project", None)
    world.upstreams[key] = UpstreamView(tags={}, error="no answer")

    assert samples(world, "resync_upstream_age_seconds") == {
        ("team", "forge.test/up/project"): math.inf
    }


def test_an_upstream_that_is_read_with_two_secrets_is_told_once_with_its_greater_age(
    world: World,
) -> None:
    for secret, looked_at in (("a", 90.0), ("b", 40.0)):
        key = UpstreamKey("team", "forge.test/up/project", secret)
        world.upstreams[key] = UpstreamView(tags={}, looked_at=looked_at)

    (age,) = (
        metric
        for metric in Collector(replace(world, clock=lambda: 100.0), lambda: True).collect()
        if metric.name == "resync_upstream_age_seconds"
    )

    assert [sample.value for sample in age.samples] == [60.0]


def test_what_changes_while_another_process_leads_does_not_pile_up(world: World) -> None:
    world.caches.plans.put(Plan.parse(PLAN))
    add_tag(world, "1.0.0", "2026-01-01T00:00:00Z", {"phase": "Running", "startTime": "x"})
    following = len(world.queue), len(world.announcements)

    watch_changes(world)
    enqueue_all(world)

    assert following == (0, 0)
    # The Plan, its upstream and the Tag; and the Tag in Slack.
    assert (len(world.queue), len(world.announcements)) == (3, 1)


def test_plans_are_counted_by_readiness(world: World) -> None:
    assert samples(world, "resync_plans") == {("True",): 0, ("False",): 0, ("Unknown",): 0}
