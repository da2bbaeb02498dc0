"""Whatever a namespace does, its neighbour hardly waits longer, and memory stays bounded.

The neighbour edits its Plan and releases upstream all the time; medians are compared with those of
the same run in peace.
"""

import base64
import gzip
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import (
    PLANS,
    TAGS,
    WORKFLOW_TEMPLATES,
    WORKFLOWS,
)
from resync_argo.controller.kube.errors import NotFound
from resync_argo.errors import ResyncError
from resync_argo.names import PLAN_LABEL, PLAN_UID_LABEL, VERSION_LABEL
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for
from tests.tenants.conftest import DEAD_HOSTS, BadHosts
from tests.tenants.program import TALKATIVE
from tests.tenants.question import ASKED, BRANCH, UPSTREAM, VERSION
from tests.tenants.site import LISTS_MIB, MEMORY_MIB, PROGRAMS_MIB, Site

pytestmark = pytest.mark.apiserver

LINES = 32 << 10
ANNOTATION = 200 << 10
BOMB = 1 << 28
THREADS = 4
"""Few, since the API server is not what is tried here."""

ACTION = {"name": "Create PR", "action": {"type": "pull-request", "title": "Sync", "body": "Sync"}}


def from_host(host: str, number: int = 0) -> dict[str, Any]:
    """Return the config of a Plan whose upstream is on a host, each with another repository."""
    return {
        "upstream": {"name": f"{host}/up/project-{number}", "matchedVersions": ["1.0.x"]},
        "downstream": {"name": f"hostile.test/down/project-{number}", "branch": "main"},
    }


def many(count: int, make: Any) -> None:
    """Do something for each number, several at a time."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(make, range(count)))


def reason(lab: Lab, plan: str) -> str:
    """Return the reason of a Plan's condition Ready, or "" if it was not reconciled."""
    found = {c.type: c.reason for c in lab.plan(plan).status.conditions}
    return found.get("Ready", "")


def test_scripts_of_blank_lines(site: Site, hostile: Lab) -> None:
    def act() -> None:
        for name, steps in (("few", 3), ("many", 20)):
            blank = [{"run": "\n" * LINES} for _ in range(steps)]
            hostile.add_plan(name, steps=[*blank, ACTION], **from_host("hostile.test"))
        wait_for(
            lambda: reason(hostile, "few") and reason(hostile, "many"),
            deadline_seconds=60,
            describe="both to be looked at",
        )

    site.bothered_by(act)

    assert reason(hostile, "many") == "PlanTooLarge"


def packed(nodes: bytes) -> str:
    return base64.b64encode(gzip.compress(nodes, mtime=0)).decode()


def workflow(lab: Lab, name: str, *, labels: dict[str, str], **status: Any) -> dict[str, Any]:
    """Return a Workflow with our labels, as anybody may create."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Workflow",
        "metadata": {"name": name, "namespace": lab.namespace, "labels": labels},
        "spec": {},
        "status": {"phase": "Running", **status},
    }


def test_bombs_in_workflows(site: Site, hostile: Lab) -> None:
    zeros = packed(b'{"a":"' + b"0" * BOMB + b'"}')
    lists = packed(b'{"a":[' + b"[]," * (5 << 20) + b"[]]}")
    deep = packed(b"[" * (8 << 20))

    def act() -> None:
        for number, bomb in enumerate((zeros, lists, deep)):
            labels = {PLAN_UID_LABEL: "x", PLAN_LABEL: "z-1"}
            made = workflow(hostile, f"bomb-{number}", labels=labels, compressedNodes=bomb)
            hostile.kube.create(WORKFLOWS, made)

    site.bothered_by(act)


def test_yaml_aliases(site: Site, hostile: Lab) -> None:
    levels = "\n".join(
        f"  l{level}: &l{level} [{', '.join([f'*l{level - 1}'] * 9)}]" for level in range(1, 9)
    )
    bomb = (
        "apiVersion: resync.openshift.io/v1alpha1\nkind: Plan\n"
        f"metadata:\n  name: bomb\nspec:\n  l0: &l0 [lol]\n{levels}\n"
    )

    def act() -> None:
        for _ in range(3):
            with pytest.raises(Exception, match=r"bomb|excessive|aliasing|invalid|unknown"):
                hostile.kubectl.run("create", "--filename=-", stdin=bomb, timeout_seconds=60)

    site.bothered_by(act)


def test_huge_annotations(site: Site, hostile: Lab) -> None:
    def make(number: int) -> None:
        metadata = {
            "name": f"project-1.0.{number}",
            "namespace": hostile.namespace,
            "annotations": {"a": "x" * ANNOTATION},
        }
        spec = {"repository": "hostile.test/up/project", "version": f"1.0.{number}"}
        kind = {"apiVersion": "resync.openshift.io/v1alpha1", "kind": "Tag"}
        hostile.kube.create(TAGS, {**kind, "metadata": metadata, "spec": spec})

    site.bothered_by(lambda: many(100, make))


@pytest.mark.parametrize("host", ["silent.test", "trickling.test"])
def test_hosts_that_do_not_answer(site: Site, hostile: Lab, bad_hosts: BadHosts, host: str) -> None:
    bad = bad_hosts.silent if host == "silent.test" else bad_hosts.trickling
    before = bad.connections

    def act() -> None:
        many(40, lambda number: hostile.add_plan(f"z-{number}", **from_host(host, number)))
        wait_for(lambda: bad.connections >= before + 3, deadline_seconds=60, describe="looks")
        time.sleep(3.0)

    site.bothered_by(act)


def test_ten_thousand_comments(site: Site, hostile: Lab) -> None:
    downstream = {"name": TALKATIVE, "branch": "main"}
    upstream = {"name": "hostile.test/up/project", "matchedVersions": ["1.0.x"]}

    def act() -> None:
        hostile.add_plan(upstream=upstream, downstream=downstream)
        hostile.wait_until("1.0.0", "Skipped", "Abandoned")
        time.sleep(3.0)

    site.bothered_by(act)

    sync = hostile.sync("1.0.0")
    assert sync is not None
    assert sync.phase == "Skipped"


def test_giant_files(site: Site, hostile: Lab) -> None:
    def act() -> None:
        upstream = {"name": "giant.test/up/project", "matchedVersions": ["1.0.x"]}
        for number in range(5):
            downstream = {"name": f"hostile.test/down/project-{number}", "branch": "main"}
            hostile.add_plan(f"z-{number}", upstream=upstream, downstream=downstream)
        hostile.wait_for_tag("1.0.0")
        time.sleep(3.0)

    site.bothered_by(act)


@pytest.mark.parametrize(
    ("head", "said", "programs_mib"),
    [
        ("giant", "Resolved (2 files are too large to check)", PROGRAMS_MIB),
        ("many", "Resolved (1 file is too large to check)", LISTS_MIB),
    ],
)
def test_giant_heads_of_conflict_pull_requests(
    site: Site, hostile: Lab, head: str, said: str, programs_mib: float
) -> None:
    questions = [it for it in site.questions if it.plan.startswith(head)]

    def act() -> None:
        for question in questions:
            hostile.add_plan(
                question.plan,
                upstream={"name": UPSTREAM, "matchedVersions": [VERSION]},
                downstream={"name": question.repository, "branch": BRANCH},
            )
        for question in questions:
            run = hostile.wait_until(VERSION, "Running", plan=question.plan).workflow
            assert run is not None
            hostile.argo_suspends(run, question.key)
        wait_for(
            lambda: len(told()) == ASKED,
            deadline_seconds=120,
            describe=lambda: f"all heads to be looked at; so far {told()}",
        )

    def told() -> list[str]:
        return [it for it in site.statuses() if f"/{head}-" in it]

    site.bothered_by(act, programs_mib=programs_mib)

    whole = f"{said}: merge this, and the sync goes on"
    assert sorted(told()) == [f"{it.repository} {whole}" for it in questions]


def test_templates_and_workflows_that_are_edited_repeatedly(site: Site, hostile: Lab) -> None:
    upstream = {"name": "hostile.test/up/project", "matchedVersions": ["1.0.x"]}
    key = ObjectKey(hostile.namespace, "z-1")
    hostile.add_plan(upstream=upstream)
    name = hostile.wait_for_run("1.0.0")

    def act() -> None:
        ends = time.monotonic() + 5.0
        number = 0
        while time.monotonic() < ends:
            number += 1
            spec = {"serviceAccountName": f"another-{number}"}
            hostile.kube.patch(WORKFLOW_TEMPLATES, key, {"spec": spec})
            hostile.argo(name, {"phase": "Running", "message": f"{number} {'x' * 9000}"})

    site.bothered_by(act)

    def is_mended() -> bool:
        template = hostile.kube.get(WORKFLOW_TEMPLATES, key)
        return not str(template["spec"]["serviceAccountName"]).startswith("another-")

    wait_for(is_mended, deadline_seconds=60, describe="the template to be applied again")


def test_labels_that_name_the_neighbours_plan(site: Site, hostile: Lab) -> None:
    plan = site.neighbour.plan()
    before = {it["metadata"]["name"] for it in site.neighbour.workflows()}
    labels = {
        PLAN_LABEL: plan.metadata.name,
        PLAN_UID_LABEL: plan.metadata.uid,
        VERSION_LABEL: "1.0.0",
    }

    def make(number: int) -> None:
        made = workflow(hostile, f"spoofed-{number}", labels=labels)
        hostile.kube.create(WORKFLOWS, made)
        template = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "WorkflowTemplate",
            "metadata": {
                "name": plan.metadata.name if not number else f"spoofed-{number}",
                "namespace": hostile.namespace,
                "labels": labels,
            },
            "spec": {"entrypoint": "x" * 9000},
        }
        hostile.kube.create(WORKFLOW_TEMPLATES, template)

    site.bothered_by(lambda: many(200, make))

    after = site.neighbour.workflows()
    assert {it["metadata"]["name"] for it in after} == before
    assert not any((it["spec"] or {}).get("shutdown") for it in after)


def test_a_thousand_plans_on_dead_hosts(site: Site, hostile: Lab) -> None:
    def make(number: int) -> None:
        host = f"dead-{number % DEAD_HOSTS}.test"
        hostile.add_plan(f"z-{number}", **from_host(host, number))

    site.bothered_by(lambda: many(1000, make))

    site.wait_until_at_rest()
    found = [reason(hostile, f"z-{number}") for number in range(990, 1000)]
    assert found == ["TooManyPlans"] * 10


def test_a_restart_with_all_leftovers(site: Site, hostile: Lab) -> None:
    """Every new leader lists everything that hostile namespaces have written."""
    before = site.now_mib()

    def make(number: int) -> None:
        blank = [{"run": "#" * LINES} for _ in range(40)]
        hostile.add_plan(f"z-{number}", steps=[*blank, ACTION], **from_host("hostile.test", number))

    many(30, make)
    fresh = site.beside()
    with fresh.running():
        fresh.wait_until_at_rest()
        assert fresh.peak_mib() <= before + MEMORY_MIB


def test_the_neighbour_is_unharmed(site: Site) -> None:
    """This runs last: nothing of the neighbour was touched."""
    lab = site.neighbour
    sync = lab.sync("1.0.0")
    assert sync is not None
    assert sync.phase == "Running"
    with pytest.raises(NotFound):
        lab.kube.get(PLANS, ObjectKey(lab.namespace, "another"))
    with pytest.raises(ResyncError):
        lab.kube.get(WORKFLOWS, ObjectKey(lab.namespace, "spoofed-0"))
