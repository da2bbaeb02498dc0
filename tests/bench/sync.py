"""Measures a clean sync on the local cluster, and an idle installation.

    python -m tests.bench.sync

The upstream is polled every second, pull requests at the default of 30 s. The time from the pushed
tag to the open pull request is split at the events that are visible from outside: Tag, Workflow,
pod, the end of the last run step, and the forge's answer to the request that opened the pull
request. The API's writes are those of the whole cluster; the changed objects are the namespace's
own, whatever else the cluster does.
"""

import json
import re
import time
from datetime import datetime
from itertools import pairwise
from typing import Any

from resync_argo.api.meta import Json
from resync_argo.controller.kube.api import PLANS, TAGS, WORKFLOW_TEMPLATES, WORKFLOWS
from resync_argo.reasons.sections import MERGED
from tests.apiserver.writes import api_writes
from tests.bench.site import EVENTS, PODS, Site, bench_world, pause
from tests.world.repositories import release

VERSION = "1.21.1"
IDLE_SECONDS = 60.0
SETTLE_SECONDS = 10.0
STEP_ENDED = re.compile(r"^(\S+) step took ", re.M)
PEAK = re.compile(r"^peak memory: (\d+) MiB, git (\d+) MiB$", re.M)


def measure() -> dict[str, Any]:
    """Return seconds, counts and MiB of one clean sync and of an idle minute after it."""
    with bench_world("resync-bench-sync") as site:
        site.world.controller.restart(pull_request_poll_seconds="30")
        world = site.world
        world.apply(world.plan())
        world.wait_for_condition("plans.resync.openshift.io", "z-release-4.8", "Ready=True")
        pause(SETTLE_SECONDS)
        return _sync(site) | _idle(site)


def _sync(site: Site) -> dict[str, Any]:
    world = site.world
    release(world.upstream, VERSION)
    begun = time.time()
    world.push_upstream()
    moments = {"pushed": time.time()}
    moments["noticed"], _ = site.tag(VERSION)
    moments["submitted"], workflow = site.seen(WORKFLOWS, lambda _: True)
    moments["pod_running"], _ = site.seen(PODS, _has_started)
    moments["published"] = site.wait(lambda: _published(site, begun), "a pull request")
    world.wait_for_phase(VERSION, "Finished")
    site.ended_workflow(workflow["metadata"]["name"])
    requests, pods = len(site.requests(begun)), site.objects(PODS)
    moments["steps"] = _steps_ended(site, pods[0])
    return {
        "tag_pushed_to_pull_request_seconds": round(moments["published"] - moments["pushed"], 2),
        **_split(moments),
        "pods_per_attempt": len(pods),
        "forge_requests": requests,
        **_peak_memory(site, pods[0]),
    }


def _idle(site: Site) -> dict[str, Any]:
    world = site.world
    (opened,) = world.pull_requests("open")
    world.merge(opened)
    _, tag = site.tag(VERSION)
    name = tag["metadata"]["name"]
    world.wait_for_condition("tags.resync.openshift.io", name, f"{MERGED}=True", seconds=120)
    pause(SETTLE_SECONDS)
    begun, writes, versions = time.time(), api_writes(world.kubectl), _versions(site)
    pause(IDLE_SECONDS)
    changed = _versions(site).items() - versions.items()
    return {
        "api_writes_in_idle_minute": api_writes(world.kubectl) - writes,
        "objects_changed_in_idle_minute": len(changed),
        "forge_requests_in_idle_hour": len(site.requests(begun)) * 3600 / IDLE_SECONDS,
    }


def _split(moments: dict[str, float]) -> dict[str, float]:
    """Return the duration of each part, in order of time."""
    inner = sorted(moments, key=lambda name: moments[name])
    return {
        f"{name}_seconds": round(moments[name] - moments[before], 2)
        for before, name in pairwise(inner)
    }


def _has_started(pod: Json) -> bool:
    return bool(pod["status"]["phase"] != "Pending")


def _versions(site: Site) -> dict[str, str]:
    """Return the resourceVersion of each object of the namespace that our writes would change."""
    kinds = (PLANS, TAGS, WORKFLOWS, WORKFLOW_TEMPLATES, EVENTS)
    found = [it["metadata"] for kind in kinds for it in site.objects(kind)]
    return {it["uid"]: it["resourceVersion"] for it in found}


def _published(site: Site, since: float) -> float | None:
    """Return when the forge had answered that the pull request is open."""
    for entry in site.requests(since):
        if entry.method == "POST" and entry.path.endswith("/pulls") and entry.status == 201:
            return entry.at + entry.seconds
    return None


def _steps_ended(site: Site, pod: Json) -> float:
    """Return when the last run step logged its end."""
    options = ("--all-containers", "--timestamps", "--tail=-1")
    log = site.world.kubectl.run("logs", *options, "--", pod["metadata"]["name"])
    return max(datetime.fromisoformat(when).timestamp() for when in STEP_ENDED.findall(log))


def _peak_memory(site: Site, pod: Json) -> dict[str, int]:
    """Return the peak resident memory of one of our containers: of our program and its git."""
    log = site.world.kubectl.run("logs", "--all-containers", "--", pod["metadata"]["name"])
    found = [(int(ours), int(git)) for ours, git in PEAK.findall(log)]
    return {
        "peak_memory_of_our_program_mib": max(ours for ours, _ in found),
        "peak_memory_of_its_git_mib": max(git for _, git in found),
        "peak_memory_of_both_mib": max(ours + git for ours, git in found),
    }


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
