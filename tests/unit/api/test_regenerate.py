"""What each kind of step runs in its image."""

import shlex
from typing import Any

import pytest

from resync_argo.api.plan import PlanSpec
from resync_argo.api.regenerate import script_of

CONFIG: dict[str, Any] = {
    "upstream": {"name": "a.b/c"},
    "downstream": {"name": "a.b/d", "branch": "main"},
    "image": "x",
}


def spec_of(*steps: dict[str, Any], **config: object) -> PlanSpec:
    """Return a Plan."""
    return PlanSpec.parse({"config": CONFIG | config, "steps": steps})


def scripts(*steps: dict[str, Any], **config: object) -> list[str | None]:
    """Return what each step of a Plan runs."""
    spec = spec_of(*steps, **config)
    return [script_of(spec, step) for step in spec.steps]


def test_a_script_runs_as_it_is_and_an_action_runs_nothing() -> None:
    action = {"type": "pull-request", "title": "t"}

    assert scripts({"run": "make\n"}, {"action": action}) == ["make\n", None]


def test_a_regenerating_step_runs_our_program() -> None:
    assert scripts({"run": "git merge x"}, {"regenerate": "GoModules"})[1] == (
        "resync-regenerate GoModules"
    )


@pytest.mark.parametrize(
    ("carries", "subject"), [({}, "UPSTREAM"), ({"prefixes": ["OURS", "B"]}, "OURS")]
)
def test_a_plan_that_carries_patches_drops_the_regenerated_commit_at_the_next_release(
    carries: dict[str, Any], subject: str
) -> None:
    found = scripts({"run": "git  carry"}, {"regenerate": "Cargo"}, carries=carries)

    assert found[1] == f"resync-regenerate Cargo --prefix '{subject}: <drop>: '"


@pytest.mark.parametrize(
    ("steps", "prefix", "subject"),
    [
        ([], "", "Vendor for a's release"),
        ([{"run": "git carry"}], "--prefix 'UPSTREAM: <drop>: ' ", "Vendor for a's release"),
        ([{"run": "git carry"}], "", "UPSTREAM: <carry>: Vendor"),
    ],
    ids=["as it is", "behind a prefix", "with its own prefix"],
)
def test_the_plan_names_the_commit(steps: list[dict[str, Any]], prefix: str, subject: str) -> None:
    found = scripts(*steps, {"regenerate": "Npm", "commitSubject": subject})

    said = f"resync-regenerate Npm {prefix}--subject "
    assert found[-1] == said + shlex.quote(subject)


def test_the_plan_names_the_file_with_the_version_of_go() -> None:
    found = scripts({"regenerate": "GoModules", "goVersionFrom": ".ci-operator.yaml"})

    assert found == ["resync-regenerate GoModules --go-version-from .ci-operator.yaml"]


def test_an_unnamed_step_is_named_for_what_it_regenerates() -> None:
    (step,) = spec_of({"regenerate": "Npm"}).steps

    assert step.title == "Npm"
