"""While an upstream's Tags are being created, no decision is final, since the order is not known yet."""

import pytest

from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import PLANS
from resync_argo.controller.kube.cache import Change
from resync_argo.controller.main import Controller
from resync_argo.controller.state.keys import PlanKey, branch_key, upstream_key
from resync_argo.controller.state.objects import keep_plan
from resync_argo.names import VERSION_LABEL
from tests.apiserver.lab import UPSTREAM, Lab

pytestmark = pytest.mark.apiserver


def standings(controller: Controller, lab: Lab) -> dict[str, str]:
    """Return the standing of each Tag, by the version in its name."""
    decision = controller.parts.turns.decide(branch_key(lab.plan()))
    return {key.tag.name.rpartition("-")[2]: it.reason for key, it in decision.items()}


def read_upstream(controller: Controller, lab: Lab) -> None:
    """Do the controller's look at the upstream, and reconcile it."""
    key = upstream_key(lab.plan())
    if controller.parts.tenants.has_opted_in(lab.namespace) is None:
        assert controller.parts.pollers.opt_ins.step()
    controller.parts.workers.process(key)
    assert controller.parts.pollers.upstreams.step()
    controller.parts.workers.process(key)


def test_a_branch_is_decided_again_once_all_tags_exist(lab: Lab) -> None:
    """Another worker may decide the branch between a Tag's creation and the last one's."""
    lab.release("v1.0.1")
    lab.add_plan()
    controller = lab.controller()
    parts = controller.parts
    item = parts.cluster.kube.get(PLANS, lab.plan().metadata.key)
    parts.cluster.caches.plans.put(keep_plan(item))
    seen = []

    def decide_at_once(_change: Change[Tag]) -> None:
        parts.turns.mark(branch_key(lab.plan()))
        seen.append(standings(controller, lab))

    read_upstream(controller, lab)  # by then the Plan says that its upstream can be read
    parts.workers.process(PlanKey(lab.plan().metadata.key))
    parts.cluster.caches.tags.on_change = decide_at_once
    lab.release("v1.0.2")
    parts.pollers.upstreams.look_again(upstream_key(lab.plan()))
    read_upstream(controller, lab)

    assert seen[-1]["1.0.0"] == "UpstreamNotRead"
    assert standings(controller, lab) == {
        "1.0.0": "Next",
        "1.0.1": "OlderFirst",
        "1.0.2": "OlderFirst",
    }


def test_the_newest_runs_first_however_many_tags_are_created_before_it(lab: Lab) -> None:
    """Other workers decide the branch while the Tags are created, oldest first."""
    lab.release_at_once(*(f"v1.0.{patch}" for patch in range(1, 60)))
    upstream = {"name": UPSTREAM, "matchedVersions": ["1.0.x"]}
    lab.add_plan(upstream=upstream, order="Latest")
    with lab.running() as controller:
        lab.wait_until("1.0.59", "Running")
        lab.wait_until_idle(controller)

    assert [it["metadata"]["labels"][VERSION_LABEL] for it in lab.workflows()] == ["1.0.59"]
