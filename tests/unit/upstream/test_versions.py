"""Names of git tags become versions strictly, and ranges hold what people mean by them."""

import pytest
from semver import Version

from resync_argo.errors import Stalled
from resync_argo.upstream.versions import (
    Refusal,
    VersionRange,
    parse_version,
    precedence,
    version_of,
)

NOT_VERSIONS = [
    "",
    "01.2.3",
    "1.02.3",
    "1.2",
    "1",
    "1.2.3.4",
    "1.2.3-",
    "1.2.3-01",
    "1.2.3+",
    "1.2.3+a+b",
    "1.2.3\n",
    " 1.2.3",
    "1.2.3;touch x",
    "1.0.0$(id)",
    "--upload-pack=x",
    "1.2.3-rc_1",
    "1\N{FULLWIDTH DIGIT TWO}.0.0",
    "1.2.3-" + "a" * 100,
]


@pytest.mark.parametrize("text", NOT_VERSIONS)
def test_what_semantic_versioning_does_not_allow_is_refused(text: str) -> None:
    assert isinstance(parse_version(text), Refusal)


@pytest.mark.parametrize(
    ("tag", "prefix", "version"),
    [
        ("v1.21.2", None, "1.21.2"),
        ("1.21.2", None, "1.21.2"),
        ("v1.22.0-rc.1", None, "1.22.0-rc.1"),
        ("v1.2.3+build.5", None, "1.2.3+build.5"),
        ("kustomize/v5.0.0", "kustomize/v", "5.0.0"),
        ("1.2.3", "", "1.2.3"),
    ],
)
def test_a_release_tag_names_its_version(tag: str, prefix: str | None, version: str) -> None:
    assert str(version_of(tag, prefix)) == version


@pytest.mark.parametrize(
    ("tag", "prefix", "reason"),
    [
        ("vv1.0.0", None, "NotAVersion"),
        ("V1.0.0", None, "NotAVersion"),
        ("kustomize/v5.0.0", None, "NotAVersion"),
        ("api/v5.0.0", "kustomize/v", "OtherPrefix"),
        ("1.2.3", "v", "OtherPrefix"),
        ("v1.2.3", "", "NotAVersion"),
        ("v1.0.0;touch x", None, "NotAVersion"),
        ("v1.0.0$(id)", None, "NotAVersion"),
    ],
)
def test_another_tag_is_refused_with_a_reason(tag: str, prefix: str | None, reason: str) -> None:
    refused = version_of(tag, prefix)

    assert isinstance(refused, Refusal)
    assert refused.reason == reason


def test_precedence_is_that_of_semantic_versioning() -> None:
    ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"]
    ordered += ["1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.2.0", "1.10.0", "2.0.0"]

    assert [
        str(v) for v in sorted(map(Version.parse, reversed(ordered)), key=precedence)
    ] == ordered


def test_digits_within_an_identifier_count_as_a_number() -> None:
    ordered = ["4.4.0-rc9", "4.4.0-rc10", "4.4.0-rc11", "4.4.0", "17.0.1", "17.0.1+9", "17.0.1+12"]
    ordered += ["17.0.1+12.b2", "17.0.1+12.b10"]

    assert [
        str(v) for v in sorted(map(Version.parse, reversed(ordered)), key=precedence)
    ] == ordered


def test_a_bound_compares_digits_as_numbers_and_no_builds() -> None:
    assert Version.parse("1.0.0-rc10") in VersionRange.parse(">1.0.0-rc9")
    assert Version.parse("1.0.0+12") not in VersionRange.parse(">1.0.0")
    assert Version.parse("1.0.0+12") in VersionRange.parse("<=1.0.0")


RANGES = {
    "*": (["0.0.1", "99.0.0", "1.0.0-rc.1"], []),
    "1.21.x": (["1.21.0", "1.21.99", "1.21.0-rc.1"], ["1.20.9", "1.22.0", "1.22.0-rc.1"]),
    "1.21.*": (["1.21.0"], ["1.22.0"]),
    "1.x": (["1.0.0", "1.99.9"], ["0.9.0", "2.0.0", "2.0.0-rc.1"]),
    "0.x": (["0.1.0"], ["1.0.0"]),
    "1.21.2": (["1.21.2", "1.21.2+build.5"], ["1.21.3", "1.21.2-rc.1"]),
    "=1.21.2": (["1.21.2"], ["1.21.3"]),
    "1.22.0-rc.1": (["1.22.0-rc.1"], ["1.22.0", "1.22.0-rc.2"]),
    ">=1.21.2 <1.22.0": (["1.21.2", "1.21.9"], ["1.21.1", "1.22.0", "1.22.0-rc.1"]),
    ">=1.21 <1.22": (["1.21.0", "1.21.0-rc.1"], ["1.20.9", "1.22.0"]),
    ">1.21.2": (["1.21.3"], ["1.21.2", "1.21.2-rc.1"]),
    "<=1.21.2": (["1.21.2", "0.1.0"], ["1.21.3"]),
    ">=1.22.0-rc.2": (["1.22.0-rc.2", "1.22.0"], ["1.22.0-rc.1", "1.21.9"]),
    "~1.21": (["1.21.0", "1.21.9"], ["1.22.0"]),
    "~1.21.3": (["1.21.3"], ["1.21.2", "1.22.0"]),
    "~1": (["1.0.0", "1.9.0"], ["2.0.0"]),
    "^1.2": (["1.2.0", "1.9.0"], ["1.1.9", "2.0.0"]),
    "^0.2.3": (["0.2.3", "0.2.9"], ["0.3.0", "0.2.2"]),
    "^0.0.3": (["0.0.3"], ["0.0.4"]),
    "^0.2": (["0.2.0", "0.2.9"], ["0.3.0"]),
    "^0.0": (["0.0.0", "0.0.9"], ["0.1.0"]),
    "^0": (["0.0.1", "0.9.0"], ["1.0.0"]),
}


@pytest.mark.parametrize(("text", "held", "left_out"), [(r, *v) for r, v in RANGES.items()])
def test_a_range_holds_what_it_says(text: str, held: list[str], left_out: list[str]) -> None:
    wanted = VersionRange.parse(text)

    assert [v for v in held if Version.parse(v) not in wanted] == []
    assert [v for v in left_out if Version.parse(v) in wanted] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1",
        "1.21",
        "01.x",
        "1.2.3.4",
        "1.2.3.x",
        "x",
        "latest",
        ">",
        ">1.2",
        "<=1",
        "=1.2",
        "~*",
        "^1.x",
        "v1.21.x",
        "1.21.2+build",
        "1.2.3 - 1.3.0",
        "1.x || 2.x",
        "$(id)",
        ">= 1.2.3",
        "1\N{FULLWIDTH DIGIT TWO}.x",
    ],
)
def test_what_is_no_range_is_refused_with_what_may_be_written(text: str) -> None:
    with pytest.raises(Stalled, match=r"matchedVersions.*Write for example `1\.21\.x`") as refused:
        VersionRange.parse(text)

    assert refused.value.reason == "InvalidRange"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("*", "1.2.3", True),
        ("1.x", "1.21.x", True),
        (">1.2.3", "<1.2.4", False),
        (">1.2.3", "<=1.2.4", True),
        (">=2.0.0-rc.1", "<2.0.0", False),
        (">=2.0.0-rc.1", "<=2.0.0", True),
        ("1.2.x", "~1.3", False),
        (">=1.5.0 <1.6.0", "^1.2", True),
        ("<1.0.0", "<0.5.0", True),
    ],
)
def test_ranges_overlap_where_one_version_is_in_both(
    one: str, other: str, *, expected: bool
) -> None:
    first, second = VersionRange.parse(one), VersionRange.parse(other)

    assert first.overlaps(second) is second.overlaps(first) is expected
