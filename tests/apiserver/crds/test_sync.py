"""The kind Sync on a real API server: valid and invalid objects, with the messages."""

from typing import Any

import kubernetes
import pytest

from resync_argo.api.sync import Sync
from tests.apiserver.crds.manifests import create, number, patch_status, refusal, sync
from tests.apiserver.crds.values import PARAMETERS_REFUSED
from tests.cluster.errors import ClusterError
from tests.cluster.kubectl import Kubectl

pytestmark = pytest.mark.apiserver

NUMBERS = ("retry", "rebuild", "comment")
"""What people, or the controller, write into a Sync as a number."""

SYNC_NAME = "a Sync must be named `<plan>.<tag>`"

SYNCS_REFUSED: list[tuple[str, Any, str]] = [
    ("plan", None, "spec.plan: Required value"),
    ("plan", "", "should be at least 1 chars long"),
    ("plan", "p" * 64, "Too long: may not be more than 63"),
    ("tag", None, "spec.tag: Required value"),
    ("tag", "", "should be at least 1 chars long"),
    ("tag", "t" * 190, "Too long: may not be more than 189"),
    ("skip", "yes", "must be of type boolean"),
    *((field, -1, "should be greater than or equal to 0") for field in NUMBERS),
    *((field, "now", "must be of type integer") for field in NUMBERS),
    *((field, 2**63, "must be of type integer") for field in NUMBERS),
]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    SYNCS_REFUSED,
    ids=[f"{n}-{path}" for n, (path, *_) in enumerate(SYNCS_REFUSED)],
)
def test_a_sync_may_not_say(
    objects: kubernetes.client.CustomObjectsApi, path: str, value: object, message: str
) -> None:
    assert message in refusal(objects, sync({path: value}, name=f"o-{number()}"))


@pytest.mark.parametrize(
    "change",
    [{}, {"skip": True}, {"retry": 0}, {"retry": 2**62, "rebuild": 1_790_000_000, "comment": 7}],
    ids=["nothing", "skip", "zero", "numbers"],
)
def test_a_sync_may_say(
    objects: kubernetes.client.CustomObjectsApi, change: dict[str, Any]
) -> None:
    kept = Sync.parse(create(objects, sync(change)))

    assert {name: getattr(kept.spec, name) for name in change} == change


def test_a_sync_of_the_longest_names_is_admitted(
    objects: kubernetes.client.CustomObjectsApi,
) -> None:
    longest = sync({"plan": "p" * 63, "tag": "t" * 189})

    assert Sync.parse(create(objects, longest)).spec.tag == "t" * 189


@pytest.mark.parametrize("name", ["z-1.other", "z-1", "z-1.kubernetes-1.21.2.x"])
def test_a_sync_is_named_for_its_plan_and_its_tag(
    objects: kubernetes.client.CustomObjectsApi, name: str
) -> None:
    assert SYNC_NAME in refusal(objects, sync({"plan": "z-1"}, name=name))


@pytest.mark.parametrize("field", ["plan", "tag"])
def test_a_syncs_plan_and_tag_may_not_be_changed(kinds: Kubectl, field: str) -> None:
    kept = kinds.create(sync())
    kept["spec"][field] = "another"

    with pytest.raises(ClusterError, match="may not be changed; make another Sync"):
        kinds.replace(kept)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        ({"phase": "Waiting"}, "Unsupported value"),
        ({"reason": "not one word"}, "should match"),
        ({"message": "m" * 1025}, "Too long: may not be more than 1024"),
        ({"conflict": {"files": []}}, "status.conflict.pullRequest: Required value"),
        ({"conflict": {"pullRequest": "u", "files": ["f"] * 501}}, "must have at most 500 items"),
        ({"thread": {"told": ["x"] * 21, "channel": "c"}}, "must have at most 20 items"),
        ({"attempt": -1}, "should be greater than or equal to 0"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_syncs_status_may_not_say(kinds: Kubectl, status: dict[str, Any], message: str) -> None:
    name = kinds.create(sync())["metadata"]["name"]

    with pytest.raises(ClusterError, match=message):
        patch_status(kinds, "sync", name, status)


@pytest.mark.parametrize(("values", "message"), PARAMETERS_REFUSED)
def test_a_sync_may_not_have_such_a_value(
    objects: kubernetes.client.CustomObjectsApi, values: dict[str, Any], message: str
) -> None:
    assert message in refusal(objects, sync({"parameters": values}))


def test_a_sync_may_have_values(objects: kubernetes.client.CustomObjectsApi) -> None:
    values = {"JIRA": "OCPBUGS-1", "NOTE": "$(id) {{x}} `y` ü"}

    assert Sync.parse(create(objects, sync({"parameters": values}))).spec.parameters == values
