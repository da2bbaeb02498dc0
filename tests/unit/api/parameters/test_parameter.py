"""A parameter of a Plan accepts or refuses a value, and explains a refusal."""

import pytest

from resync_argo.api.parameters.parameter import MAX_VALUE, Parameter
from resync_argo.errors import Stalled

JIRA = Parameter(name="JIRA", pattern="[A-Z]+-[0-9]+", description="the Jira issue")
ANYTHING = Parameter(name="NOTE", pattern=r"(?s).*")


@pytest.mark.parametrize("value", ["OCPBUGS-1", "A-0"])
def test_a_matching_value_is_accepted(value: str) -> None:
    assert JIRA.refusal(value) is None


@pytest.mark.parametrize("value", ["ocpbugs-1", "OCPBUGS-1 and more", "see OCPBUGS-1", "OCPBUGS"])
def test_the_whole_value_must_match_and_a_refusal_shows_the_pattern(value: str) -> None:
    assert JIRA.refusal(value) == "JIRA must match `[A-Z]+-[0-9]+` (the Jira issue)."


@pytest.mark.parametrize(
    "value",
    [
        "--output=/etc/passwd",
        "a\nb",
        "a\rb",
        "a\0b",
        "a\x1b[31mb",
        "a\u2028b",
        "a\u202eb",
        "a\u200bb",
        " a",
        "a ",
        "",
        "a" * (MAX_VALUE + 1),
    ],
)
def test_a_value_is_one_plain_line_and_not_an_option_whatever_the_pattern_allows(
    value: str,
) -> None:
    assert "must be one line" in (ANYTHING.refusal(value) or "")


@pytest.mark.parametrize("value", ["a", "über den Wolken", "a" * MAX_VALUE, "$(id) {{x}} `y`"])
def test_within_a_line_the_pattern_decides(value: str) -> None:
    assert ANYTHING.refusal(value) is None


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        (Parameter(name="A", pattern="(["), "`([`, the `pattern` of A in `config.parameters`"),
        (Parameter(name="A", pattern="(?=x)"), "Write a regular expression of RE2"),
        (Parameter(name="A", pattern="[0-9]+", default="x"), "`default` in `config.parameters`: A"),
    ],
)
def test_an_unusable_parameter_is_reported_when_the_plan_is_compiled(
    parameter: Parameter, words: str
) -> None:
    with pytest.raises(Stalled) as caught:
        parameter.check()

    assert caught.value.reason == "InvalidPattern"
    assert words in str(caught.value)


def test_a_usable_parameter_passes() -> None:
    Parameter(name="A", pattern="[0-9]+", default="1").check()
