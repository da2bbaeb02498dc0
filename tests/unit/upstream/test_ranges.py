"""Ranges contain what people expect, in each versioning scheme."""

import re

import pytest

from resync_argo.api.plan import Versioning
from resync_argo.errors import Stalled
from resync_argo.upstream.ranges import VersionRange
from resync_argo.upstream.versions import Version

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
def test_a_range_contains_the_right_versions(
    text: str, held: list[str], left_out: list[str]
) -> None:
    wanted = VersionRange.parse(text)

    assert [v for v in held if Version.parse(v) not in wanted] == []
    assert [v for v in left_out if Version.parse(v) in wanted] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
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
def test_an_invalid_range_is_refused_with_the_valid_forms(text: str) -> None:
    with pytest.raises(Stalled, match=r"matchedVersions.*Write for example `1\.21\.x`") as refused:
        VersionRange.parse(text)

    assert refused.value.reason == "InvalidRange"


@pytest.mark.parametrize("text", ["1", "1.21"])
def test_a_partial_version_is_refused_with_the_intended_range(text: str) -> None:
    with pytest.raises(Stalled, match=rf"matchedVersions.*write `{re.escape(text)}\.x`") as refused:
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
def test_ranges_overlap_if_one_version_is_in_both(one: str, other: str, *, expected: bool) -> None:
    first, second = VersionRange.parse(one), VersionRange.parse(other)

    assert first.overlaps(second) is second.overlaps(first) is expected


def test_a_bound_compares_digits_as_numbers_and_ignores_builds() -> None:
    assert Version.parse("1.0.0-rc10") in VersionRange.parse(">1.0.0-rc9")
    assert Version.parse("1.0.0+12") not in VersionRange.parse(">1.0.0")
    assert Version.parse("1.0.0+12") in VersionRange.parse("<=1.0.0")


LOOSE = {
    "1.2": (["1.2", "1.2.0", "v1.2.0.0"[1:], "01.2"], ["1.2.1", "1.2-rc1", "1.20"]),
    "1.x": (["1.0", "1", "1.9.0.4", "1.2-rc1"], ["2", "2.0-rc1", "0.9"]),
    "1.2.3.x": (["1.2.3", "1.2.3.4", "1.2.3.4rc1"], ["1.2.4", "1.2.2.9"]),
    "24.04.x": (["24.04", "24.4.1", "24.04.2"], ["24.10", "23.04"]),
    ">=24.04 <25": (["24.04", "24.10.1"], ["23.10", "25.04"]),
    "2024.x": (["2024.01.15", "2024-01-15", "2024a", "2024.12.31.1"], ["2023.12.31", "2025-01-01"]),
    ">=2024-01-15": (["2024-01-15", "2024.02.01"], ["2024-01-14", "2024"]),
    ">1.1.1w": (["1.1.1x", "1.1.2", "3.0"], ["1.1.1w", "1.1.1a", "1.1.1"]),
    "~1.2": (["1.2", "1.2.0.9"], ["1.3"]),
    "~1.2.3.4": (["1.2.3.4", "1.2.9"], ["1.2.3.3", "1.3"]),
    "^1.2.3.4": (["1.2.3.4", "1.9"], ["1.2.3", "2"]),
    "^0.0.0.4": (["0.0.0.4"], ["0.0.0.5", "0.0.1"]),
    "=1.0": (["1.0", "1"], ["1.0.1"]),
}


@pytest.mark.parametrize(("text", "held", "left_out"), [(r, *v) for r, v in LOOSE.items()])
def test_a_loose_range_contains_the_right_versions(
    text: str, held: list[str], left_out: list[str]
) -> None:
    wanted = VersionRange.parse(text, "Loose")

    assert [v for v in held if Version.parse(v) not in wanted] == []
    assert [v for v in left_out if Version.parse(v) in wanted] == []


@pytest.mark.parametrize("text", ["latest", ">", "x", "1.2.3+build", "1 - 2", "~x"])
def test_an_invalid_loose_range_is_refused(text: str) -> None:
    with pytest.raises(Stalled, match=r"matchedVersions.*Write for example `1\.21\.x`"):
        VersionRange.parse(text, "Loose")


@pytest.mark.parametrize("versioning", ["Semver", "Loose"])
def test_neighbours_do_not_overlap(versioning: Versioning) -> None:
    one = VersionRange.parse(">=1.2.0 <1.3.0", versioning)

    assert not one.overlaps(VersionRange.parse("1.3.x", versioning))
    assert one.overlaps(VersionRange.parse(">1.2.9", versioning))
