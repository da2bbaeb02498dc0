"""Facts become words, and untrusted text stays mere words."""

import pytest

from resync_argo.controller.page.facts import Filter
from resync_argo.controller.page.views import Wanted
from resync_argo.controller.page.words import (
    ago,
    breakable,
    count,
    duration,
    literal,
    path_of,
    plain,
    prose,
    query,
    safe_address,
)

NOW = "2026-12-01T10:42:07Z"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>",
        "//evil.example.com/",
        "https:evil",
        "http://[",
        "https://example.com/a b",
        "/relative",
        "",
        None,
    ],
)
def test_only_a_web_address_is_a_link(address: str | None) -> None:
    assert safe_address(address) is None


def test_a_web_address_is_linked_unchanged() -> None:
    address = "https://github.com/o/r/pull/1?a=b#c"

    assert safe_address(address) == address


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (None, ""),
        (0, "under 1 min"),
        (59, "under 1 min"),
        (60, "1 min"),
        (7_199, "1 h"),
        (200_000, "2 d"),
    ],
)
def test_durations_read_naturally(seconds: float | None, expected: str) -> None:
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    ("time", "expected"),
    [(None, ""), ("2026-12-01T08:42:07Z", "2 h"), ("2026-12-03T10:42:07Z", "in 2 d")],
)
def test_a_time_is_relative_to_now(time: str | None, expected: str) -> None:
    assert ago(time, NOW) == expected


def test_a_sentence_shows_code_but_no_other_markup() -> None:
    assert (
        prose("`a<b` <script> [Install](install.md#3)")
        == "<code>a&lt;b</code> &lt;script&gt; Install"
    )
    assert prose("`a` `b\n`") == "<code>a</code> `b\n`"


def test_a_reason_may_be_broken_between_its_words() -> None:
    assert breakable("BlockedByFailure") == "Blocked<wbr>By<wbr>Failure"
    assert breakable("<bAd>") == "&lt;b<wbr>Ad&gt;"


def test_hiding_characters_are_shown_as_a_mark() -> None:
    assert plain("a\u202eb\x00\x1b[31mc\nd") == "a\ufffdb\ufffd\ufffd[31mc\nd"


def test_markdown_shows_text_verbatim() -> None:
    told = literal("a|b\n[x](javascript:1) <b> @team `c` #1")

    assert told == "a\\|b \\[x\\]\\(javascript:1\\) \\<b\\> @\u200bteam \\`c\\` \\#1"


def test_a_query_keeps_the_filter_and_the_other_pages() -> None:
    wanted = Wanted(only=Filter(plan="a&b"), pages={"waiting": 2, "history": 3})

    assert query(wanted, history=1) == "?plan=a%26b&waiting=2"
    assert query(Wanted()) == "?"


def test_a_path_holds_whatever_a_name_holds() -> None:
    assert path_of("tags", "ns", "a?b#c d/é") == "/tags/ns/a%3Fb%23c%20d/%C3%A9"


def test_a_number_has_its_noun() -> None:
    assert [count(1, "release"), count(2_000, "release")] == ["1 release", "2,000 releases"]
