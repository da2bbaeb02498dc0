"""The final pull request names the included pull requests."""

from resync_argo.api.include import IncludedPull
from resync_argo.attempt.include.describe import describe_included

PULL = IncludedPull(
    number=12, head="a" * 40, title="Fix `x` @all", author="bot", url="https://x/12"
)


def test_without_included_pull_requests_there_is_no_text() -> None:
    assert describe_included((), ()) == ""


def test_each_is_named_with_its_commit_and_untrusted_text_is_quoted() -> None:
    moved = PULL.model_copy(update={"number": 13, "news": "it was closed since"})
    had = PULL.model_copy(update={"number": 14, "contained": True})
    assert describe_included((PULL, moved, had), ("#9 came along before.",)).splitlines() == [
        "**Pull requests that came along:**",
        "",
        "- #12 `Fix 'x' @all` of `bot`, at `aaaaaaaaaaaa`",
        "- #13 `Fix 'x' @all` of `bot`, at `aaaaaaaaaaaa`; it was closed since",
        "- #14 `Fix 'x' @all` of `bot`, at `aaaaaaaaaaaa`: not brought, for the branch has all of its commits",
        "",
        "#9 came along before.",
    ]
