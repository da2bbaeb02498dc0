"""The tags that `git ls-remote` lists are untrusted."""

from itertools import product

import pytest

from resync_argo.local.lint.crd import rules
from resync_argo.local.lint.crd.schemas import load_schema
from resync_argo.local.lint.documents import Document
from resync_argo.upstream.git_tags import GitTag, is_safe_name, read_listing

A, B = "a" * 40, "b" * 40


def test_other_lines_are_left_out() -> None:
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
        "v{{workflow.name}}",
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


def admits(kind: str, field: str, value: str) -> bool:
    """Return whether a kind's CRD accepts a value for a field."""
    schema = load_schema(kind)
    for name in ("spec", *field.split(".")):
        schema = schema["properties"][name]
    document = Document(file="f", data=value)
    document.values[()] = (1, 1)
    return list(rules.check(document, value, schema, set())) == []


PIECES = ("v", "rel", "-", ".", "/", "_", "@", "+", "{", ".lock", "=")


@pytest.mark.parametrize("start", PIECES)
def test_the_api_server_accepts_a_tag_for_every_possible_release(start: str) -> None:
    prefixes = ["".join((start, *rest)) for n in range(3) for rest in product(PIECES, repeat=n)]
    followed = [it for it in prefixes if admits("Plan", "config.upstream.tagPrefix", it)]

    assert [it for it in followed if not admits("Tag", "tagPrefix", it)] == []
    assert [it for it in followed if not admits("Tag", "ref", f"refs/tags/{it}1.0.0")] == []
    assert [it for it in followed if not is_safe_name(f"{it}1.0.0")] == []
