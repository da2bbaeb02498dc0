"""The kinds in kubectl: lists, explanations, and conditions to wait for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from resync_argo.api.meta import Model
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from tests.apiserver.crds.manifests import condition, patch_status, plan, sync, tag
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "tests" / "samples"


@pytest.mark.parametrize("name", ["plan", "tag", "plan-mended"])
def test_the_samples_are_admitted_unchanged(kinds: Kubectl, name: str) -> None:
    path = SAMPLES / f"{name}.yaml"

    kinds.run("apply", "--filename", path)

    sample = yaml.safe_load(path.read_text())
    kept = kinds.get(sample["kind"], sample["metadata"]["name"])
    model: type[Model] = Plan if sample["kind"] == "Plan" else Tag
    assert model.parse(kept).dump()["spec"]


def test_a_plan_reads_well_in_a_list_and_can_be_waited_for(kinds: Kubectl) -> None:
    name = kinds.create(plan())["metadata"]["name"]
    queued = {"version": "1.21.2", "reason": "EarlierPullRequestOpen", "message": "It waits."}
    status = {"conditions": [condition("Ready", "all is well")], "pending": 3, "next": queued}
    patch_status(kinds, "plan", name, status | {"current": "1.21.1", "latest": "1.21.4"})

    kinds.run("wait", "--for=condition=Ready", "--timeout=10s", f"plan/{name}")
    header, row = kinds.run("get", "plan", name, "--output=wide").splitlines()

    columns = ["NAME", "READY", "CURRENT", "LATEST", "PENDING", "SUSPENDED"]
    columns += ["NEXT", "MESSAGE", "AGE"]
    assert header.split() == columns
    shown = [name, "True", "1.21.1", "1.21.4", "3", "false", "1.21.2"]
    assert row.split()[:10] == [*shown, "all", "is", "well"]


def test_a_tag_reads_well_in_a_list_and_can_be_waited_for(kinds: Kubectl) -> None:
    name = kinds.create(tag())["metadata"]["name"]
    address = "https://github.com/openshift/kubernetes/pull/1"
    status = {"phase": "Finished", "plan": "z", "pullRequest": address}
    patch_status(kinds, "tag", name, status | {"conditions": [condition("Succeeded", "done")]})

    kinds.run("wait", "--for=condition=Succeeded", "--timeout=10s", f"tag/{name}")
    header, row = kinds.run("get", "tag", name, "--output=wide").splitlines()

    columns = ["NAME", "PHASE", "VERSION", "PLAN", "PR", "REASON", "MESSAGE", "AGE"]
    assert header.split() == columns
    assert row.split()[:7] == [name, "Finished", "1.21.2", "z", address, "Because", "done"]


def test_a_new_tag_waits_for_its_turn(kinds: Kubectl) -> None:
    name = kinds.create(tag())["metadata"]["name"]

    _, row = kinds.run("get", "tag", name, "--output=wide").splitlines()

    assert row.split()[:4] == [name, "Pending", "1.21.2", "NotBegun"]


def test_a_sync_reads_well_in_a_list_and_can_be_waited_for(kinds: Kubectl) -> None:
    name = kinds.create(sync())["metadata"]["name"]
    asked, final = (f"https://github.com/openshift/kubernetes/pull/{n}" for n in (1, 2))
    status = {
        "phase": "Finished",
        "reason": "PullRequestOpen",
        "message": "waits",
        "pullRequest": final,
        "number": 2,
        "conflict": {"pullRequest": asked, "number": 1, "files": ["go.mod"]},
        "attempt": 3,
        "workflow": "z-1",
        "conditions": [condition("Succeeded", "done")],
    }
    patch_status(kinds, "sync", name, status)

    kinds.run("wait", "--for=condition=Succeeded", "--timeout=10s", f"sync/{name}")
    header, row = kinds.run("get", "syncs", name, "--output=wide").splitlines()
    short = kinds.run("get", "syncs", name).splitlines()[0].split()

    columns = ["NAME", "PHASE", "REASON", "PLAN", "TAG", "CONFLICT", "PR"]
    assert short == [*columns, "AGE"]
    assert header.split() == [*columns, "ATTEMPT", "WORKFLOW", "MESSAGE", "AGE"]
    plan_name, _, tag_name = name.partition(".")
    shown = [name, "Finished", "PullRequestOpen", plan_name, tag_name, asked, final, "3", "z-1"]
    assert row.split()[:10] == [*shown, "waits"]


def test_every_kind_is_found_by_category_and_short_name(kinds: Kubectl) -> None:
    plan_name = kinds.create(plan())["metadata"]["name"]
    tag_name = kinds.create(tag())["metadata"]["name"]
    sync_name = kinds.create(sync())["metadata"]["name"]

    listed = kinds.run("get", "resync", "--output=name").splitlines()

    assert f"plan.resync.openshift.io/{plan_name}" in listed
    assert f"tag.resync.openshift.io/{tag_name}" in listed
    assert f"sync.resync.openshift.io/{sync_name}" in listed
    for short, name in (("rsplan", plan_name), ("rstag", tag_name), ("rssync", sync_name)):
        assert name in kinds.run("get", short, "--output=name")


def _fields(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}.{name}", inner
        yield from _fields(inner, f"{path}.{name}")
    if "items" in schema:
        yield from _fields(schema["items"], f"{path}[]")


@pytest.mark.parametrize("kind", ["plan", "tag", "sync"])
def test_every_field_is_described_and_bounded(kind: str) -> None:
    crd = yaml.safe_load((ROOT / "crds" / f"{kind}.yaml").read_text())
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    known = {"apiVersion", "kind", "metadata"}
    fields = [(p, f) for p, f in _fields(schema, "") if p.split(".")[1] not in known]

    assert [path for path, field in fields if not field.get("description")] == []
    texts = [(path, field) for path, field in fields if field["type"] == "string"]
    assert [p for p, f in texts if not f.keys() & {"maxLength", "enum", "format"}] == []
    lists = [(path, field) for path, field in fields if field["type"] == "array"]
    assert [p for p, f in lists if not f.keys() >= {"maxItems", "x-kubernetes-list-type"}] == []


@pytest.mark.parametrize(
    ("field", "meaning"),
    [
        (
            "plans.spec.config.upstream.matchedVersions",
            "Ranges of versions; a release is wanted if one of them contains it",
        ),
        ("tags.spec.skip", "Leave this release out, for every Plan"),
        ("syncs", "A Sync is one release for one Plan."),
        ("syncs.spec.rebuild", "A higher number than before asks to delete the branch"),
        ("syncs.status.contains", "The newest release that an attempt found in the branch"),
    ],
)
def test_explain_describes_a_field(kinds: Kubectl, field: str, meaning: str) -> None:
    assert meaning in " ".join(kinds.run("explain", field).split())


def test_the_api_server_publishes_the_descriptions(kinds: Kubectl) -> None:
    def published() -> bool:
        return "tags.resync.openshift.io" in kinds.run("api-resources", "--output=name")

    assert wait_for(published, deadline_seconds=10, describe="the kinds in discovery")
