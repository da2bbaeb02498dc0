"""The variables of a Plan as steps and texts see them."""

from pathlib import Path
from typing import Any

import pytest

from resync_argo.api.plan import Config
from resync_argo.attempt.context import Attempt, Parameters, ReplayInput
from resync_argo.attempt.variables import all_variables, expand, step_variables
from resync_argo.contract import Contract, Layout
from resync_argo.errors import Stalled

OBSERVATION = ReplayInput(
    head="1" * 40,
    tag="v1.2.3",
    tag_commit="2" * 40,
    version="1.2.3",
    date=1_600_000_000,
    previous_tag="v1.2.2",
    previous_version="1.2.2",
    previous_commit="3" * 40,
)


def attempt(
    *env: dict[str, str], parameters: tuple[dict[str, Any], ...] = (), **values: str
) -> Attempt:
    config = {
        "upstream": {"name": "github.com/up/project", "matchedVersions": ["1.x"]},
        "downstream": {"name": "github.com/down/project", "branch": "main"},
        "image": "image",
        "env": list(env),
        "parameters": list(parameters),
    }
    contract = Contract(
        plan="z", namespace="d", config=Config.parse(config), steps=(), slack_api_url="https://s/"
    )

    def nobody() -> None:
        raise AssertionError

    return Attempt(
        contract=contract,
        layout=Layout(workspace=Path("/nowhere")),
        parameters=Parameters(tag="1.2.3", values=values),
        connect_forge=nobody,  # type: ignore[arg-type]  # never called
        connect_notifier=nobody,  # type: ignore[arg-type]  # never called
    )


def test_texts_see_what_steps_see_and_the_plans_own_values() -> None:
    made = attempt(
        {"name": "UPSTREAM_REF", "from": ".config.upstream.name"},
        {"name": "LINK", "value": "https://x/"},
        {"name": "OLD", "from": ".tag.previous"},
    )

    variables = all_variables(made, OBSERVATION)

    assert variables == {
        "UPSTREAM_REF": "github.com/up/project",
        "LINK": "https://x/",
        "OLD": "1.2.2",
        "UPSTREAM_TAG": "v1.2.3",
        "UPSTREAM_VERSION": "1.2.3",
        "UPSTREAM_MINOR": "1.2",
        "UPSTREAM_COMMIT": "2" * 40,
        "PREVIOUS_TAG": "v1.2.2",
        "PREVIOUS_VERSION": "1.2.2",
        "PREVIOUS_COMMIT": "3" * 40,
        "DOWNSTREAM_BRANCH": "main",
        "PLAN_NAME": "z",
        "RESYNC_INCLUDED": "",
    }


JIRA = {"name": "JIRA", "pattern": "[A-Z]+-[0-9]+"}
NOTE = {"name": "NOTE", "pattern": ".+", "default": "*none*"}


def test_steps_and_texts_have_this_releases_values_or_the_defaults() -> None:
    made = attempt(parameters=(JIRA, NOTE), JIRA="A-1")
    bare = attempt(parameters=(JIRA, NOTE))

    for variables in (step_variables(made, OBSERVATION), all_variables(made, OBSERVATION)):
        assert (variables["JIRA"], variables["NOTE"]) == ("A-1", "*none*")
    text = "${JIRA:+$JIRA: }Sync"
    assert expand(text, all_variables(made, OBSERVATION)) == "A-1: Sync"
    assert expand(text, all_variables(bare, OBSERVATION)) == "Sync"


def test_a_text_converts_only_untrusted_values() -> None:
    made = attempt({"name": "OWN", "value": "*mine*"}, parameters=(NOTE,))

    variables = all_variables(made, OBSERVATION, shown=lambda value: value.replace("*", ""))

    assert (variables["OWN"], variables["NOTE"]) == ("*mine*", "none")


@pytest.mark.parametrize("values", [{"JIRA": "a"}, {"JIRA": "A-1", "HOME": "/"}])
def test_a_run_submitted_with_an_invalid_value_fails(
    values: dict[str, str],
) -> None:
    with pytest.raises(Stalled) as caught:
        step_variables(attempt(parameters=(JIRA,), **values), OBSERVATION)

    assert caught.value.reason == "InvalidValue"


def test_steps_get_the_tags_date_so_that_a_replay_makes_the_same_commits() -> None:
    variables = step_variables(attempt(), OBSERVATION)

    assert variables["GIT_AUTHOR_DATE"] == "@1600000000 +0000"
    assert variables["GIT_COMMITTER_DATE"] == "@1600000000 +0000"


def test_static_values_stay_out_of_the_file_for_steps() -> None:
    variables = step_variables(attempt({"name": "LINK", "value": "x"}), OBSERVATION)

    assert "LINK" not in variables


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Bump $A", "Bump 1"),
        ("${A}b$A_", "1b2"),
        ("costs 5$ or $(A) or $1", "costs 5$ or $(A) or $1"),
        ("$A$A", "11"),
        ("${A:+$A: }Bump", "1: Bump"),
        ("${NONE:+$NONE: }Bump", "Bump"),
        ("${NONE:-no $A}, ${A:-no}, ${NONE:-}.", "no 1, 1, ."),
        ("${A:+{x}} ${A:=x} ${A:+x", "${A:+{x}} ${A:=x} ${A:+x"),
    ],
)
def test_expands_names_and_leaves_the_rest(text: str, expected: str) -> None:
    assert expand(text, {"A": "1", "A_": "2", "NONE": ""}) == expected


@pytest.mark.parametrize(
    ("version", "minor"),
    [("1.31.4", "1.31"), ("24.04", "24.04"), ("1.2-rc1", "1.2"), ("7", ""), ("2024b", "")],
)
def test_the_minor_version_is_its_first_two_numbers(version: str, minor: str) -> None:
    observed = OBSERVATION.model_copy(update={"version": version})

    assert all_variables(attempt(), observed)["UPSTREAM_MINOR"] == minor


def test_a_value_is_not_expanded_again() -> None:
    assert expand("$A", {"A": "$B", "B": "x"}) == "$B"


def test_names_the_variable_that_has_no_value() -> None:
    with pytest.raises(Stalled, match=r"`\$BUGZILLA_ID` has no value"):
        expand("Bug $BUGZILLA_ID: x", {})


def test_names_a_missing_variable_inside_an_alternative() -> None:
    with pytest.raises(Stalled, match=r"`\$JIRA` has no value"):
        expand("${A:+$JIRA: }x", {"A": "1"})


def test_a_path_without_a_target_is_refused() -> None:
    with pytest.raises(Stalled) as caught:
        all_variables(attempt({"name": "X", "from": ".config.nothing"}), OBSERVATION)

    assert caught.value.reason == "InvalidPath"
