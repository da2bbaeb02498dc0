"""A Plan and a Tag become one Workflow, whose name is the same every time."""

import re
from typing import Any

import pytest

from resync_argo import names
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.submit import Submission, build_workflow
from tests.unit.compile.plans import sample, small


def _tag(**spec: Any) -> Tag:
    known = {"repository": "github.com/kubernetes/kubernetes", "version": "1.21.2"}
    metadata = {"name": "kubernetes-1.21.2", "namespace": "resync", "uid": "uid-of-the-tag"}
    return Tag.parse({"metadata": metadata, "spec": known | spec})


def _sync(uid: str = "uid-of-the-sync") -> Sync:
    metadata = {"name": "z-release-4.8.kubernetes-1.21.2", "namespace": "resync", "uid": uid}
    return Sync.parse(
        {"metadata": metadata, "spec": {"plan": "z-release-4.8", "tag": "kubernetes-1.21.2"}}
    )


def _build(tag: Tag, sync: Sync | None = None, **options: Any) -> dict[str, Any]:
    known = {"template_hash": "hash-1"}
    return build_workflow(sample("plan"), tag, sync or _sync(), Submission(**(known | options)))


def _parameters(workflow: dict[str, Any]) -> dict[str, str]:
    return {p["name"]: p["value"] for p in workflow["spec"]["arguments"]["parameters"]}


def test_it_runs_the_plans_template_with_the_tags_release() -> None:
    workflow = _build(_tag(ref="refs/tags/v1.21.2", commit="a" * 40))

    assert workflow["kind"] == "Workflow"
    assert workflow["spec"]["workflowTemplateRef"] == {"name": "z-release-4.8"}
    assert _parameters(workflow) == {
        "tag": "1.21.2",
        "ref": "refs/tags/v1.21.2",
        "commit": "a" * 40,
        "force": "false",
        "owner": "",
        "values": "",
    }


def test_a_tag_made_by_hand_needs_neither_ref_nor_commit() -> None:
    assert _parameters(_build(_tag())) == {
        "tag": "1.21.2",
        "ref": "",
        "commit": "",
        "force": "false",
        "owner": "",
        "values": "",
    }


def test_peoples_values_are_one_parameter_in_which_argo_replaces_nothing() -> None:
    workflow = _build(_tag(), values={"JIRA": "OCPBUGS-1", "NOTE": "{{workflow.name}} $(id)"})

    assert _parameters(workflow)["values"] == (
        r'{"JIRA":"OCPBUGS-1","NOTE":"\u007b\u007bworkflow.name\u007d\u007d \u0024(id)"}'
    )


def test_it_belongs_to_its_sync_and_is_found_by_its_plan() -> None:
    metadata = _build(_tag())["metadata"]

    assert metadata["namespace"] == "resync"
    assert metadata["ownerReferences"] == [
        names.owner_reference("Sync", "z-release-4.8.kubernetes-1.21.2", "uid-of-the-sync")
    ]
    assert metadata["labels"][names.PLAN_LABEL] == "z-release-4.8"
    assert metadata["labels"][names.TAG_LABEL] == "kubernetes-1.21.2"
    assert metadata["labels"][names.VERSION_LABEL] == "1.21.2"


def test_it_reads_well_in_argos_list() -> None:
    annotations = _build(_tag())["metadata"]["annotations"]

    assert annotations["workflows.argoproj.io/title"] == "kubernetes 1.21.2"
    assert annotations["workflows.argoproj.io/description"] == (
        "github.com/openshift/kubernetes release-4.8: 1.21.2 of github.com/kubernetes/kubernetes"
    )


def test_a_persons_force_is_passed_on() -> None:
    assert _parameters(_build(_tag(), force=True))["force"] == "true"


def test_a_second_submission_finds_the_first() -> None:
    assert _build(_tag())["metadata"]["name"] == _build(_tag())["metadata"]["name"]


def test_another_try_template_sync_or_plan_is_another_workflow() -> None:
    other = build_workflow(small(), _tag(), _sync(), Submission(template_hash="hash-1"))
    workflows = [
        _build(_tag()),
        _build(_tag(), tries=1),
        _build(_tag(), template_hash="hash-2"),
        _build(_tag(), _sync("another")),
        other,
    ]

    assert len({workflow["metadata"]["name"] for workflow in workflows}) == len(workflows)


def test_it_names_the_template_that_it_runs() -> None:
    annotations = _build(_tag())["metadata"]["annotations"]

    assert annotations[names.TEMPLATE_HASH_ANNOTATION] == "hash-1"


@pytest.mark.parametrize("version", ["1.21.2", "1.2.3-rc.1", "1.2.3+build.5", "1.2.3-" + "a" * 90])
def test_every_version_gives_legal_names_and_labels(version: str) -> None:
    metadata = _build(_tag(version=version))["metadata"]

    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", metadata["name"])
    assert len(metadata["name"]) <= names.MAX_LABEL
    for value in metadata["labels"].values():
        assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", value)
