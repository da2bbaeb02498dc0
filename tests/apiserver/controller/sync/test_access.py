"""A sync that lacked access goes on by itself once a person has repaired that."""

from dataclasses import replace

import pytest

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge import secrets
from resync_argo.controller.kube.api import SECRETS
from resync_argo.controller.plan import permissions
from resync_argo.controller.state.cluster import utc_now
from resync_argo.controller.sync import access
from resync_argo.controller.sync.observe import granted_since
from tests.apiserver.conditions import condition
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

LACKS = "PermissionMissing: could not open a pull request: grant it to the token."


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "AGAIN_SECONDS", 0.3)
    monkeypatch.setattr(access, "SECRET_SECONDS", 0.3)
    monkeypatch.setattr(secrets, "KEEP_SECONDS", 0.3)


def begun(lab: Lab) -> str:
    """Wait for the Workflow, and for the second after the permissions were granted; return its name."""
    condition(lab, "PermissionsGranted", "Granted")
    granted = granted_since(lab.plan()) or ""
    wait_for(lambda: utc_now() > granted, deadline_seconds=5, describe="another second")
    return lab.wait_for_run("1.0.0")


def test_a_granted_permission_retries_the_sync(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        first = begun(lab)
        lab.forge.granted = replace(lab.forge.granted, pull_requests=False)
        lab.argo_ends(first, 1, LACKS)
        failed = lab.wait_until("1.0.0", "Failed", "PermissionMissing")
        # The forge is asked at once, and not only the next day.
        condition(lab, "PermissionsGranted", "PermissionMissing")
        lab.forge.granted = replace(lab.forge.granted, pull_requests=True)
        second = lab.wait_for_run("1.0.0", other_than=first)

    assert failed.message == "could not open a pull request: grant it to the token."
    assert [run["metadata"]["name"] for run in lab.workflows()] == [first, second]


def test_a_changed_secret_retries_the_sync(lab: Lab) -> None:
    lab.add_plan()
    with lab.running() as controller:
        first = begun(lab)
        lab.argo_ends(first, 1, "Forbidden: the host forbids the push.")
        lab.wait_until("1.0.0", "Failed", "Forbidden")
        lab.wait_until_idle(controller)
        before = lab.workflows()
        change = {"stringData": {"token": "another-token"}}
        lab.kube.patch(SECRETS, ObjectKey(lab.namespace, "github"), change)
        second = lab.wait_for_run("1.0.0", other_than=first)

    assert [run["metadata"]["name"] for run in before] == [first]
    assert [run["metadata"]["name"] for run in lab.workflows()] == [first, second]
