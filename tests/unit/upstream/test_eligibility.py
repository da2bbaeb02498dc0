"""A chain of checks chooses a Plan's releases, and every tag left out has its reason."""

import pytest

from resync_argo.api.plan import Config
from resync_argo.errors import Stalled
from resync_argo.upstream.eligibility import Selection, select
from resync_argo.upstream.git_tags import GitTag

REPOSITORY = "github.com/kubernetes/kubernetes"


def _config(*ranges: str, prereleases: bool = False, **upstream: str) -> Config:
    return Config.parse(
        {
            "upstream": {"name": REPOSITORY, "matchedVersions": ranges, **upstream},
            "downstream": {"name": "github.com/openshift/kubernetes", "branch": "release-4.8"},
            "enablePrereleases": prereleases,
            "image": "example.com/image",
        }
    )


def _select(config: Config, *names: str) -> Selection:
    return select([GitTag(name=name, commit="a" * 40) for name in names], config)


def _versions(selection: Selection) -> list[str]:
    return [str(release.version) for release in selection.releases]


def _reasons(selection: Selection) -> dict[str, str]:
    return {refused.tag.name: refused.refusal.reason for refused in selection.refused}


def test_releases_come_oldest_first_whatever_order_git_gives() -> None:
    selection = _select(_config("1.21.x"), "v1.21.10", "v1.21.9", "v1.21.2")

    assert _versions(selection) == ["1.21.2", "1.21.9", "1.21.10"]


def test_every_tag_left_out_has_its_reason() -> None:
    names = ["v1.21.2", "v1.22.0", "v1.21.3-rc.1", "nightly", "1.21.2"]

    selection = _select(_config("1.21.x"), *names)

    assert _versions(selection) == ["1.21.2"]
    assert _reasons(selection) == {
        "v1.22.0": "OutOfRange",
        "v1.21.3-rc.1": "Prerelease",
        "nightly": "NotAVersion",
        "1.21.2": "DuplicateVersion",
    }


def test_prereleases_are_wanted_if_the_plan_says_so() -> None:
    selection = _select(_config("1.21.x", prereleases=True), "v1.21.3-rc.1", "v1.22.0-rc.1")

    assert _versions(selection) == ["1.21.3-rc.1"]


def test_a_release_in_any_of_the_ranges_is_wanted() -> None:
    assert _versions(_select(_config("1.20.x", "1.22.x"), "v1.20.1", "v1.21.1", "v1.22.1")) == [
        "1.20.1",
        "1.22.1",
    ]


def test_a_monorepos_other_modules_are_left_out() -> None:
    selection = _select(_config("*", tagPrefix="kustomize/v"), "kustomize/v5.0.0", "api/v0.1.0")

    assert _versions(selection) == ["5.0.0"]
    assert _reasons(selection) == {"api/v0.1.0": "OtherPrefix"}


def test_a_loose_plan_accepts_other_than_semantic_versions() -> None:
    names = ["24.04", "23.10", "24.10-beta", "v24.04.1", "nightly"]

    selection = _select(_config("24.x", versioning="Loose"), *names)

    assert _versions(selection) == ["24.04", "24.04.1"]
    assert _reasons(selection) == {
        "23.10": "OutOfRange",
        "24.10-beta": "Prerelease",
        "nightly": "NotAVersion",
    }


def test_of_two_names_for_a_version_every_plan_takes_the_semantic_one() -> None:
    names = ["v1.2", "1.2.0", "v1.2.0.0"]

    selection = _select(_config("*", versioning="Loose"), *names)

    assert [release.tag.name for release in selection.releases] == ["1.2.0"]
    assert _reasons(selection) == {"v1.2": "DuplicateVersion", "v1.2.0.0": "DuplicateVersion"}


def test_a_pattern_finds_the_version_in_a_name() -> None:
    pattern = r"REL_(?P<major>\d+)_(?P<minor>\d+)"

    selection = _select(_config("16.x", versionPattern=pattern), "REL_16_2", "REL_16_10", "v16.3.0")

    assert _versions(selection) == ["16.2.0", "16.10.0"]
    assert _reasons(selection) == {"v16.3.0": "PatternNotMatched"}


def test_an_invalid_range_is_reported() -> None:
    with pytest.raises(Stalled, match=r"`1\.21` in `config.upstream.matchedVersions`"):
        _select(_config("1.21"), "v1.21.1")
