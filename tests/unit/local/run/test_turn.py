"""The sentence for a person who runs a release that a cluster would not run now."""

import pytest

from resync_argo.api.plan import Config, Plan
from resync_argo.local.run.turn import sentence
from resync_argo.upstream.eligibility import Release
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.versions import Version
from tests.apiserver.crds.manifests import plan

VERSIONS = [(1, 10, 0), (1, 10, 1), (1, 10, 2)]


def told(version: str, contained: str | None, order: str = "Sequential") -> str | None:
    config: Config = Plan.parse(
        plan({"config.order": order, "config.upstream.matchedVersions": ["1.10.x"]})
    ).spec.config
    releases = [
        Release(
            version=Version.of(*numbers),
            tag=GitTag(name=f"v{'.'.join(map(str, numbers))}", commit="1" * 40),
        )
        for numbers in VERSIONS
    ]
    return sentence(config, releases, version, contained=contained)


@pytest.mark.parametrize(
    ("version", "contained", "said"),
    [
        ("1.10.0", None, None),
        ("1.10.1", "1.10.0", None),
        ("1.10.2", "1.10.0", "A cluster would sync 1.10.1 before 1.10.2."),
        ("1.10.2", None, "A cluster would sync 1.10.0 and 1 more before 1.10.2."),
        ("1.12.0", None, "A cluster would not sync 1.12.0: the Plan wants `1.10.x`."),
    ],
)
def test_a_release_out_of_turn_or_range_is_reported(
    version: str, contained: str | None, said: str | None
) -> None:
    assert told(version, contained) == said


def test_with_the_order_latest_the_newest_comes_at_once() -> None:
    assert told("1.10.2", None, "Latest") is None
    assert told("1.10.0", None, "Latest") == (
        "A cluster would sync 1.10.2 instead: `order` is Latest."
    )
