"""The tags that `git ls-remote` lists: what comes back is not trusted."""

import pytest

from resync_argo.upstream.git_tags import GitTag, is_safe_name, read_listing

A, B = "a" * 40, "b" * 40


def test_lines_that_are_no_tags_are_left_out() -> None:
    lines = [
        f"{A}\trefs/tags/v1.0.0",
        f"{B}\trefs/tags/v1.0.0^{{}}",
        f"{A}\trefs/heads/main",
        "abc\trefs/tags/v1.1.0",
        f"{A} refs/tags/v1.2.0",
        f"{B}\trefs/tags/only-peeled^{{}}",
        f"{A}\trefs/tags/--upload-pack=x",
        "",
    ]

    assert read_listing("\n".join(lines).encode()) == (GitTag(name="v1.0.0", commit=B),)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-x",
        "--upload-pack=x",
        "v1.0.0 x",
        "v1.0.0\x07",
        "a..b",
        "a@{b",
        "a//b",
        "a/",
        "/a",
        ".a",
        "a/.b",
        "a.lock",
        "a.lock/b",
        "a.",
        "a~b",
        "a^b",
        "a:b",
        "a?b",
        "a*b",
        "a[b",
        "a\\b",
        "@",
        "\N{LATIN SMALL LETTER E WITH ACUTE}",
        "a" * 245,
    ],
)
def test_names_that_git_or_we_do_not_allow_are_not_safe(name: str) -> None:
    assert not is_safe_name(name)


@pytest.mark.parametrize(
    "name", ["v1.0.0", "kustomize/v5.0.0", "v1.0.0;touch", "v1.0.0$(id)", "a+b"]
)
def test_odd_names_that_git_allows_are_safe_as_data(name: str) -> None:
    assert is_safe_name(name)
