"""A Plan compiles to a WorkflowTemplate that is complete, stable and safe."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from resync_argo import names
from resync_argo.api.plan import Plan
from resync_argo.compile import compile_plan
from resync_argo.contract import CHECKOUT, CONTRACT_VARIABLE, GATE, MAIN, PARAMETERS, Contract
from resync_argo.errors import Stalled
from resync_argo.settings import Settings
from tests.unit.compile.plans import (
    CHAT,
    GITHUB,
    GOLDENS,
    PULL_REQUEST,
    RUN,
    SLACK,
    UID,
    compiled,
    containers_of,
    environment_of,
    sample,
    small,
    template_of,
)

GOLDEN = Path(__file__).parent / "golden"
INSTALLED = Path(__file__).parents[3] / "workflow-templates"
GALLERY = sorted((INSTALLED / "gallery").iterdir())


def _yaml(manifest: dict[str, Any]) -> str:
    return yaml.safe_dump(manifest, sort_keys=False, width=100)


@pytest.mark.parametrize("name", GOLDENS)
def test_a_plan_compiles_to_the_expected_template(name: str) -> None:
    text = _yaml(compiled(GOLDENS[name]))
    golden = GOLDEN / f"{name}.yaml"
    if os.environ.get("RESYNC_REGENERATE"):
        golden.write_text(text)

    assert golden.read_text() == text, "RESYNC_REGENERATE=1 rewrites the golden files"


@pytest.mark.parametrize("name", ["plan", "plan-mended"])
def test_the_samples_templates_are_shown_beside_the_installation(name: str) -> None:
    manifest = compiled(GOLDENS[name])
    # An example: it belongs to no Plan of a cluster.
    del manifest["metadata"]["ownerReferences"], manifest["metadata"]["namespace"]
    installed = INSTALLED / f"{name}.yaml"
    if os.environ.get("RESYNC_REGENERATE"):
        installed.write_text(_yaml(manifest))

    assert installed.read_text() == _yaml(manifest)


@pytest.mark.parametrize("folder", GALLERY, ids=lambda folder: folder.name)
def test_the_gallerys_templates_are_shown_beside_its_plans(folder: Path) -> None:
    document = yaml.safe_load((folder / "plan.yaml").read_text())
    manifest = compiled(Plan.parse(document))
    del manifest["metadata"]["ownerReferences"]
    template = folder / "template.yaml"
    if os.environ.get("RESYNC_REGENERATE"):
        template.write_text(_yaml(manifest))

    assert template.read_text() == _yaml(manifest)


def test_the_same_plan_compiles_to_the_same_bytes() -> None:
    first, second = (compile_plan(sample("plan"), Settings()) for _ in range(2))

    assert json.dumps(first.manifest) == json.dumps(second.manifest)
    assert first.hash == second.hash


def test_the_hash_changes_only_with_what_is_run() -> None:
    plain = compile_plan(small(RUN), Settings())
    suspended = small(RUN)
    suspended = suspended.model_copy(
        update={"spec": suspended.spec.model_copy(update={"suspend": True})}
    )

    assert compile_plan(suspended, Settings()).hash == plain.hash
    assert compile_plan(small({"run": "make all"}), Settings()).hash != plain.hash


def test_the_template_belongs_to_its_plan() -> None:
    metadata = compiled(small())["metadata"]

    assert metadata["name"] == "small"
    assert metadata["namespace"] == "resync"
    assert metadata["labels"][names.PLAN_UID_LABEL] == UID
    assert metadata["ownerReferences"][0]["uid"] == UID
    assert metadata["ownerReferences"][0]["controller"] is True


def test_each_step_has_its_own_container_in_order() -> None:
    plan = small(RUN, RUN, {"run": "x"}, PULL_REQUEST, SLACK, github=GITHUB, slack=CHAT)

    assert list(containers_of(compiled(plan))) == [
        "checkout",
        "build-it",
        "build-it-2",
        "step",
        "pull-request",
        "slack-notification",
        "main",
    ]


def test_container_names_are_unique_and_short_whatever_steps_are_called() -> None:
    titles = ["ß" * 100, "!!!", "a" * 100, "a" * 99, "--x--", "Step 2", "Checkout", "main", "gate"]
    found = list(containers_of(compiled(small(*({"name": t, "run": "x"} for t in titles)))))

    assert len(set(found)) == len(titles) + 2
    assert max(map(len, found)) <= names.MAX_CONTAINER
    assert found[3:5] == ["a" * 28, "a" * 26 + "-2"]
    assert found[6:-1] == ["step-2-2", "checkout-2", "main-2", "gate-2"]


def test_the_graph_has_all_containers_in_their_order() -> None:
    plan = small(RUN, SLACK, RUN, PULL_REQUEST, github=GITHUB, slack=CHAT)
    containers = containers_of(compiled(plan))

    drawn = {name: container.get("dependencies") for name, container in containers.items()}
    assert drawn == {
        "checkout": None,
        "build-it": ["checkout"],
        "slack-notification": ["build-it"],
        "build-it-2": ["slack-notification"],
        "pull-request": ["build-it-2"],
        "main": ["pull-request"],
    }


def test_in_argos_executor_steps_wait_for_the_gate_and_our_containers_for_nothing() -> None:
    manifest = compiled(small(RUN, SLACK, RUN, PULL_REQUEST, github=GITHUB, slack=CHAT))
    (init,) = json.loads(manifest["spec"]["podSpecPatch"])["initContainers"]

    (variable,) = init["env"]
    assert variable["name"] == "ARGO_TEMPLATE"
    seen = json.loads(variable["value"])
    waits = {it["name"]: it.get("dependencies") for it in seen["containerSet"]["containers"]}
    assert waits == {
        "checkout": None,
        "build-it": [GATE],
        "build-it-2": [GATE],
        "slack-notification": None,
        "pull-request": None,
        "main": None,
    }
    assert set(waits) == set(containers_of(manifest))
    assert seen["archiveLocation"] == template_of(manifest, "attempt")["archiveLocation"]
    assert GATE not in waits


def test_attempts_are_numbered_where_argo_looks() -> None:
    annotations = template_of(compiled(small(RUN)), "attempt")["annotations"]

    shown = "workflows.argoproj.io/display-name"
    assert annotations == {shown: "attempt-{{inputs.parameters.attempt}}"}


def test_our_containers_know_the_plan_and_the_run() -> None:
    containers = containers_of(compiled(GOLDENS["everything"], argo_ui_url="https://argo.example/"))

    for name in (CHECKOUT, MAIN, "pull-request"):
        environment = environment_of(containers[name])
        contract = Contract.from_json(environment[CONTRACT_VARIABLE])
        assert contract.run_url == "https://argo.example/workflows/resync"
        assert contract.steps[0].title == "Build it"
        assert environment["RESYNC_TAG"] == "{{workflow.parameters.tag}}"
        assert environment["RESYNC_ATTEMPT"] == "{{inputs.parameters.attempt}}"
        assert containers[name]["args"][0] == "attempt"
        assert containers[name]["args"][2] == name


def test_text_of_people_is_never_taken_for_an_expression_of_argo_or_kubernetes() -> None:
    text = json.dumps(compiled(GOLDENS["everything"]))

    assert "{{.Dir" not in text
    assert "{{t}}" not in text
    assert "$$(HOME) $$$ $x" in text


def test_variables_known_beforehand_are_set_and_those_of_the_tag_are_not() -> None:
    container = containers_of(compiled(GOLDENS["everything"]))["build-it"]

    environment = environment_of(container)
    assert environment["BRANCH"] == "main"
    assert "COMMIT" not in environment
    assert environment["HOME"].startswith("/workspace/")


def test_requests_are_for_the_attempt_and_limits_for_each_step() -> None:
    containers = containers_of(compiled(GOLDENS["everything"]))

    first, second = containers["build-it"]["resources"], containers["build-it-2"]["resources"]
    assert first["requests"] == {"cpu": "500m", "memory": "16Mi"}
    assert second["requests"] == {"cpu": "5m", "memory": "16Mi"}
    assert first["limits"] == second["limits"] == {"cpu": "2", "memory": "4Gi"}
    assert all(container["resources"]["requests"] for container in containers.values())


@pytest.mark.parametrize("name", GOLDENS)
def test_pod_security_restricted_admits_every_container(name: str) -> None:
    manifest = compiled(GOLDENS[name])
    patch = json.loads(manifest["spec"]["podSpecPatch"])

    argos = [*patch["containers"], *patch["initContainers"]]
    for container in [*containers_of(manifest).values(), *argos]:
        security = container["securityContext"]
        assert security["allowPrivilegeEscalation"] is False
        assert security["capabilities"] == {"drop": ["ALL"]}
        assert security["runAsNonRoot"] is True
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
    assert {container["name"] for container in argos} == {"wait", "init"}


def test_the_platform_chooses_the_user_if_the_installation_says_so() -> None:
    plain = compiled(small())["spec"]["securityContext"]
    chosen = compiled(small(), run_as_user=0)["spec"]["securityContext"]

    assert (plain["runAsUser"], plain["fsGroup"]) == (1000, 1000)
    assert not {"runAsUser", "runAsGroup", "fsGroup"} & chosen.keys()


def test_the_pod_has_no_service_account_token_and_no_service_variables() -> None:
    manifest = compiled(GOLDENS["everything"])

    assert manifest["spec"]["automountServiceAccountToken"] is False
    attempt = template_of(manifest, "attempt")
    assert attempt["archiveLocation"] == {"archiveLogs": False}
    assert "outputs" not in attempt


def test_a_run_by_hand_needs_only_the_version() -> None:
    parameters = compiled(small())["spec"]["arguments"]["parameters"]

    assert tuple(parameter["name"] for parameter in parameters) == PARAMETERS
    assert [p["name"] for p in parameters if "value" not in p] == ["tag"]


def test_the_attempt_has_a_time_limit_and_the_workflow_has_none() -> None:
    manifest = compiled(small(), attempt_deadline_seconds=600)

    assert template_of(manifest, "attempt")["activeDeadlineSeconds"] == 600
    assert "activeDeadlineSeconds" not in manifest["spec"]


def test_an_unknown_path_is_refused_with_the_existing_paths() -> None:
    plan = small(env=[{"name": "A", "from": ".config.upstream.branch"}])

    with pytest.raises(Stalled) as refused:
        compiled(plan)

    assert refused.value.reason == "InvalidPath"
    assert "`.config.upstream.branch` in `config.env` does not lead to a value" in str(
        refused.value
    )
    assert "`.config.downstream.branch`" in str(refused.value)
    assert "`.tag.previous`" in str(refused.value)


def test_an_invalid_range_is_refused() -> None:
    plan = small(upstream={"name": "github.com/a/b", "matchedVersions": ["1.x", ">1"]})

    with pytest.raises(Stalled, match="`>1` in `config") as refused:
        compiled(plan)

    assert refused.value.reason == "InvalidRange"


def test_an_invalid_parameter_is_refused() -> None:
    plan = small(parameters=[{"name": "JIRA", "pattern": "([A-Z]+"}])

    with pytest.raises(Stalled, match="the `pattern` of JIRA in `config") as refused:
        compiled(plan)

    assert refused.value.reason == "InvalidPattern"


@pytest.mark.parametrize(
    "plan",
    [
        small(*({"run": "x" * 30_000} for _ in range(20))),
        small({"action": PULL_REQUEST["action"] | {"body": "b" * 110_000}}, github=GITHUB),
    ],
    ids=["scripts", "texts"],
)
def test_a_plan_that_is_too_large_is_refused(plan: Plan) -> None:
    with pytest.raises(Stalled, match=r"need [\d,]+ bytes, and [\d,]+ fit") as refused:
        compiled(plan)

    assert refused.value.reason == "PlanTooLarge"


def test_the_pod_runs_where_the_plan_says() -> None:
    spec = compiled(GOLDENS["everything"])["spec"]

    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert spec["nodeSelector"] == {"kubernetes.io/arch": "amd64"}
    assert spec["tolerations"] == [{"key": "batch", "operator": "Exists", "effect": "NoSchedule"}]
    assert json.loads(spec["podSpecPatch"])["runtimeClassName"] == "gvisor"


def test_a_step_runs_in_its_own_image_and_the_others_in_the_plans() -> None:
    plan = small({"run": "cargo update", "image": "docker.io/library/rust:1"}, RUN)

    images = [container["image"] for container in containers_of(compiled(plan)).values()]
    assert images[1:3] == ["docker.io/library/rust:1", plan.spec.config.image]
