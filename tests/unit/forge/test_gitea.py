"""A token comes from Gitea's API, not from other output of a program."""

import pytest

from tests.forge.gitea import GiteaFailed, read_token

TOKEN = "0123456789abcdef" * 2 + "01234567"


def test_a_token_is_found_in_the_answer() -> None:
    assert read_token({"id": 1, "name": "tests", "sha1": TOKEN}) == TOKEN


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        [],
        "",
        TOKEN,
        {"sha1": ""},
        {"sha1": None},
        {"sha1": f"{TOKEN}\n"},
        {"token": TOKEN},
    ],
    ids=str,
)
def test_an_answer_without_a_token_is_no_token(answer: object) -> None:
    with pytest.raises(GiteaFailed, match="answered without one: start it again"):
        read_token(answer)
