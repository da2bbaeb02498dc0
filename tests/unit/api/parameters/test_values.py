"""Which value a release gets, and the one sentence if it cannot get one."""

import pytest

from resync_argo.api.parameters.parameter import Parameter
from resync_argo.api.parameters.values import (
    changed,
    choose,
    from_json,
    to_json,
    unknown,
    variables_of,
)
from resync_argo.errors import Stalled

JIRA = Parameter(name="JIRA", pattern="[A-Z]+-[0-9]+")
TEAM = Parameter(name="TEAM", pattern="[a-z]+", default="etcd")
NEEDED = Parameter(name="JIRA", pattern="[A-Z]+-[0-9]+", required=True, description="the bug")


def test_the_syncs_value_overrides_the_tags_which_may_hold_values_of_other_plans() -> None:
    tag = {"JIRA": "A-1", "TEAM": "api", "CVE": "whatever this is to others"}

    assert choose([JIRA, TEAM], tag=tag, sync={"JIRA": "B-2"}) == {"JIRA": "B-2", "TEAM": "api"}


@pytest.mark.parametrize(
    ("parameter", "tag", "sync", "reason", "sentence"),
    [
        (
            JIRA,
            {"JIRA": "a-1"},
            {},
            "InvalidValue",
            "JIRA must match `[A-Z]+-[0-9]+`. Correct it in `spec.parameters` of the Tag.",
        ),
        (
            JIRA,
            {"JIRA": "A-1"},
            {"JIRA": "a"},
            "InvalidValue",
            "JIRA must match `[A-Z]+-[0-9]+`. Correct it in `spec.parameters` of the Sync.",
        ),
        (
            JIRA,
            {},
            {"JIRRA": "A-1"},
            "InvalidValue",
            "JIRRA is not a parameter of the Plan: the Plan has JIRA. Correct it in `spec.parameters` of the Sync.",
        ),
        (
            NEEDED,
            {},
            {},
            "ValueMissing",
            "JIRA has no value, and the Plan requires one, which must match `[A-Z]+-[0-9]+` (the bug)."
            " Set it with `resync-argo set`, or in `spec.parameters` of the Tag.",
        ),
    ],
)
def test_an_unusable_value_is_reported_in_a_sentence_with_its_place(
    parameter: Parameter, tag: dict[str, str], sync: dict[str, str], reason: str, sentence: str
) -> None:
    with pytest.raises(Stalled) as caught:
        choose([parameter], tag=tag, sync=sync)

    assert (caught.value.reason, str(caught.value)) == (reason, sentence)


def test_every_parameter_is_a_variable_with_its_value_its_default_or_an_empty_one() -> None:
    assert variables_of([JIRA, TEAM], {}) == {"JIRA": "", "TEAM": "etcd"}
    assert variables_of([JIRA, TEAM], {"JIRA": "A-1", "TEAM": "api"}) == {
        "JIRA": "A-1",
        "TEAM": "api",
    }


def test_an_added_removed_or_different_value_has_changed() -> None:
    before, now = {"A": "1", "B": "2", "C": "3"}, {"A": "1", "B": "x", "D": "4"}

    assert changed(before, now, ["A", "B", "C", "D", "E"]) == ["B", "C", "D"]
    assert changed(before, now, ["A"]) == [], "a former parameter no longer counts"


def test_a_plan_without_parameters_says_so() -> None:
    assert unknown([], "JIRA") == "JIRA is not a parameter of the Plan: the Plan has none."


@pytest.mark.parametrize("text", ["[]", '{"A": 1}', "JIRA=A-1", '"A"', "[" * 100_000])
def test_submitted_values_must_be_an_object_of_strings(text: str) -> None:
    with pytest.raises(Stalled, match="`values` must be a JSON object of strings"):
        from_json(text)


def test_no_values_are_an_empty_text() -> None:
    assert (to_json({}), from_json("")) == ("", {})
