"""The oldest ended Syncs are deleted, if that restarts nothing."""

from typing import Any

import pytest

from resync_argo.api.sync import Sync
from resync_argo.controller.plan.retention import superfluous
from tests.unit.controller.builders import sync

PENDING = {"type": "CleanedUp", "status": "False", "reason": "CleanupPending"}
MERGED: dict[str, Any] = {"phase": "Finished", "reason": "Merged", "number": 1, "merged": True}


def versions(syncs: list[Sync], contained: str | None, keep: int) -> list[str]:
    return [one.status.version for one in superfluous(syncs, contained, keep)]


def test_the_oldest_releases_are_deleted_in_any_order_of_input() -> None:
    syncs = [sync(f"1.{minor}.0", **MERGED) for minor in (10, 2, 9, 1)]

    assert versions(syncs, "1.10.0", keep=2) == ["1.1.0", "1.2.0"]
    assert versions(syncs, "1.10.0", keep=4) == []


def test_the_newest_release_in_the_branch_and_newer_ones_stay() -> None:
    syncs = [
        sync("1.0.0", **MERGED),
        sync("1.1.0", **MERGED),
        sync("1.2.0", phase="Failed", reason="StepFailed"),
    ]

    assert versions(syncs, "1.1.0", keep=1) == ["1.0.0"]
    assert versions(syncs, "1.0.0", keep=1) == []


@pytest.mark.parametrize("contained", [None, "nightly"])
def test_nothing_is_deleted_while_the_branchs_contents_are_unknown(contained: str | None) -> None:
    syncs = [sync(f"1.{minor}.0", phase="Failed") for minor in range(5)]

    assert versions(syncs, contained, keep=1) == []


@pytest.mark.parametrize(
    "status",
    [
        {"phase": "Running"},
        {"phase": "Conflict"},
        {"phase": "Pending"},
        {"phase": "Finished", "reason": "PullRequestOpen", "number": 1},
        MERGED | {"conditions": [PENDING]},
    ],
    ids=["running", "conflict", "pending", "in review", "branches left"],
)
def test_unfinished_syncs_stay(status: dict[str, Any]) -> None:
    syncs = [sync("1.0.0", **status), sync("1.1.0", **MERGED), sync("1.2.0", **MERGED)]

    assert versions(syncs, "2.0.0", keep=1) == ["1.1.0"]


def test_skipped_and_failed_syncs_count_as_ended() -> None:
    syncs = [
        sync("1.0.0", phase="Failed"),
        sync("1.1.0", phase="Skipped"),
        sync("1.2.0", **MERGED),
    ]

    assert versions(syncs, "2.0.0", keep=1) == ["1.0.0", "1.1.0"]
