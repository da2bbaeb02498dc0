"""A release gets its Sync when its turn comes, or earlier on a person's request."""

import json

import pytest

from resync_argo.api.meta import Json, ObjectKey
from resync_argo.controller.kube.api import SYNCS, TAGS, WORKFLOWS
from tests.apiserver.admission import denied
from tests.apiserver.conditions import condition
from tests.apiserver.lab import DOWNSTREAM, Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

MANY = 300
PLANS = 150


def owner(item: Json) -> tuple[str, str, str]:
    """Return kind, name and uid of an object's controlling owner."""
    (found,) = (it for it in item["metadata"]["ownerReferences"] if it["controller"])
    return found["kind"], found["name"], found["uid"]


def test_a_plan_owns_its_syncs_and_a_sync_its_workflows(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")

    (sync,) = lab.objects(SYNCS)
    run = lab.kube.get(WORKFLOWS, ObjectKey(lab.namespace, name))
    assert sync["metadata"]["name"] == "z-1.project-1.0.0"
    assert owner(sync) == ("Plan", "z-1", lab.plan().metadata.uid)
    assert owner(run) == ("Sync", "z-1.project-1.0.0", sync["metadata"]["uid"])
    assert sync["metadata"]["labels"] == {
        "resync.openshift.io/plan": "z-1",
        "resync.openshift.io/tag": "project-1.0.0",
        "resync.openshift.io/version": "1.0.0",
    }


def test_each_plan_has_a_sync_of_its_own_for_a_release(lab: Lab) -> None:
    lab.add_plan()
    lab.add_plan("z-2", downstream={"name": DOWNSTREAM, "branch": "release"})
    with lab.running():
        first = lab.wait_until("1.0.0", "Running")
        second = lab.wait_until("1.0.0", "Running", plan="z-2")

    assert first.workflow != second.workflow
    assert len(lab.syncs()) == 2


def test_a_waiting_release_costs_no_write(lab: Lab) -> None:
    """Nor does the progress of an earlier release cause one."""
    lab.release_at_once(*(f"v1.0.{number}" for number in range(1, MANY)))
    lab.add_plan()
    with lab.running() as controller:
        lab.wait_for_run("1.0.0")
        wait_for(
            lambda: lab.plan().status.pending == MANY - 1,
            deadline_seconds=60,
            describe=lambda: f"{MANY - 1} to be queued; the status is {lab.plan().status}",
        )
        made = tags(lab)
        lab.merge_release("1.0.0")
        lab.wait_until("1.0.1", "Running")
        lab.wait_until_idle(controller)
        later = tags(lab)

    assert len(made) == MANY
    assert {item["metadata"]["generation"] for item in made.values()} == {1}
    queued = made.keys() - {"1.0.0", "1.0.1"}
    assert {v: later[v] for v in queued if later[v] != made[v]} == {}
    said = {(later[v]["status"]["observedGeneration"], later[v]["status"]["phase"]) for v in queued}
    assert said == {(-1, "Pending")}
    assert sorted(sync.spec.tag for sync in lab.syncs()) == ["project-1.0.0", "project-1.0.1"]


def tags(lab: Lab) -> dict[str, Json]:
    """Return all Tags by version."""
    return {item["spec"]["version"]: item for item in lab.objects(TAGS)}


def test_many_plans_work_on_one_release(lab: Lab) -> None:
    """Each has its own record, however many there are."""
    lab.limits = {"max_runs": PLANS, "max_runs_per_namespace": PLANS}
    names = [f"z-{number}" for number in range(PLANS)]
    for name in names:
        downstream = {"name": DOWNSTREAM, "branch": f"of-{name}"}
        lab.add_plan(name, downstream=downstream, steps=[{"run": "true"}], github=None)
    with lab.running():
        wait_for(
            lambda: {s.spec.plan for s in lab.syncs() if s.status.phase == "Running"} == {*names},
            deadline_seconds=120,
            describe=lambda: f"all to run; they are {[s.status.phase for s in lab.syncs()]}",
        )
        wait_for(
            lambda: lab.wait_for_tag("1.0.0").status.phase == "Running",
            deadline_seconds=20,
            describe="the Tag to say so",
        )

    assert lab.wait_for_tag("1.0.0").status.plan in names
    assert len(lab.workflows()) == PLANS


def test_a_person_skips_a_queued_release_for_one_plan_and_takes_it_up_again(lab: Lab) -> None:
    lab.release("v1.0.1", "v1.0.2")
    lab.add_plan()
    with lab.running():
        lab.wait_for_run("1.0.0")
        lab.wait_until_next("1.0.1", "BranchBusy")
        lab.add_sync("1.0.1", skip=True)
        left_out = lab.wait_until("1.0.1", "Skipped", "SkipRequested")
        lab.wait_until_next("1.0.2", "BranchBusy")
        lab.ask("1.0.1", skip=False)
        lab.wait_until("1.0.1", "Pending", "BranchBusy")
        lab.wait_until_next("1.0.1", "BranchBusy")
        lab.ask("1.0.1", skip=True)
        lab.wait_until("1.0.1", "Skipped", "SkipRequested")
        lab.merge_release("1.0.0")
        lab.wait_until("1.0.2", "Running")
        kept = lab.sync_object("1.0.1")

    assert left_out.workflow is None
    assert kept is not None
    assert kept.metadata.controller_uid == lab.plan().metadata.uid, "it goes away with its Plan"
    assert len(lab.workflows()) == 2


def test_one_command_skips_a_queued_release_for_every_plan_and_another_withdraws_it(
    lab: Lab,
) -> None:
    lab.release("v1.0.1", "v1.0.2")
    lab.add_plan()
    with lab.running():
        lab.wait_for_run("1.0.0")
        lab.wait_until_next("1.0.1", "BranchBusy")
        patch_tag(lab, "project-1.0.1", skip=True)
        lab.wait_until_next("1.0.2", "BranchBusy")
        patch_tag(lab, "project-1.0.1", skip=False)
        lab.wait_until_next("1.0.1", "BranchBusy")
        patch_tag(lab, "project-1.0.1", skip=True)
        lab.wait_until_next("1.0.2", "BranchBusy")
        lab.merge_release("1.0.0")
        lab.wait_until("1.0.2", "Running")

    assert lab.sync_object("1.0.1") is None
    assert len(lab.workflows()) == 2


def patch_tag(lab: Lab, name: str, *, skip: bool) -> None:
    """Patch the Tag as the documentation says."""
    patch = json.dumps({"spec": {"skip": skip}})
    lab.kubectl.run("patch", "tag", name, "--type=merge", f"--patch={patch}")


def test_a_refused_sync_is_reported_on_its_plan_and_created_once_allowed(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resync_argo.controller.workers.REFUSED_SECONDS", 0.5)
    lab.add_plan()
    lab.add_plan("z-2", downstream={"name": DOWNSTREAM, "branch": "other"})
    with lab.running():
        with denied(lab, SYNCS, "object.spec.plan != 'z-3'"):
            lab.add_plan("z-3", downstream={"name": DOWNSTREAM, "branch": "third"})
            said = condition(lab, "ObjectsCreated", "Refused", plan="z-3")
            lab.wait_until("1.0.0", "Running", plan="z-2")
        lab.wait_until("1.0.0", "Running", plan="z-3")

    assert said.startswith("Sync z-3.project-1.0.0: ")
    assert "Not this one." in said
