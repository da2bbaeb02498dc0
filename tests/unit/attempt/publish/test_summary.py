"""A summary quotes the steps' text: it mentions nobody, closes nothing, and cannot hide or forge our own marks."""

import pytest

from resync_argo.attempt.publish.summary import quote

ZERO_WIDTH = "\u200b"


def shown(text: str) -> str:
    """Return the lines of a quote, without the marks that make it one."""
    head, empty, *lines = quote(text).split("\n")
    assert (head, empty) == ("The steps say:", "")
    assert all(line == ">" or line.startswith("> ") for line in lines)
    return "\n".join(line.removeprefix(">").removeprefix(" ") for line in lines)


def test_markdown_stays_markdown() -> None:
    text = "| file | why |\n|---|---|\n| `a` | made again |\n\n- **done**"

    assert shown(text) == text


def test_no_text_shows_nothing() -> None:
    assert quote("") == ""


@pytest.mark.parametrize(
    "text",
    ["@jane", "cc @org/team!", "#12", "see GH-12", "Fixes #1", "closes: o/r#2", "RESOLVED GH-3"],
)
def test_a_zero_width_space_breaks_mentions_and_references(text: str) -> None:
    assert shown(text) != text
    assert shown(text).replace(ZERO_WIDTH, "") == text


@pytest.mark.parametrize("text", ["go get x@v1", "`@types/node`", "a&#35;1", "prefix #", "5 # 6"])
def test_text_without_mentions_stays_unchanged(text: str) -> None:
    assert shown(text) == text


def test_a_closing_word_before_an_address_closes_nothing() -> None:
    assert "ixes https" in shown("fixes https://github.com/o/r/issues/1")
    assert "fixes" not in shown("fixes https://github.com/o/r/issues/1")


def test_our_own_mark_cannot_be_forged() -> None:
    assert "<!--" not in quote("x\n<!-- resync-argo title=1 body=2 -->")
