"""lint and a real API server refuse the same objects by the same rules."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes
import pytest
import yaml

from resync_argo.local.lint.crd.schemas import kinds as our_kinds
from resync_argo.local.lint.crd.schemas import load_schema
from resync_argo.local.lint.program import lint
from tests.apiserver.crds.manifests import PULL_REQUEST, RUN, SLACK, plan, tag
from tests.apiserver.crds.plans import ADMITTED, REFUSED
from tests.apiserver.crds.test_tag import TAGS_REFUSED

pytestmark = pytest.mark.apiserver

NAMESPACE = "lint"
NOT_ALL = "some validation rules were not checked"
"""What the API server says where the shape is wrong: it may have left rules out, lint goes on."""
TOO_SHORT = "should be at least"
"""A text of a wrong shape whose rules the API server evaluates all the same; lint says the shape alone."""

Change = dict[str, Any]

QUANTITIES = ["500m", "1.5", "1e9", "1E9", ".5", "1.", "+1", "0", "32Mi", "2Ei", "1k", "9" * 32]
NO_QUANTITIES = ["much", "1 Gi", "1gi", "1K", "1e", "1ee3", "0x1", "1.2.3", "1\n", "NaN", "1Gi "]
NUMBERS = [1, 0, -1, 2**31, 2**63 - 1, 1.5, True, None, [1]]
LIMITS: list[Change] = [
    {"config.resources": {"limits": {resource: amount}}}
    for resource in ("cpu", "memory", "example.com/gpu")
    for amount in [*QUANTITIES, *NO_QUANTITIES, *NUMBERS]
]
REQUESTS: list[Change] = [
    {"config.resources": {"requests": {"cpu": one}, "limits": {"cpu": other}}}
    for one, other in [("1", "1000m"), ("1001m", 1), ("1Ki", "1k"), ("1G", "1Gi"), (2, "1.9")]
]
LINE_ENDS: list[Change] = [
    {"config.github.credentials.secretSelector": "secret\n"},
    {"config.image": "example.com/image:1\n"},
    {"config.downstream.branch": "main\n"},
    {"config.env": [{"name": "A\n", "value": ""}]},
    {"config.env": [{"name": "PATH\n", "value": ""}]},
]
LETTERS: list[Change] = [
    {"config.env": [{"name": "Ä", "value": ""}]},
    {"config.slack.channel": "\u00a0team"},
    {"config.slack.channel": "ä€" * 40},
    {"config.upstream.matchedVersions": ["\u0661.x"]},
]
STEPS: list[Change] = [
    {"steps": [RUN, PULL_REQUEST, SLACK, RUN]},
    {"steps": [PULL_REQUEST, PULL_REQUEST, RUN]},
    {"steps": [SLACK, {"name": None, **RUN}], "config.github": None},
]

PLANS: list[Change] = [
    *({path: value} for path, value, _ in REFUSED),
    *ADMITTED,
    *LIMITS,
    *REQUESTS,
    *LINE_ENDS,
    *LETTERS,
    *STEPS,
]
TAGS: list[Change] = [{path: value} for path, value, _ in TAGS_REFUSED]


@pytest.mark.parametrize("change", PLANS, ids=str)
def test_lint_refuses_a_plan_as_the_api_server_does(
    objects: kubernetes.client.CustomObjectsApi, tmp_path: Path, change: Change
) -> None:
    assert_same(objects, tmp_path, plan(change))


@pytest.mark.parametrize("change", TAGS, ids=str)
def test_lint_refuses_a_tag_as_the_api_server_does(
    objects: kubernetes.client.CustomObjectsApi, tmp_path: Path, change: Change
) -> None:
    assert_same(objects, tmp_path, tag(change))


def assert_same(
    objects: kubernetes.client.CustomObjectsApi, folder: Path, manifest: dict[str, Any]
) -> None:
    file = folder / "object.yaml"
    file.write_text(yaml.safe_dump(manifest))
    found = [it.message for it in lint([file]) if it.severity == "error"]

    said = refusal(objects, manifest)

    assert bool(found) == bool(said), said
    named = {message for message in MESSAGES if message in said}
    ours = {message for message in MESSAGES if any(message in it for it in found)}
    if NOT_ALL in said:
        assert named <= ours
    elif TOO_SHORT in said:
        assert ours <= named
    else:
        assert ours == named


def refusal(objects: kubernetes.client.CustomObjectsApi, manifest: dict[str, Any]) -> str:
    """Return why the API server refuses an object; "" if it does not."""
    try:
        group, version = manifest["apiVersion"].split("/")
        plural = f"{manifest['kind'].lower()}s"
        objects.create_namespaced_custom_object(group, version, NAMESPACE, plural, manifest)
    except kubernetes.client.ApiException as refused:
        return str(json.loads(refused.body or "{}")["message"])
    return ""


def messages(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (rule["message"] for rule in schema.get("x-kubernetes-validations", ()))
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from messages(inner)


MESSAGES = {message for kind in our_kinds() for message in messages(load_schema(kind))}
