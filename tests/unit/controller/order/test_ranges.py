"""A Plan wants releases by repository, prefix and range, never by a Tag's name."""

from typing import Any
from unittest.mock import Mock

import pytest

from resync_argo.api.plan import Plan
from resync_argo.controller.order.ranges import Ranges
from resync_argo.upstream.eligibility import Policy
from tests.unit.controller.builders import plan, tag


def wants(*versions: str, name: str = "forge.test/up/project", **config: Any) -> Plan:
    upstream = {"name": name, "matchedVersions": list(versions)}
    return plan(upstream=upstream, **config)


@pytest.mark.parametrize(
    ("version", "admitted"),
    [("1.4.2", True), ("1.5.0", False), ("2.0.3", True), ("nightly", False), ("1.4.3-rc.1", False)],
)
def test_any_of_the_ranges_admits_a_release(version: str, *, admitted: bool) -> None:
    assert Ranges().admits(wants("1.4.x", "2.x"), version) is admitted


def test_prereleases_are_for_those_who_ask_for_them() -> None:
    assert Ranges().admits(wants("1.x", enablePrereleases=True), "1.4.3-rc.1")


def test_an_invalid_range_admits_nothing() -> None:
    assert not Ranges().admits(wants("1.x", "latest"), "1.0.0")


def test_each_plan_decides_how_versions_are_parsed() -> None:
    upstream = {"name": "forge.test/up/project", "matchedVersions": ["*"], "versioning": "Loose"}
    loose, unreadable = Ranges().scheme(plan(upstream=upstream)), Ranges().scheme(wants("latest"))

    assert loose is not None
    assert str(loose.read("24.04")) == "24.04"
    assert unreadable is None


def test_another_generation_of_a_plan_is_read_again() -> None:
    ranges, before = Ranges(), wants("1.x")
    first = ranges.admits(before, "2.0.0")
    meta = before.metadata.model_copy(update={"generation": 2})
    after = wants("2.x").model_copy(update={"metadata": meta})

    assert (first, ranges.admits(after, "2.0.0")) == (False, True)


def test_a_release_of_another_repository_or_prefix_is_not_wanted() -> None:
    ranges, follower = Ranges(), wants("1.x")

    assert ranges.wants(follower, tag())
    assert not ranges.wants(follower, tag("2.0.0"))
    assert not ranges.wants(follower, tag(repository="forge.test/up/other"))
    assert not ranges.wants(follower, tag(tagPrefix="api/v"))


def test_a_range_is_parsed_once_and_evaluated_once_for_each_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ranges, follower = Ranges(), wants("1.x")
    policy = Mock(**{"refusal.return_value": None})
    read = Mock(return_value=policy)
    monkeypatch.setattr(Policy, "of", read)
    for version in ("1.0.0", "2.0.0") * 3:
        ranges.admits(follower, version)

    assert (read.call_count, policy.refusal.call_count) == (1, 2)
