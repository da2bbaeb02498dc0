"""The kind Plan on a real API server: valid and invalid objects, with the messages."""

from typing import Any

import kubernetes
import pytest

from resync_argo.api.plan import Plan
from tests.apiserver.crds.manifests import create, plan, refusal, sync, tag
from tests.apiserver.crds.plans import ADMITTED, REFUSED

pytestmark = pytest.mark.apiserver


def test_defaults_are_filled_in(objects: kubernetes.client.CustomObjectsApi) -> None:
    config = {"config.conflicts": [{"paths": ["vendor/**"]}]}

    kept = create(objects, plan(config))["spec"]

    assert kept["suspend"] is False
    assert kept["config"]["order"] == "Sequential"
    assert kept["config"]["clone"] == "Partial"
    assert kept["config"]["untouched"] == "Upstream"
    assert kept["config"]["enablePrereleases"] is False
    assert kept["config"]["conflicts"] == [
        {"paths": ["vendor/**"], "resolve": "Ask", "keepDeleted": False}
    ]


def test_a_new_plan_says_that_it_was_not_reconciled_yet(
    objects: kubernetes.client.CustomObjectsApi,
) -> None:
    kept = [create(objects, manifest)["status"] for manifest in (plan(), tag(), sync())]

    assert [it["observedGeneration"] for it in kept] == [-1] * 3
    assert [it.get("phase") for it in kept] == [None, "Pending", None]


@pytest.mark.parametrize("change", ADMITTED, ids=lambda change: next(iter(change)))
def test_a_plan_may_say(
    objects: kubernetes.client.CustomObjectsApi, change: dict[str, Any]
) -> None:
    Plan.parse(create(objects, plan(change)))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    REFUSED,
    ids=[f"{n}-{path}" for n, (path, *_) in enumerate(REFUSED)],
)
def test_a_plan_may_not_say(
    objects: kubernetes.client.CustomObjectsApi, path: str, value: object, message: str
) -> None:
    assert message in refusal(objects, plan({path: value}))


def test_a_plans_name_must_fit_into_a_label(objects: kubernetes.client.CustomObjectsApi) -> None:
    long = plan()
    long["metadata"]["name"] = "p" * 64

    assert "`metadata.name` must have at most 63 characters" in refusal(objects, long)


def test_a_parameter_may_not_have_the_name_of_a_variable_of_the_plan(
    objects: kubernetes.client.CustomObjectsApi,
) -> None:
    both = {
        "config.parameters": [{"name": "A", "pattern": "x"}],
        "config.env": [{"name": "A", "value": ""}],
    }

    assert "`parameters` and `env` may not name the same variable" in refusal(objects, plan(both))
