"""Measures a conflict on the local cluster: the wait for people, and the resume after their answer.

    python -m tests.bench.conflict

Two releases conflict. The first is resumed by a webhook, posted as GitHub does when the pull
request has been merged, while the controller polls once an hour only. The second waits for five
minutes with a poll every 30 s, which then resumes it; our requests to the forge are counted, and
extrapolated to an hour.
"""

import json
import time
from typing import Any

from github.PullRequest import PullRequest

from resync_argo.api.meta import Json
from resync_argo.controller.kube.api import WORKFLOWS
from tests.bench.site import Site, bench_world, pause, seconds_of
from tests.e2e.conflict import POLICY, answer, asked
from tests.world.deliveries import deliver, news_of
from tests.world.repositories import BRANCH

FIRST, SECOND = "1.21.1", "1.21.2"
POLL_SECONDS = 30
WAITING_SECONDS = 300.0


def measure() -> dict[str, Any]:
    """Return the seconds to the resume both ways, the requests while waiting, and the attempts' ratio."""
    with bench_world("resync-bench-conflict") as site:
        site.world.controller.restart(pull_request_poll_seconds="3600")
        site.world.apply(site.world.plan())
        by_webhook = _by_webhook(site)
        site.world.controller.restart(pull_request_poll_seconds=str(POLL_SECONDS))
        _merge_result(site)
        return by_webhook | _by_poll(site)


def _by_webhook(site: Site) -> dict[str, Any]:
    question, workflow = _suspended(site, FIRST)
    answer(site.world, question)
    merged = _merged(site, question)
    world = site.world
    news = news_of(world.downstream_name, question.number, question.head.ref)
    deliver(world.controller.url, news)
    seconds = _resumed(site, workflow) - merged
    ended = site.ended_workflow(workflow)
    attempts = [it for it in ended["status"]["nodes"].values() if it["type"] == "Pod"]
    attempts.sort(key=lambda it: it["startedAt"])
    first, second = seconds_of(attempts[0]), seconds_of(attempts[-1])
    return {
        "merged_to_resumed_by_webhook_seconds": round(seconds, 2),
        "first_attempt_seconds": first,
        "second_attempt_seconds": second,
        "second_to_first_attempt_ratio": round(second / first, 2),
    }


def _by_poll(site: Site) -> dict[str, Any]:
    question, workflow = _suspended(site, SECOND)
    begun = time.time()
    pause(WAITING_SECONDS)
    waiting = site.requests(begun)
    unchanged = [it for it in waiting if it.status == 304]
    answer(site.world, question)
    resumed = _resumed(site, workflow)
    return {
        "merged_to_resumed_by_poll_seconds": round(resumed - _merged(site, question), 2),
        "waiting_window_seconds": WAITING_SECONDS,
        "forge_requests_in_window": len(waiting),
        "answered_304_in_window": len(unchanged),
        "forge_requests_of_waiting_hour": len(waiting) * 3600 / WAITING_SECONDS,
        "share_answered_304": round(len(unchanged) / len(waiting), 3) if waiting else 0.0,
    }


def _suspended(site: Site, version: str) -> tuple[PullRequest, str]:
    """Let a release conflict; return the question and the suspended Workflow's name."""
    world = site.world
    change = 'package scheduler\n\nconst Policy = "{} for {}"\n'
    world.downstream.commit(
        "UPSTREAM: <carry>: pack pods", {POLICY: change.format("pack", version)}
    )
    world.push_downstream(BRANCH)
    world.release(version, {POLICY: change.format("balance", version)})
    question = asked(world)
    name = world.wait_for_phase(version, "Conflict", seconds=300)["workflow"]
    site.seen(WORKFLOWS, lambda it: bool(it["metadata"]["name"] == name and _waits(it)))
    return question, name


def _waits(workflow: Json) -> bool:
    nodes = workflow.get("status", {}).get("nodes", {}).values()
    return any(it["type"] == "Suspend" and it["phase"] == "Running" for it in nodes)


def _resumed(site: Site, name: str) -> float:
    """Return when a Workflow was first seen to be resumed."""
    at, _ = site.seen(WORKFLOWS, lambda it: it["metadata"]["name"] == name and not _waits(it))
    return at


def _merged(site: Site, question: PullRequest) -> float:
    """Return when the forge had answered that the pull request is merged."""
    path = f"/repos/{site.world.downstream_name}/pulls/{question.number}/merge"
    journal = reversed(site.world.forge.journal())
    entry = next(it for it in journal if (it.method, it.path, it.status) == ("PUT", path, 200))
    return entry.at + entry.seconds


def _merge_result(site: Site) -> None:
    """Merge the first release's pull request, and bring downstream's work tree up to it."""
    world = site.world
    world.wait_for_phase(FIRST, "Finished")
    (final,) = (it for it in world.pull_requests("open") if "/conflicts/" not in it.head.ref)
    world.merge(final)
    world.fetch_downstream(BRANCH)
    world.downstream.git("merge", "--quiet", "--ff-only", "FETCH_HEAD")


if __name__ == "__main__":
    print(json.dumps(measure(), indent=2))
