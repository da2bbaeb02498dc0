"""Which releases a Plan wants: by repository, prefix, namespace and range, never by name."""

from typing import Any

import pytest

from resync_argo.api.plan import Plan
from resync_argo.controller.order.ranges import Ranges
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


def test_a_range_that_cannot_be_read_admits_nothing() -> None:
    assert not Ranges().admits(wants("1.x", "latest"), "1.0.0")


def test_another_generation_of_a_plan_is_read_again() -> None:
    ranges, before = Ranges(), wants("1.x")
    first = ranges.admits(before, "2.0.0")
    meta = before.metadata.model_copy(update={"generation": 2})
    after = wants("2.x").model_copy(update={"metadata": meta})

    assert (first, ranges.admits(after, "2.0.0")) == (False, True)


def test_a_release_of_another_repository_prefix_or_namespace_is_not_wanted() -> None:
    ranges, follower = Ranges(), wants("1.x")
    other = tag().metadata.model_copy(update={"namespace": "other"})

    assert ranges.wants(follower, tag())
    assert not ranges.wants(follower, tag("2.0.0"))
    assert not ranges.wants(follower, tag(repository="forge.test/up/other"))
    assert not ranges.wants(follower, tag(tagPrefix="api/v"))
    assert not ranges.wants(follower, tag().model_copy(update={"metadata": other}))
