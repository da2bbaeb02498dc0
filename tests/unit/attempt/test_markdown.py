"""Untrusted text in our Markdown is shown verbatim and has no effect."""

import pytest

from resync_argo.attempt.markdown import inert, literal


@pytest.mark.parametrize("text", ["OCPBUGS-1", "release_note 4.21", "MY_KEY-12", "a: b, c; d!"])
def test_an_ordinary_value_stays_unchanged(text: str) -> None:
    assert literal(text) == inert(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[x](https://evil.test)", r"\[x\]\(https://evil.test\)"),
        ("![x](y)", r"!\[x\]\(y\)"),
        ("<!-- resync-argo title=a -->", r"&lt;!-- resync-argo title=a --\>"),
        ("*a* _b_ __c__ `d` ~e~", r"\*a\* \_b\_ \_\_c\_\_ \`d\` \~e\~"),
        (r"a\*b", r"a\\\*b"),
        ("# Heading", r"\# Heading"),
        ("1. item", r"1\. item"),
        ("&lt;", r"\&lt;"),
        ("a | b", r"a \| b"),
    ],
)
def test_markdown_shows_special_characters_literally(text: str, expected: str) -> None:
    assert literal(text) == expected


@pytest.mark.parametrize("text", ["@ann", "(@team/x)", "#12", "owner/repo#12", "GH-12", "Fixes it"])
def test_nobody_is_mentioned_and_no_issue_is_linked_or_closed(text: str) -> None:
    for shown in (inert(text), literal(text)):
        assert shown.replace("\u200b", "").replace("\\", "") == text
        assert "\u200b" in shown
