"""Names of git tags become versions by their Plan's scheme, and others are refused with a reason."""

import pytest

from resync_argo.api.plan import Upstream
from resync_argo.errors import Stalled
from resync_argo.upstream.scheme import Scheme
from resync_argo.upstream.versions import Refusal

SEMVER = Scheme()
LOOSE = Scheme(versioning="Loose")


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
def test_versions_that_semantic_versioning_forbids_are_refused(text: str) -> None:
    assert isinstance(SEMVER.read(text), Refusal)


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
    assert str(Scheme(prefix=prefix).version_of(tag)) == version


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
    refused = Scheme(prefix=prefix).version_of(tag)

    assert isinstance(refused, Refusal)
    assert refused.reason == reason


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("v1.2", "1.2"),
        ("24.04", "24.04"),
        ("1.2.3.4", "1.2.3.4"),
        ("v5.10.0-1", "5.10.0-1"),
        ("20240115", "20240115"),
        ("2024-01-15", "2024-01-15"),
        ("v2024.01.15-rc1", "2024.01.15-rc1"),
        ("2024b", "2024b"),
        ("1.1.1w", "1.1.1w"),
        ("4.1.0.Final", "4.1.0.Final"),
        ("1.2_beta2", "1.2_beta2"),
        ("v1.2.3+build.5", "1.2.3+build.5"),
    ],
)
def test_a_loose_version_is_kept_as_upstream_writes_it(tag: str, version: str) -> None:
    assert str(LOOSE.version_of(tag)) == version


@pytest.mark.parametrize(
    "tag",
    ["nightly", "release-1", "1..2", "1.", "1.2-", "1.2/3", "v", "1.2.3;x", "-1", "1 2", "1.2@{0}"],
)
def test_a_text_that_no_scheme_accepts_is_refused(tag: str) -> None:
    refused = LOOSE.version_of(tag)

    assert isinstance(refused, Refusal)
    assert refused.reason == "NotAVersion"


@pytest.mark.parametrize(
    ("pattern", "tag", "version"),
    [
        (r"curl-(?P<major>\d+)_(?P<minor>\d+)_(?P<patch>\d+)", "curl-8_5_0", "8.5.0"),
        (r"REL_?(?P<major>\d+)_(?P<minor>\d+)(_(?P<patch>\d+))?", "REL_16_1", "16.1.0"),
        (r"REL_?(?P<major>\d+)_(?P<minor>\d+)(_(?P<patch>\d+))?", "REL9_6_24", "9.6.24"),
        (r"r(?P<major>\d+)(_rc(?P<prerelease>\d+))?", "r08_rc2", "8.0.0-2"),
        (r"jdk-(?P<version>.+)", "jdk-17.0.1+12", "17.0.1+12"),
        (r"(?<major>\d+)\.(?<minor>\d+)\+(?<build>\w+)", "1.2+b5", "1.2.0+b5"),
    ],
)
def test_a_pattern_finds_the_version_in_a_name(pattern: str, tag: str, version: str) -> None:
    assert str(Scheme(pattern=pattern).version_of(tag)) == version


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("jdk-17.0.1+12 ", "PatternNotMatched"),
        ("xjdk-17.0.1", "PatternNotMatched"),
        ("jdk-17", "NotAVersion"),
        ("jdk-17.0.1-01", "NotAVersion"),
    ],
)
def test_a_name_that_a_pattern_matches_only_in_part_is_refused(tag: str, reason: str) -> None:
    refused = Scheme(pattern=r"jdk-(?P<version>\S+)").version_of(tag)

    assert isinstance(refused, Refusal)
    assert refused.reason == reason


def test_a_part_that_is_not_a_number_makes_no_version() -> None:
    refused = Scheme(pattern="v(?P<major>.+)").version_of("v1.0.0-Final")

    assert isinstance(refused, Refusal)
    assert refused.reason == "NotAVersion"
    assert "`1.0.0-Final`, its `major` by `v(?P<major>.+)`, is not a number" in refused.message


def test_a_pattern_finds_loose_versions_too() -> None:
    scheme = Scheme(versioning="Loose", pattern="release-(?P<version>.+)")

    assert str(scheme.version_of("release-24.04")) == "24.04"


def test_a_pattern_that_is_slow_in_other_engines_is_quick() -> None:
    scheme = Scheme(pattern="(a*)*(a*)*b(?P<version>.+)".replace("(a*)", "(?:a*)"))

    assert isinstance(scheme.version_of("a" * 240), Refusal)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?P<version>", "missing"),
        ("(?=x)(?P<version>.+)", "perl operator"),
        ("v(.+)", "neither a group `version` nor a group `major`"),
        ("(?P<version>.)(?P<patch>.)", "other groups beside `version`"),
        ("(?P<major>.)(?P<revision>.)", "`revision` means nothing"),
        ("(?P<version>.+)(?P<version>.+)", "two groups `version`"),
    ],
)
def test_an_unusable_pattern_is_refused_with_a_reason(pattern: str, why: str) -> None:
    upstream = Upstream(name="github.com/a/b", matched_versions=("*",), version_pattern=pattern)

    with pytest.raises(Stalled, match=why) as refused:
        Scheme.of(upstream)

    assert refused.value.reason == "InvalidPattern"
