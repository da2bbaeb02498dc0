"""Argo CD's actions for our kinds are enabled when they make sense, and the API server accepts them."""

from typing import Any

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import PLANS, SYNCS, TAGS, Resource
from resync_argo.names import API_VERSION
from tests.apiserver.argocd import ArgoCD
from tests.apiserver.lab import UPSTREAM, Lab

pytestmark = pytest.mark.apiserver

Json = dict[str, Any]
TAG_NAME, SYNC_NAME = "project-1.0.0", "z-1.project-1.0.0"


@pytest.fixture
def argo(lab: Lab) -> ArgoCD:
    return ArgoCD.configured(lab.kubectl)


def of(kind: str, spec: Json, **status: object) -> Json:
    """Return an object as a script gets it."""
    return {"kind": kind, "metadata": {"generation": 1}, "spec": spec, "status": status}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (of("Plan", {}), ["suspend"]),
        (of("Plan", {"suspend": False}), ["suspend"]),
        (of("Plan", {"suspend": True}), ["resume"]),
        (of("Tag", {}), ["skip"]),
        (of("Tag", {}, phase="Failed"), ["skip"]),
        (of("Tag", {}, phase="Finished"), []),
        (of("Tag", {"skip": True}, phase="Skipped"), ["unskip"]),
        (of("Sync", {}), ["skip"]),
        (of("Sync", {}, phase="Running"), ["skip"]),
        (of("Sync", {}, phase="Conflict"), ["skip"]),
        (of("Sync", {}, phase="Pending", reason="TooYoung"), ["retry", "skip"]),
        (of("Sync", {}, phase="Failed"), ["retry", "skip"]),
        (of("Sync", {"skip": True}, phase="Failed"), ["retry"]),
        (of("Sync", {}, phase="Skipped"), ["retry"]),
        (of("Sync", {}, phase="Finished"), []),
    ],
    ids=str,
)
def test_an_action_is_enabled_if_it_has_an_effect(
    argo: ArgoCD, item: Json, expected: list[str]
) -> None:
    assert argo.enabled(item) == expected


def test_a_retry_is_above_every_earlier_one(argo: ArgoCD) -> None:
    heard = of("Sync", {"retry": 3}, phase="Failed", retry=1_900_000_000)
    asked = of("Sync", {"retry": 1_900_000_000, "skip": True}, phase="Failed", retry=3)

    assert argo.patch(heard, "retry") == {"spec": {"retry": 1_900_000_001}}
    assert argo.patch(asked, "retry") == {"spec": {"retry": 1_900_000_001, "skip": None}}


def test_a_resumed_plan_loses_its_suspend_reason(lab: Lab, argo: ArgoCD) -> None:
    lab.add_plan()
    key = ObjectKey(lab.namespace, "z-1")
    press(lab, argo, PLANS, key, "suspend")
    suspended = lab.plan().spec
    lab.kube.patch(PLANS, key, {"spec": {"suspendReason": "CI is down"}})
    press(lab, argo, PLANS, key, "resume")
    resumed = lab.plan().spec

    assert (suspended.suspend, resumed.suspend) == (True, False)
    assert resumed == suspended.model_copy(update={"suspend": False})


def test_a_release_is_skipped_taken_up_again_and_retried(lab: Lab, argo: ArgoCD) -> None:
    tag, sync = ObjectKey(lab.namespace, TAG_NAME), ObjectKey(lab.namespace, SYNC_NAME)
    lab.kubectl.create(
        {
            "apiVersion": API_VERSION,
            "kind": "Tag",
            "metadata": {"name": TAG_NAME},
            "spec": {"repository": UPSTREAM, "version": "1.0.0"},
        }
    )
    lab.add_sync("1.0.0", retry=4)
    before = lab.kube.get(TAGS, tag)["spec"], lab.kube.get(SYNCS, sync)["spec"]

    skipped = press(lab, argo, TAGS, tag, "skip")["spec"], press(lab, argo, SYNCS, sync, "skip")
    after = press(lab, argo, TAGS, tag, "unskip"), press(lab, argo, SYNCS, sync, "retry")

    assert (skipped[0]["skip"], skipped[1]["spec"]["skip"]) == (True, True)
    assert after[0]["spec"] == before[0]
    assert after[1]["spec"] == before[1] | {"retry": 5}


def press(lab: Lab, argo: ArgoCD, resource: Resource, key: ObjectKey, action: str) -> Json:
    """Do what Argo CD does when a person chooses an action; return the changed object."""
    return lab.kube.patch(resource, key, argo.patch(lab.kube.get(resource, key), action))
