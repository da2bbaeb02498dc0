"""The variables of a Plan as steps and texts see them."""

from pathlib import Path

import pytest

from resync_argo.api.plan import Config
from resync_argo.attempt.context import Attempt, Parameters, ReplayInput
from resync_argo.attempt.variables import all_variables, expand, step_variables
from resync_argo.contract import Contract, Layout
from resync_argo.errors import ResyncError, Stalled

OBSERVATION = ReplayInput(
    head="1" * 40,
    tag="v1.2.3",
    tag_commit="2" * 40,
    version="1.2.3",
    date=1_600_000_000,
    previous_tag="v1.2.2",
    previous_version="1.2.2",
)


def attempt(*env: dict[str, str]) -> Attempt:
    config = {
        "upstream": {"name": "github.com/up/project", "matchedVersions": ["1.x"]},
        "downstream": {"name": "github.com/down/project", "branch": "main"},
        "image": "image",
        "env": list(env),
    }
    contract = Contract(
        plan="z", namespace="d", config=Config.parse(config), steps=(), slack_api_url="https://s/"
    )

    def nobody() -> None:
        raise AssertionError

    return Attempt(
        contract=contract,
        layout=Layout(workspace=Path("/nowhere")),
        parameters=Parameters(tag="1.2.3"),
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
        "UPSTREAM_COMMIT": "2" * 40,
        "PREVIOUS_VERSION": "1.2.2",
        "DOWNSTREAM_BRANCH": "main",
        "PLAN_NAME": "z",
    }


def test_steps_get_dates_of_the_tag_so_that_a_replay_makes_the_same_commits() -> None:
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
    ],
)
def test_expands_names_and_leaves_the_rest(text: str, expected: str) -> None:
    assert expand(text, {"A": "1", "A_": "2"}) == expected


def test_a_value_is_not_expanded_again() -> None:
    assert expand("$A", {"A": "$B", "B": "x"}) == "$B"


def test_names_the_variable_that_has_no_value() -> None:
    with pytest.raises(Stalled, match=r"`\$BUGZILLA_ID` has no value"):
        expand("Bug $BUGZILLA_ID: x", {})


def test_a_path_that_leads_nowhere_is_refused() -> None:
    with pytest.raises(Stalled) as caught:
        all_variables(attempt({"name": "X", "from": ".config.nothing"}), OBSERVATION)

    assert caught.value.reason == "InvalidPath"


def test_parameters_come_from_the_environment() -> None:
    environ = {
        "RESYNC_TAG": "1.2.3",
        "RESYNC_REF": "",
        "RESYNC_COMMIT": "a" * 40,
        "RESYNC_FORCE": "true",
        "RESYNC_ATTEMPT": "2",
        "RESYNC_WORKFLOW": "w",
    }

    assert Parameters.from_environment(environ) == Parameters(
        tag="1.2.3", ref=None, commit="a" * 40, force=True, attempt=2, workflow="w"
    )


@pytest.mark.parametrize("environ", [{}, {"RESYNC_TAG": "1.2.3", "RESYNC_ATTEMPT": "two"}])
def test_parameters_that_make_no_sense_are_refused(environ: dict[str, str]) -> None:
    with pytest.raises(ResyncError):
        Parameters.from_environment(environ)
