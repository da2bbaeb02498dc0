"""A release's way from upstream's tag to a merged pull request, on a real API server."""

import pytest

from resync_argo.api.meta import NOT_OBSERVED
from resync_argo.forge.interface import PullRequestState
from tests.apiserver.lab import DOWNSTREAM, UPSTREAM, Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def test_a_release_goes_from_a_tag_to_a_merged_pull_request(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        lab.argo_runs(name)
        lab.wait_until("1.0.0", "Running", "Running")
        pull = lab.forge.open("resync/z-1/1.0.0")
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        lab.wait_until_next("1.0.1", "EarlierPullRequestOpen")
        waiting = lab.sync_object("1.0.1")
        lab.forge.set_state(pull.number, PullRequestState.MERGED)
        merged = lab.wait_until("1.0.0", "Finished", "Merged")
        lab.wait_until("1.0.1", "Running")

    assert waiting is None, "a release that waits for its turn has no Sync"
    assert merged.pull_request == pull.url
    assert merged.merged
    tag = lab.tag("1.0.0")
    assert tag is not None
    assert tag.status.phase == "Finished"
    assert tag.spec.next == "1.0.1"
    conditions = {c.type: c.status for c in tag.status.conditions}
    assert conditions == {
        "Succeeded": "True",
        "Conflicted": "False",
        "Merged": "True",
    }
    assert len(lab.workflows()) == 2


def test_a_conflict_suspends_and_a_merge_resumes(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        pull = lab.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod", "go.sum"))
        node = lab.argo_suspends(name, "ab12")
        waiting = lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        wait_for(
            lambda: lab.workflows()[0]["status"].get("message"),
            deadline_seconds=10,
            describe="the Workflow to say what it waits for",
        )
        shown = lab.workflows()[0]
        lab.forge.set_state(pull.number, PullRequestState.MERGED)
        resumed = wait_for(
            lambda: lab.workflows()[0]["status"]["nodes"][node]["phase"] == "Succeeded",
            deadline_seconds=10,
            describe="the Workflow to be resumed",
        )
        lab.wait_until("1.0.0", "Running")

    assert waiting.conflict is not None
    assert waiting.conflict.files == ("go.mod", "go.sum")
    assert pull.url in shown["status"]["nodes"][node]["message"]
    assert resumed
    after = lab.workflows()[0]
    assert after["status"]["message"] == ""
    assert after["status"]["nodes"][node]["message"].startswith("Resumed: ")
    assert after["status"]["nodes"][node]["finishedAt"]


def test_nothing_is_written_without_changes_even_after_a_restart(lab: Lab) -> None:
    lab.release("v1.0.1", "v1.0.2")
    lab.add_plan()
    with lab.running() as controller:
        name = lab.wait_for_run("1.0.0")
        lab.forge.open("resync/z-1/1.0.0")
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        lab.wait_until_next("1.0.1", "EarlierPullRequestOpen")
        lab.wait_until_idle(controller)
    before = lab.versions()

    with lab.running() as controller:
        lab.wait_until_idle(controller)

    assert lab.versions() == before
    assert DOWNSTREAM in lab.forges.made


def test_a_tag_that_no_plan_wants_is_left_alone(lab: Lab) -> None:
    for name, repository, version in (
        ("out-of-range", UPSTREAM, "2.0.0"),
        ("of-nobody", "forge.test/up/unknown", "1.0.9"),
    ):
        lab.kubectl.create(
            {
                "apiVersion": "resync.openshift.io/v1alpha1",
                "kind": "Tag",
                "metadata": {"name": name, "namespace": lab.namespace},
                "spec": {"repository": repository, "version": version},
            }
        )
    lab.add_plan()
    with lab.running() as controller:
        lab.wait_for_run("1.0.0")
        lab.wait_until_idle(controller)

    left = [tag for tag in lab.tags() if tag.metadata.name in ("out-of-range", "of-nobody")]
    assert [tag.status.observed_generation for tag in left] == [NOT_OBSERVED, NOT_OBSERVED]
    assert [tag.status.phase for tag in left] == ["Pending", "Pending"]
    assert len(lab.workflows()) == 1
