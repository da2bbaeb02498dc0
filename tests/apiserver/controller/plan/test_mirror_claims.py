"""Attempts mount the volume of mirrors if the namespace has its claim; otherwise no pod waits for one."""

from pathlib import Path

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import WORKFLOW_TEMPLATES
from resync_argo.controller.plan import mirror_claims, reconcile
from tests.apiserver.conditions import condition
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

CLAIM = "resync-mirror"
MANIFEST = Path(__file__).parents[4] / "manifests" / "mirror"


def mounted_claims(lab: Lab) -> list[str]:
    """Return the claims that the Plan's attempts mount."""
    template = lab.kube.get(WORKFLOW_TEMPLATES, ObjectKey(lab.namespace, "z-1"))
    volumes = (it for made in template["spec"]["templates"] for it in made.get("volumes", []))
    return [
        it["persistentVolumeClaim"]["claimName"] for it in volumes if "persistentVolumeClaim" in it
    ]


def add_claim(lab: Lab) -> None:
    """Create the claim; nothing in this tier binds it, as with a storage class that waits for the first pod."""
    lab.kubectl.run("apply", "--server-side", "--kustomize", MANIFEST)


def test_a_plan_follows_the_claim_of_its_namespace(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror_claims, "CLAIM_SECONDS", 0.2)
    monkeypatch.setattr(reconcile, "CHECK_SECONDS", 0.5)
    lab.mirror_claim = CLAIM
    lab.add_plan(suspend=True)
    with lab.running():
        without = condition(lab, "TemplateApplied", "Applied")
        assert mounted_claims(lab) == []
        assert f"no mirror: the namespace has no PersistentVolumeClaim {CLAIM}" in without

        add_claim(lab)
        wait_for(lambda: mounted_claims(lab) == [CLAIM], deadline_seconds=20, describe="a mirror")
        wait_for(
            lambda: "mirror" not in condition(lab, "TemplateApplied", "Applied"),
            deadline_seconds=20,
            describe="a condition that says nothing of mirrors",
        )

        lab.kubectl.run("delete", "--wait=false", "persistentvolumeclaim", CLAIM)
        wait_for(lambda: mounted_claims(lab) == [], deadline_seconds=20, describe="no mirror")


def test_without_the_setting_no_claim_is_looked_up(lab: Lab) -> None:
    add_claim(lab)
    lab.add_plan(suspend=True)
    with lab.running():
        applied = condition(lab, "TemplateApplied", "Applied")

    assert mounted_claims(lab) == []
    assert "mirror" not in applied
