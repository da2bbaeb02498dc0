"""A queue of releases costs the API server one write for each, and none after a restart."""

from collections import Counter

import pytest

from resync_argo.api.conditions import find
from resync_argo.api.meta import NOT_OBSERVED
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import PLANS
from resync_argo.controller.plan import reconcile
from resync_argo.controller.state.keys import PlanKey
from resync_argo.controller.state.objects import keep_plan
from tests.apiserver.lab import DOWNSTREAM, Lab
from tests.apiserver.writes import lists_in, requests, writes_in
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

MANY_PLANS, MANY_TAGS = 20, 50
SECONDS = 120.0


def test_a_queued_release_is_written_once_and_a_restart_writes_nothing(lab: Lab) -> None:
    lab.release_at_once(*(f"v1.0.{number}" for number in range(1, MANY_TAGS)))
    lab.limits = {"forge_writes_per_minute": 10_000, "forge_writes_per_hour": 10_000}
    for number in range(MANY_PLANS):
        lab.add_plan(f"z-{number}", downstream={"name": DOWNSTREAM, "branch": f"branch-{number}"})
    before = requests(lab.kubectl)
    with lab.running() as controller:
        wait_for(lambda: is_steady(lab), deadline_seconds=SECONDS, describe="20 runs")
        lab.wait_until_idle(controller)
    written, listed = requests(lab.kubectl) - before, lab.kubectl.run("get", "tags")
    before = requests(lab.kubectl)
    with lab.running() as controller:
        wait_for(lambda: not controller.stale(), deadline_seconds=SECONDS, describe="what is there")
        lab.wait_until_idle(controller)
    restarted = requests(lab.kubectl) - before

    made = {what: number for what, number in written.items() if not what.startswith("LIST")}
    assert (
        made | {"POST tags": MANY_TAGS, "POST syncs": MANY_PLANS, "POST workflows": MANY_PLANS}
        == made
    )
    assert made["APPLY workflowtemplates"] == MANY_PLANS
    assert "PATCH tags" not in made
    assert {tag.version for tag in lab.tags() if is_looked_at(tag)} == {"1.0.0"}
    assert Counter(line.split()[1] for line in listed.splitlines()) == {
        "PHASE": 1,
        "Running": 1,
        "Pending": MANY_TAGS - 1,
    }
    assert made["PATCH plans/status"] <= 4 * MANY_PLANS
    assert made["PATCH syncs/status"] <= 2 * MANY_PLANS
    assert writes_in(restarted) == 0
    assert lists_in(restarted) <= 12


def is_steady(lab: Lab) -> bool:
    """Return whether every Plan has its run and has counted the rest."""
    plans = [lab.plan(f"z-{number}") for number in range(MANY_PLANS)]
    return all((it.status.running, it.status.pending) == (1, MANY_TAGS - 1) for it in plans)


def is_looked_at(tag: Tag) -> bool:
    """Return whether the controller has written a Tag's status."""
    return tag.status.observed_generation != NOT_OBSERVED


def test_a_new_plan_waits_only_a_moment_for_the_first_look_at_its_upstream(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.add_plan()
    parts = lab.controller().parts
    key = PlanKey(lab.plan().metadata.key)
    parts.cluster.caches.plans.put(keep_plan(lab.kube.get(PLANS, key.object)))
    parts.workers.process(key)
    assert parts.pollers.opt_ins.step()
    parts.workers.process(key)
    at_first = lab.plan().status.conditions
    monkeypatch.setattr(reconcile, "FIRST_SECONDS", 0.0)
    parts.workers.process(key)
    ready = find(lab.plan().status.conditions, "Ready")

    assert at_first == ()
    assert ready is not None
    assert (ready.status, ready.reason) == ("Unknown", "UpstreamNotRead")
