"""Versions of all schemes have one order, the one that people expect."""

import pytest

from resync_argo.upstream.versions import Refusal, Version, parse_version, precedence


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


@pytest.mark.parametrize(
    "ordered",
    [
        ["1", "1.0.1", "1.1", "1.2.0.1", "1.2.1", "1.10", "2"],
        ["1.2.3.4-rc1", "1.2.3.4", "1.2.3.5"],
        ["23.10", "24.04", "24.04.1", "24.10", "25.04"],
        ["2023-12-31", "2024-01-09", "2024-01-15", "2024-01-15.1", "2024-10-01"],
        ["20231231", "20240115"],
        ["2023d", "2024a", "2024b", "2025a"],
        ["1.1.1", "1.1.1a", "1.1.1w", "1.1.2-beta1", "1.1.2"],
        ["4.1.0.Beta2", "4.1.0.Beta10", "4.1.0.CR1", "4.1.0.Final", "4.1.1.Final"],
        ["1.2b3", "1.2rc9", "1.2rc10", "1.2"],
    ],
)
def test_loose_versions_are_in_the_order_of_their_projects(ordered: list[str]) -> None:
    assert [
        str(v) for v in sorted(map(Version.parse, reversed(ordered)), key=precedence)
    ] == ordered


@pytest.mark.parametrize(
    ("one", "other"), [("1.2", "1.2.0"), ("01.2.0.0", "1.2"), ("4.1.Final", "4.1")]
)
def test_two_spellings_of_a_version_have_the_same_place_in_the_order(one: str, other: str) -> None:
    assert precedence(Version.parse(one)) == precedence(Version.parse(other))


def test_a_text_that_is_too_long_for_a_name_is_not_a_version() -> None:
    assert isinstance(parse_version("1." * 50 + "1"), Refusal)
