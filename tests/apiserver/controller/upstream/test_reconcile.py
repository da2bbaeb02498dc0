"""An upstream's releases become Tags, even if the API server or the upstream refuses one of them."""

import pytest

from resync_argo.controller.kube.api import SYNCS, TAGS, WORKFLOWS
from tests.apiserver.admission import denied
from tests.apiserver.conditions import condition
from tests.apiserver.lab import Lab
from tests.apiserver.writes import status_writes
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def test_a_refused_tag_holds_up_no_other_release(lab: Lab) -> None:
    lab.release("v1.0.1", "v1.0.2")
    lab.add_plan()
    with denied(lab, TAGS, "object.spec.version != '1.0.1'"), lab.running():
        lab.wait_for_run("1.0.0")
        lab.wait_for_tag("1.0.2")
        lab.release("v1.0.3")
        lab.wait_for_tag("1.0.3")
        refused = lab.tag("1.0.1")
        said = condition(lab, "ObjectsCreated", "Refused")
        lab.merge_release("1.0.0")
        lab.wait_until("1.0.2", "Running")

    assert refused is None
    assert said.startswith("Tag 1.0.1: ")
    assert "Not this one." in said


def test_a_refused_tag_is_created_once_allowed(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan(suspend=True)
    with lab.running():
        with denied(lab, TAGS, "object.spec.version != '1.0.2'"):
            lab.release("v1.0.2", "v1.0.3")
            lab.wait_for_tag("1.0.3")
            refused = lab.tag("1.0.2")
        lab.release("v1.0.4")
        lab.wait_for_tag("1.0.2")
        wait_for(
            lambda: "ObjectsCreated" not in {c.type for c in lab.plan().status.conditions},
            deadline_seconds=20,
            describe="the Plan to say no more of it",
        )

    assert refused is None


def test_a_failing_upstream_causes_one_write_and_none_on_a_release(lab: Lab) -> None:
    lab.release_at_once(*(f"v1.0.{number}" for number in range(1, 40)))
    lab.add_plan()
    upstream, away = lab.folder / "up/project", lab.folder / "up/away"
    with lab.running() as controller:
        lab.wait_for_run("1.0.0")
        wait_for(
            lambda: lab.plan().status.pending == 39,
            deadline_seconds=30,
            describe=lambda: f"39 to be queued; the status is {lab.plan().status}",
        )
        condition(lab, "PermissionsGranted", "Granted")
        lab.wait_until_idle(controller)
        before, written = releases(lab), status_writes(lab)
        upstream.rename(away)
        condition(lab, "UpstreamReachable", "RepositoryNotFound")
        lab.wait_until_idle(controller)
        lab.wait_until_next("1.0.1", "PlanNotReady")
        lab.wait_until_idle(controller)
        failed = status_writes(lab) - written
        away.rename(upstream)
        condition(lab, "UpstreamReachable", "Reached")
        lab.wait_until_next("1.0.1", "BranchBusy")
        lab.wait_until_idle(controller)
        after = releases(lab)

    assert after == before
    assert failed == 1


def releases(lab: Lab) -> dict[str, str]:
    """Return the resource version of every object for a release."""
    return {
        f"{resource.plural}/{item['metadata']['name']}": item["metadata"]["resourceVersion"]
        for resource in (TAGS, SYNCS, WORKFLOWS)
        for item in lab.objects(resource)
    }
