"""A Plan's counts have each release once, including queued ones without a Sync."""

from typing import Any

import pytest

from resync_argo.api.sync import Sync
from resync_argo.controller.plan.counts import Release, count, current, newest, next_release
from resync_argo.upstream.graph import Action
from tests.unit.controller.builders import standing, sync

REVIEW: dict[str, Any] = {"phase": "Finished", "reason": "PullRequestOpen", "number": 7}


def release(
    version: str, one: Sync | None = None, action: Action = "Keep", reason: str = "Because"
) -> Release:
    return Release(version=version, sync=one, standing=standing(action, reason))


def of(version: str, **status: Any) -> Release:
    """Return a release with a Sync."""
    return release(version, sync(version, **status))


def test_every_release_is_counted_by_its_state() -> None:
    counted = count(
        [
            release("1.7.0", action="Submit"),
            release("1.8.0", action="Wait"),
            release("1.9.0", action="Skip"),
            release("0.1.0", action="Record"),
            release("1.6.0", sync("1.6.0")),
            of("1.5.0", phase="Running"),
            of("1.4.0", phase="Conflict"),
            of("1.3.0", **REVIEW),
            of("1.2.0", **REVIEW, merged=True),
            of("1.1.0", phase="Finished", reason="AlreadySynced"),
            of("1.0.0", phase="Failed"),
            of("0.9.0", phase="Skipped"),
        ]
    )

    assert counted == {"pending": 2, "running": 1, "waiting": 2, "finished": 2, "failed": 1}


def test_a_new_sync_still_counts_as_queued() -> None:
    made = release("1.0.0", sync("1.0.0"), "Submit")

    assert count([made])["pending"] == 1


def test_the_current_release_is_the_newest_merged_or_found_one() -> None:
    merged = sync("1.9.0", **REVIEW, merged=True)
    found = sync("1.8.0", phase="Skipped", reason="Superseded", contains="1.10.0")
    already = sync("1.7.0", phase="Finished", reason="AlreadySynced")
    proposed = sync("2.0.0", **REVIEW)

    assert current([merged, already, proposed]) == "1.9.0"
    assert current([merged, found]) == "1.10.0"
    assert current([already]) == "1.7.0"
    assert current([proposed]) is None


def test_the_newest_version_is_that_of_semantic_versioning() -> None:
    assert newest(["1.9.0", "1.10.0-rc.1", "nightly", "1.10.0"]) == "1.10.0"
    assert newest(["nightly"]) is None


def test_next_is_the_oldest_release_in_the_queue_and_what_it_waits_for() -> None:
    found = next_release(
        [
            release("1.10.0", action="Wait", reason="OlderFirst"),
            release("1.9.0", action="Wait", reason="EarlierPullRequestOpen"),
            release("1.8.0", action="Skip", reason="SkipRequested"),
            of("1.7.0", **REVIEW),
        ]
    )

    assert found is not None
    assert (found.version, found.reason, found.message) == (
        "1.9.0",
        "EarlierPullRequestOpen",
        "EarlierPullRequestOpen.",
    )


@pytest.mark.parametrize("releases", [[], [of("1.0.0", phase="Running")]])
def test_without_a_queue_nothing_is_next(releases: list[Release]) -> None:
    assert next_release(releases) is None


def test_the_sync_of_the_next_release_says_what_keeps_it_from_starting() -> None:
    stuck = release(
        "1.0.0",
        sync("1.0.0", phase="Pending", reason="RateLimited", message="Later."),
        "Submit",
        "Next",
    )

    found = next_release([stuck])

    assert found is not None
    assert (found.reason, found.message) == ("RateLimited", "Later.")
