"""Settings in comments: how they are read, and the reply to an invalid one."""

import pytest

from resync_argo.api.parameters.parameter import Parameter
from resync_argo.controller.forge.comments.settings import (
    MAX_SETTINGS,
    Setting,
    answer,
    judge,
    settings_in,
)
from resync_argo.forge.interface import Comment
from tests.fakes import EPOCH, FakeForge

JIRA = Parameter(name="JIRA", pattern="[A-Z]+-[0-9]+", description="the bug")


def said(body: str) -> list[tuple[str, str]]:
    comment = Comment(id=7, author="ann", body=body, created_at=EPOCH)
    return [(it.name, it.value) for it in settings_in(comment)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/resync set JIRA=A-1", [("JIRA", "A-1")]),
        ("Please:\r\n/resync  set  JIRA=A-1 \r\nThanks", [("JIRA", "A-1")]),
        ("/resync set JIRA=A-1\n/resync set NOTE=a = b", [("JIRA", "A-1"), ("NOTE", "a = b")]),
        ("/resync set JIRA=", [("JIRA", "")]),
        ("/resync set JIRA A-1", [("", "")]),
        ("/resync set", [("", "")]),
        ("/resync set " + "A" * 64 + "=1", [("", "")]),
        ("/resync set @team=1", [("", "")]),
        ("please /resync set JIRA=A-1", []),
        ("> /resync set JIRA=A-1", []),
        ("/resync settle JIRA=A-1", []),
    ],
)
def test_a_setting_is_on_a_line_of_its_own(body: str, expected: list[tuple[str, str]]) -> None:
    assert said(body) == expected


def test_a_comment_sets_no_more_than_a_plan_has() -> None:
    assert len(said("/resync set A=1\n" * 1000)) == MAX_SETTINGS


def setting(name: str, value: str, comment: int = 7) -> Setting:
    return Setting(name=name, value=value, comment=comment)


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (setting("JIRA", "a-1"), "JIRA must match `[A-Z]+-[0-9]+` (the bug)."),
        (setting("JIRRA", "A-1"), "JIRRA is not a parameter of the Plan: the Plan has JIRA."),
        (setting("", ""), "A value is set by `/resync set NAME=value`, on a line of its own."),
    ],
)
def test_an_invalid_setting_is_answered_once_with_the_valid_form(
    refused: Setting, sentence: str
) -> None:
    forge = FakeForge()
    number = forge.open("branch").number

    accepted, wrong = judge([setting("JIRA", "A-1"), refused], [JIRA])
    for _ in range(3):
        answer(forge, number, wrong)

    assert accepted == (setting("JIRA", "A-1"),)
    assert [comment.body for comment in forge.comments[number]] == [
        f"Not set:\n\n- {sentence}\n\n<!-- resync-argo not-set 7 -->"
    ]


def test_a_strangers_value_is_not_repeated() -> None:
    _, wrong = judge([setting("JIRA", "@everybody <!-- x -->")], [JIRA])

    assert wrong == {7: ["JIRA must match `[A-Z]+-[0-9]+` (the bug)."]}


def test_a_removed_value_need_not_match() -> None:
    assert judge([setting("JIRA", "")], [JIRA]) == ((setting("JIRA", ""),), {})


def test_an_invalid_pattern_is_reported() -> None:
    _, wrong = judge([setting("A", "1")], [Parameter(name="A", pattern="([")])

    assert "cannot be used" in wrong[7][0]
