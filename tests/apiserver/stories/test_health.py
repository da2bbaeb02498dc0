"""Programs that do not know our kinds show the right health at each stage of a release.

`look` returns the verdicts of kstatus and Argo CD on Plan, Tag and Sync.
"""

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import PLANS, SYNCS, TAGS, Resource
from resync_argo.forge.interface import PullRequestState
from tests.apiserver.argocd import ArgoCD
from tests.apiserver.kstatus import kstatus
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

NAMES = {PLANS: "z-1", TAGS: "project-1.0.0", SYNCS: "z-1.project-1.0.0"}

WORKS = "InProgress Progressing"
ASKS = "InProgress Suspended"
BROKEN = "Failed Degraded"
GOOD = "Current Healthy"


def look(lab: Lab, *resources: Resource) -> list[str]:
    """Return the verdicts on the objects, in the order of the resources."""
    argo = ArgoCD.configured(lab.kubectl)
    items = [lab.kube.get(it, ObjectKey(lab.namespace, NAMES[it])) for it in resources]
    words = [argo.health(item).partition(":")[0] for item in items]
    return [f"{one} {other}" for one, other in zip(kstatus(*items), words, strict=True)]


def wait_to_see(lab: Lab, expected: str, *resources: Resource) -> None:
    """Wait until all have the same verdict; a Tag mirrors its Sync a moment later."""
    wanted = [expected] * len(resources)
    wait_for(
        lambda: look(lab, *resources) == wanted,
        deadline_seconds=30,
        describe=lambda: f"{wanted}; it is {look(lab, *resources)}",
    )


def test_unreconciled_objects_are_not_ready(lab: Lab) -> None:
    lab.add_plan()
    lab.add_sync("1.0.0")

    assert look(lab, PLANS, SYNCS) == [WORKS, WORKS]


def test_a_release_progresses_then_waits_for_people_then_is_done(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        wait_to_see(lab, WORKS, TAGS, SYNCS)
        wait_to_see(lab, GOOD, PLANS)
        asked = lab.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod",))
        lab.argo_suspends(name, "ab12")
        lab.wait_until("1.0.0", "Conflict")
        wait_to_see(lab, ASKS, TAGS, SYNCS)
        lab.forge.set_state(asked.number, PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Running")
        final = lab.forge.open("resync/z-1/1.0.0")
        lab.argo_ends(name, 0, attempt=2)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        wait_to_see(lab, ASKS, TAGS, SYNCS)
        lab.forge.set_state(final.number, PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Finished", "Merged")
        wait_to_see(lab, GOOD, PLANS, TAGS, SYNCS)
        lab.release("v1.0.1")
        wait_for(
            lambda: (tag := lab.tag("1.0.0")) and tag.spec.next,
            deadline_seconds=20,
            describe="the next release",
        )
        wait_to_see(lab, GOOD, TAGS)


def test_a_failed_release_is_not_healthy_and_argo_cd_can_retry_it(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        lab.argo_ends(name, 1, "StepFailed: make exited with 2.")
        lab.wait_until("1.0.0", "Failed", "StepFailed")
        wait_to_see(lab, BROKEN, TAGS, SYNCS)
        key = ObjectKey(lab.namespace, NAMES[SYNCS])
        patch = ArgoCD.configured(lab.kubectl).patch(lab.kube.get(SYNCS, key), "retry")
        lab.kube.patch(SYNCS, key, patch)
        lab.wait_for_run("1.0.0", other_than=name)
        wait_to_see(lab, WORKS, TAGS, SYNCS)


def test_a_plan_is_stalled_until_somebody_acts(lab: Lab) -> None:
    lab.add_plan(github={"credentials": {"secretSelector": "nowhere"}})
    with lab.running():
        wait_to_see(lab, BROKEN, PLANS)
        lab.add_secret("nowhere", token="t")
        lab.kube.patch(PLANS, ObjectKey(lab.namespace, "z-1"), {"metadata": {"labels": {"a": "b"}}})
        wait_to_see(lab, GOOD, PLANS)


def test_a_release_that_a_person_skips_before_its_turn_is_done(lab: Lab) -> None:
    lab.add_plan(suspend=True)
    with lab.running():
        lab.wait_for_tag("1.0.0")
        wait_to_see(lab, "Current Suspended", PLANS)
        before = look(lab, TAGS)
        lab.skip_release("1.0.0")
        wait_to_see(lab, GOOD, TAGS)

    assert before == [WORKS]
