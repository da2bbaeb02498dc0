"""Upstreams whose tags are not semantic versions: their Tags, order, and refused names."""

import pytest

from tests.apiserver.conditions import condition
from tests.apiserver.lab import UPSTREAM, Lab

pytestmark = pytest.mark.apiserver


def follow(lab: Lab, name: str, *matched: str, branch: str = "main", **upstream: str) -> None:
    known = {"name": UPSTREAM, "matchedVersions": list(matched)}
    downstream = {"name": "forge.test/down/project", "branch": branch}
    lab.add_plan(name, upstream=known | upstream, downstream=downstream)


def test_loose_versions_are_synced_in_order_and_share_tags_with_other_plans(lab: Lab) -> None:
    lab.release("24.04", "24.10", "24.04.1", "nightly")
    follow(lab, "loose", "24.x", "1.x", versioning="Loose")
    follow(lab, "strict", "1.0.x", branch="other")
    with lab.running():
        lab.wait_until("1.0.0", "Running", plan="strict")
        lab.merge_release("1.0.0", "loose")
        lab.merge_release("24.04", "loose")
        lab.wait_until("24.04.1", "Running", plan="loose")
        lab.wait_until_next("24.10", "BranchBusy", "loose")

    assert {tag.version: tag.spec.next for tag in lab.tags()} == {
        "1.0.0": "24.04",
        "24.04": "24.04.1",
        "24.04.1": "24.10",
        "24.10": None,
    }
    assert lab.plan("loose").status.current == "24.04"
    assert lab.plan("loose").status.latest == "24.10"
    assert lab.plan("strict").status.latest == "1.0.0"


def test_a_pattern_has_tags_of_its_own(lab: Lab) -> None:
    pattern = r"rel_(?P<major>\d+)_(?P<minor>\d+)_(?P<patch>\d+)"
    lab.release("rel_1_0_0", "rel_1_0_1")
    follow(lab, "pattern", "1.0.x", versionPattern=pattern)
    follow(lab, "strict", "1.0.x", branch="other")
    with lab.running():
        lab.merge_release("1.0.0", "pattern")
        lab.wait_until("1.0.1", "Running", plan="pattern")
        lab.wait_until("1.0.0", "Running", plan="strict")

    found = {(tag.spec.ref, tag.spec.version_pattern) for tag in lab.tags()}
    assert found == {
        ("refs/tags/v1.0.0", None),
        ("refs/tags/rel_1_0_0", pattern),
        ("refs/tags/rel_1_0_1", pattern),
    }


def test_an_invalid_pattern_is_reported_on_the_plan(lab: Lab) -> None:
    follow(lab, "z-1", "*", versionPattern="(?P<version>")
    with lab.running():
        said = condition(lab, "TemplateApplied", "InvalidPattern")

    assert "`(?P<version>` in `config.upstream.versionPattern` cannot be used" in said
    assert lab.tags() == []


def test_a_tag_of_a_tree_is_skipped_and_the_next_release_is_synced(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        lab.argo_ends(name, 1, "NotACommit: Upstream's tag v1.0.0 names no commit.")
        left_out = lab.wait_until("1.0.0", "Skipped", "NotACommit")
        lab.wait_until("1.0.1", "Running")

    assert "names no commit" in left_out.message
