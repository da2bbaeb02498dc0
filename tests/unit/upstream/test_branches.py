"""A branch's commits get versions that sort by time, and a pattern selects the newest branch."""

from datetime import UTC, datetime

import pytest

from resync_argo.upstream.branches import Tip, choose, missing, time_of
from resync_argo.upstream.scheme import Scheme
from resync_argo.upstream.versions import Version, precedence

COMMIT = "abcdef123456" + "0" * 28


def tip(time: str, commit: str = COMMIT) -> Tip:
    return Tip(branch="main", commit=commit, time=datetime.fromisoformat(time))


def test_a_commit_has_gos_pseudo_version() -> None:
    found = tip("2024-01-02T04:04:05+01:00")

    assert str(found.version) == "0.0.0-20240102030405-abcdef123456"
    assert isinstance(Scheme().read(str(found.version)), Version)
    assert time_of(str(found.version)) == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (found.tag.ref, found.tag.source) == ("refs/heads/main", COMMIT)
    assert found.tag.refspec == f"+{COMMIT}:refs/tags/{found.version}"


def test_later_commits_have_later_versions() -> None:
    ordered = [
        tip("2023-12-31T23:59:59Z", "f" * 40),
        tip("2024-01-01T00:00:00Z", "0" * 40),
        tip("2024-01-01T00:00:01Z", "9" * 40),
        tip("2024-01-01T00:00:10Z", "a" * 40),
    ]

    assert sorted(ordered, key=lambda it: precedence(it.version)) == ordered


def test_the_commit_that_upstream_moved_to_comes_later_whatever_its_date() -> None:
    known = ["0.0.0-20240601000000-aaaaaaaaaaaa", "1.0.0", "0.0.0-20240501000000-bbbbbbbbbbbb"]

    older, newer = tip("2020-01-01T00:00:00Z"), tip("2024-07-01T00:00:00Z")

    assert str(older.after(known).version) == "0.0.0-20240601000001-abcdef123456"
    assert newer.after(known) == newer
    assert older.after([]) == older


@pytest.mark.parametrize("text", ["1.0.0", "0.0.0-20241399000000-aaaaaaaaaaaa", "0.0.0-1-a"])
def test_another_version_has_no_time(text: str) -> None:
    assert time_of(text) is None


@pytest.mark.parametrize(
    ("wanted", "branches", "chosen"),
    [
        ("main", ["main", "main-2"], "main"),
        ("main", ["master"], None),
        ("release-*", ["release-1.9", "release-1.10", "release-1.2"], "release-1.10"),
        ("release-*", ["release-1.9", "release-1.10-fix", "release-x", "release-"], "release-1.9"),
        ("release-*", ["release-1.9", "release-1.9.1", "prerelease-2.0"], "release-1.9.1"),
        ("linux-*.y", ["linux-6.6.y", "linux-6.12.y", "linux-6.20"], "linux-6.12.y"),
        ("*", ["main", "2024-01", "2023-12"], "2024-01"),
        ("stable/*", [], None),
    ],
)
def test_a_pattern_selects_the_newest_branch(
    wanted: str, branches: list[str], chosen: str | None
) -> None:
    assert choose(branches, wanted) == choose(reversed(branches), wanted) == chosen


def test_a_missing_branch_is_reported_with_what_to_do() -> None:
    assert "no branch `x-*`" in str(missing("x-*"))
    assert missing("x").reason == "BranchNotFound"
