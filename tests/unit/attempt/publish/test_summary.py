"""What steps say is quoted: nobody is mentioned, nothing closed, and our own marks neither hidden nor forged."""

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


def test_nothing_said_is_nothing_shown() -> None:
    assert quote("") == ""


@pytest.mark.parametrize(
    "text",
    ["@jane", "cc @org/team!", "#12", "see GH-12", "Fixes #1", "closes: o/r#2", "RESOLVED GH-3"],
)
def test_mentions_and_references_are_broken_by_a_space_without_width(text: str) -> None:
    assert shown(text) != text
    assert shown(text).replace(ZERO_WIDTH, "") == text


@pytest.mark.parametrize("text", ["go get x@v1", "`@types/node`", "a&#35;1", "prefix #", "5 # 6"])
def test_what_mentions_nobody_stays(text: str) -> None:
    assert shown(text) == text


def test_a_closing_word_before_an_address_closes_nothing() -> None:
    assert "ixes https" in shown("fixes https://github.com/o/r/issues/1")
    assert "fixes" not in shown("fixes https://github.com/o/r/issues/1")


def test_a_mark_of_ours_cannot_be_forged() -> None:
    assert "<!--" not in quote("x\n<!-- resync-argo title=1 body=2 -->")
