"""Old Syncs are deleted, and their releases never begin again."""

import pytest

from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def kept(lab: Lab) -> list[str]:
    """Return the releases that have a Sync, oldest first."""
    return sorted(sync.status.version for sync in lab.syncs())


def wait_until_kept(lab: Lab, *versions: str) -> None:
    wait_for(
        lambda: kept(lab) == [*versions],
        deadline_seconds=20,
        describe=lambda: f"only {versions} to be kept; {kept(lab)} are",
    )


def test_only_the_newest_ended_syncs_stay_and_none_starts_again(lab: Lab) -> None:
    lab.keep_syncs = 2
    lab.release("v1.0.1", "v1.0.2", "v1.0.3", "v1.0.4")
    lab.add_plan()
    with lab.running() as controller:
        for version in ("1.0.0", "1.0.1", "1.0.2", "1.0.3"):
            lab.merge_release(version)
        lab.wait_until("1.0.4", "Running")
        wait_until_kept(lab, "1.0.2", "1.0.3", "1.0.4")
        lab.wait_until_idle(controller)
        before = lab.versions()
    with lab.running() as controller:
        lab.wait_until_idle(controller)
        after = lab.versions()
        counts = lab.plan().status

    assert after == before, "a restart begins nothing again either"
    assert len(lab.workflows()) == 5
    assert (counts.current, counts.running, counts.pending) == ("1.0.3", 1, 0)


def test_syncs_in_review_or_newer_than_the_branch_stay(lab: Lab) -> None:
    lab.keep_syncs = 1
    lab.release("v1.0.1", "v1.0.2")
    lab.add_plan()
    with lab.running() as controller:
        lab.merge_release("1.0.0")
        lab.argo_ends(lab.wait_for_run("1.0.1"), 1, "StepFailed: Step `test` ended with 7.")
        lab.wait_until("1.0.1", "Failed", "StepFailed")
        lab.skip_release("1.0.1")
        lab.wait_until("1.0.1", "Skipped", "SkipRequested")
        lab.argo_ends(lab.wait_for_run("1.0.2"), 1, "StepFailed: Step `test` ended with 7.")
        lab.wait_until("1.0.2", "Failed", "StepFailed")
        wait_until_kept(lab, "1.0.0", "1.0.1", "1.0.2")
        lab.wait_until_idle(controller)

    assert kept(lab) == ["1.0.0", "1.0.1", "1.0.2"], "without its Sync a release would start over"
