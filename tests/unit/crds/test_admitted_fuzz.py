"""The program handles whatever the CRDs admit: reads it, compiles it, and passes it unchanged into the pod."""

import json
import re

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from resync_argo.api.meta import Model
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.compile import compile_plan
from resync_argo.contract import CONTRACT_VARIABLE, Contract
from resync_argo.controller.order.ranges import Ranges
from resync_argo.errors import Stalled
from resync_argo.local.lint.crd.cel import compile_expression
from resync_argo.local.lint.crd.schemas import Json, as_kept, load_schema
from resync_argo.local.lint.crd.verdict import judge
from resync_argo.local.lint.documents import Document
from resync_argo.reasons.catalogue import REASONS
from resync_argo.reasons.plan import INVALID_PATTERN
from resync_argo.settings import Settings
from tests.fuzzing.examples import examples
from tests.fuzzing.manifests import manifests
from tests.unit.compile.plans import UID, containers_of, environment_of, is_ours

MODELS: dict[str, type[Model]] = {"Plan": Plan, "Tag": Tag, "Sync": Sync}
ARGO = re.compile(
    r"\{\{(?:=[^{}]*(?:\{[^{}]*\}[^{}]*)*|workflow\.[a-z.]+|inputs\.parameters\.[a-z]+)\}\}"
)
"""What our own templates have Argo replace."""

# celpy raises the interpreter's limit of recursion at its first use, which hypothesis would warn of.
compile_expression("true")


def admitted(manifest: Json) -> Json | None:
    """Return the object as the API server stores it; None if it is refused."""
    if judge(Document(file="object.yaml", data=manifest)).findings:
        event("refused")
        return None
    event("admitted")
    kept: Json = as_kept(manifest, load_schema(manifest["kind"]))
    return kept


def plan(**config: object) -> Json:
    """Return a Plan with further parts of its `config`."""
    known = {
        "upstream": {"name": "github.com/a/b", "matchedVersions": ["*"]},
        "downstream": {"name": "github.com/c/d", "branch": "main"},
        "image": "example.com/image:1",
    }
    spec = {"config": known | config, "steps": [{"run": "true"}]}
    return {
        "apiVersion": "resync.openshift.io/v1alpha1",
        "kind": "Plan",
        "metadata": {"name": "z"},
        "spec": spec,
    }


@pytest.mark.parametrize("kind", sorted(MODELS))
@examples()
@given(data=st.data())
def test_an_admitted_object_is_read_back_unchanged(kind: str, data: st.DataObject) -> None:
    kept = admitted(data.draw(manifests(kind)))
    if kept is None:
        return

    found = MODELS[kind].parse(kept)

    assert MODELS[kind].parse(found.dump()) == found
    if isinstance(found, Tag):
        spec = found.spec
        named = {"tagPrefix": spec.tag_prefix, "versionPattern": spec.version_pattern}
        wanted = {"matchedVersions": ["*"]} if spec.branch is None else {"branch": spec.branch}
        upstream = {"name": spec.repository, "versioning": "Loose", **wanted}
        upstream |= {name: value for name, value in named.items() if value is not None}
        follower = Plan.parse(plan(upstream=upstream, enablePrereleases=True))
        is_usable = not is_refused(follower)
        assert Ranges().wants(follower, found) is is_usable


def is_refused(follower: Plan) -> bool:
    """Return whether the Plan's condition reports an invalid pattern, since the API server does not know RE2."""
    try:
        compile_plan(follower, Settings())
    except Stalled as refused:
        return refused.reason == INVALID_PATTERN
    return False


SLACK = {"credentials": {"secretSelector": "s"}}


@examples(2)
@given(manifests("Plan"))
@example(plan(env=[{"name": "A", "value": "a\0b"}]))
@example(
    plan(
        slack=SLACK | {"channel": "{{x}}"},
        env=[{"name": "A", "from": ".config.slack.channel"}],
    )
)
@example(plan(resources={"requests": {"cpu": "-1"}}))
@example(plan(resources={"limits": {"ephemeral-storage": "-1"}}))
def test_an_admitted_plan_gives_a_template_that_can_run(manifest: Json) -> None:
    kept = admitted(manifest)
    if kept is None:
        return
    found = Plan.parse(kept)
    found = found.model_copy(
        update={"metadata": found.metadata.model_copy(update={"namespace": "n", "uid": UID})}
    )
    try:
        template = compile_plan(found, Settings()).manifest
    except Stalled as refused:
        assert refused.reason in REASONS
        return

    text = json.dumps(template)
    assert "{{" not in ARGO.sub("", text)
    containers = containers_of(template)
    for container in containers.values():
        environment = environment_of(container)
        assert not any("\0" in it for it in (*environment.values(), *container["args"]))
        amounts = {
            **container["resources"].get("requests", {}),
            **container["resources"].get("limits", {}),
        }
        assert not any(str(amount).startswith("-") for amount in amounts.values())
        if is_ours(container):
            contract = Contract.from_json(environment[CONTRACT_VARIABLE])
            # Everything except when to refresh, which does not affect the run.
            assert contract.config == found.spec.config.model_copy(update={"refresh": "Conflicts"})
    scripts = [
        as_in_the_pod(it["args"][-1]).replace(it["args"][-2], "{{")
        for it in containers.values()
        if not is_ours(it)
    ]
    assert scripts == [step.run for step in found.spec.steps if step.run is not None]


def as_in_the_pod(text: str) -> str:
    """Return an argument as Kubernetes expands it: `$$` is `$`, and an undefined reference stays."""
    return re.sub(r"\$\$|\$\([^)]*\)", lambda it: "$" if it[0] == "$$" else "<expanded>", text)
