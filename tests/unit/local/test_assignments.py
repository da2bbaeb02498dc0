"""Values on the command line: each once, in the form `NAME=value`, and valid for the Plan."""

import pytest

from resync_argo.api.parameters.parameter import Parameter
from resync_argo.errors import UsageError
from resync_argo.local.assignments import given, read_assignments

JIRA = Parameter(name="JIRA", pattern="[A-Z]+-[0-9]+")


def test_a_value_may_hold_anything_and_an_empty_one_removes() -> None:
    assert read_assignments(["A=b=c d", "B="]) == {"A": "b=c d", "B": ""}


@pytest.mark.parametrize("words", [["JIRA"], ["=A-1"], [""]])
def test_anything_but_an_assignment_is_refused_with_an_example(words: list[str]) -> None:
    with pytest.raises(UsageError, match="write `NAME=value`, such as `JIRA=ABC-1`"):
        read_assignments(words)


def test_a_name_may_occur_once() -> None:
    with pytest.raises(UsageError, match="`A` is given twice"):
        read_assignments(["A=1", "A=2"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["JIRA=a"], "JIRA must match"),
        (["JIRRA=A-1"], "JIRRA is not a parameter of the Plan: the Plan has JIRA."),
    ],
)
def test_a_run_accepts_what_the_plan_accepts(words: list[str], message: str) -> None:
    assert given([JIRA], ["JIRA=A-1"]) == {"JIRA": "A-1"}
    assert given([JIRA], ["JIRA="]) == {}
    with pytest.raises(UsageError, match=message):
        given([JIRA], words)
