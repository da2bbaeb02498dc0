"""lint and a real API server admit the same objects, and the API server admits every compiled Plan."""

import json
from typing import Any

import kubernetes
import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from resync_argo.api.plan import Plan
from resync_argo.compile import compile_plan
from resync_argo.errors import Stalled
from resync_argo.local.lint.crd.cel import compile_expression
from resync_argo.local.lint.crd.schemas import Json
from resync_argo.local.lint.crd.verdict import judge
from resync_argo.local.lint.documents import Document
from resync_argo.settings import Settings
from tests.apiserver.crds.manifests import plan, sync, tag
from tests.fuzzing.examples import examples
from tests.fuzzing.manifests import manifests

pytestmark = pytest.mark.apiserver

NAMESPACE = "lint-fuzz"

# celpy raises the interpreter's limit of recursion at its first use, which hypothesis would warn of.
compile_expression("true")


def sent(objects: kubernetes.client.CustomObjectsApi, manifest: Json) -> tuple[Json, str]:
    """Return an object as the API server would store it, or its refusal; nothing is stored."""
    group, version = manifest["apiVersion"].split("/")
    try:
        kept: Any = objects.create_namespaced_custom_object(
            group,
            version,
            NAMESPACE,
            f"{manifest['kind'].lower()}s",
            manifest,
            dry_run="All",
            field_validation="Strict",
        )
    except kubernetes.client.ApiException as refused:
        return {}, str(json.loads(refused.body or "{}").get("message"))
    return kept, ""


def named(made: Json, name: str) -> Json:
    return made | {"metadata": {"name": name}}


@pytest.mark.parametrize("kind", ["Plan", "Tag", "Sync"])
@examples(2)
@given(data=st.data())
def test_lint_admits_what_the_api_server_does(
    objects: kubernetes.client.CustomObjectsApi, kind: str, data: st.DataObject
) -> None:
    event("admitted" if assert_same(objects, data.draw(manifests(kind))) else "refused")


OBJECTS: dict[str, Json] = {
    "dots": named(plan(), "a..b"),
    "a dash behind a dot": named(plan(), "a.-b"),
    "a dot at the end": named(plan(), "a."),
    "a number beyond 64 bits": sync({"retry": 2**63}),
    "a number far beyond": sync({"comment": 10**30}),
    "a whole number with a point": sync({"retry": 1.0}),
    "a name with dots": named(tag(), "1.2.3"),
}


@pytest.mark.parametrize("manifest", OBJECTS.values(), ids=OBJECTS)
def test_earlier_findings_stay_fixed(
    objects: kubernetes.client.CustomObjectsApi, manifest: Json
) -> None:
    assert_same(objects, manifest)


def assert_same(objects: kubernetes.client.CustomObjectsApi, manifest: Json) -> bool:
    """Assert that lint and the API server agree about an object; return whether they admit it."""
    found = [it.message for it in judge(Document(file="object.yaml", data=manifest)).findings]

    kept, said = sent(objects, manifest)

    assert bool(found) == bool(said), said or found
    if manifest["kind"] == "Plan" and not said:
        assert_template(objects, kept)
    return not said


def assert_template(objects: kubernetes.client.CustomObjectsApi, kept: Json) -> None:
    """Assert that a Plan's template, if there is one, is admitted."""
    try:
        template = compile_plan(Plan.parse(kept), Settings()).manifest
    except Stalled:
        return

    _, said = sent(objects, template)

    assert not said


@examples(0.05)
@given(st.just(plan()))
@example(plan({"config.resources": {"limits": {"cpu": 2}}}))
def test_an_admitted_plan_has_a_template(
    objects: kubernetes.client.CustomObjectsApi, manifest: Json
) -> None:
    kept, said = sent(objects, manifest)

    assert not said
    assert compile_plan(Plan.parse(kept), Settings()).hash
    assert_template(objects, kept)
