"""A Workflow claims more than the forge shows, since a hostile step can forge its pod's report."""

import pytest

from resync_argo.controller.sync.decision import inputs
from tests.apiserver.lab import DOWNSTREAM, UPSTREAM, Lab

pytestmark = pytest.mark.apiserver


@pytest.fixture
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The forge shows changes at once, so nobody waits for it."""
    monkeypatch.setattr(inputs, "LAG_SECONDS", 0.0)


@pytest.mark.usefixtures("prompt")
def test_a_success_without_a_pull_request_becomes_a_failure(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        lab.argo_ends(lab.wait_for_run("1.0.0"), 0)
        failed = lab.wait_until("1.0.0", "Failed", "PullRequestMissing")
        lab.wait_until_next("1.0.1", "BlockedByFailure")

    assert "resync/z-1/1.0.0" in failed.message
    assert len(lab.workflows()) == 1


@pytest.mark.parametrize("ended", ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_the_sync_waits_for_a_pull_request_that_the_forge_shows_late(lab: Lab, ended: str) -> None:
    """It does so whatever the clock of Argo's node says."""
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        lab.argo(name, {"finishedAt": ended})
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.0", "Running", "CheckingOutcome")
        lab.forge.open("resync/z-1/1.0.0")
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")


@pytest.mark.usefixtures("prompt")
@pytest.mark.parametrize(
    "said",
    ["1.0.0 is contained.", "1.0.1 is contained.", "1.0.9 is contained.", "9.9.9 is contained."],
)
def test_a_run_with_a_false_claim_about_the_branch_fails(lab: Lab, said: str) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        lab.argo_ends(lab.wait_for_run("1.0.0"), 11, f"AlreadySynced: {said}")
        failed = lab.wait_until("1.0.0", "Failed", "NotContained")
        lab.wait_until_next("1.0.1", "BlockedByFailure")

    assert said in failed.message


def test_one_attempt_finds_the_branchs_release_for_the_whole_backlog(lab: Lab) -> None:
    lab.release("v1.0.1", "v1.0.2", "v1.0.3", "v1.0.4")
    lab.add_plan()
    with lab.running():
        first = lab.wait_for_run("1.0.0")
        lab.wait_until_next("1.0.1", "BranchBusy")
        newest = lab.sync_object("1.0.4")
        lab.forge.contained |= {
            tag.spec.commit for tag in lab.tags() if tag.version <= "1.0.3" and tag.spec.commit
        }
        lab.argo_ends(first, 11, "AlreadySynced: 1.0.3 is what the branch contains.")
        lab.wait_until("1.0.4", "Running")
        found_out = lab.wait_until("1.0.0", "Skipped", "Superseded")
        lab.wait_until("1.0.3", "Finished", "AlreadySynced")
        needless = [lab.sync_object(version) for version in ("1.0.1", "1.0.2")]

    assert newest is None
    assert found_out.contains == "1.0.3"
    assert needless == [None, None], "what nobody has to work on has no Sync"
    assert len(lab.workflows()) == 2


@pytest.mark.usefixtures("prompt")
def test_an_older_release_in_the_branch_does_not_make_a_newer_one_needless(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        first = lab.wait_for_run("1.0.0")
        tag = lab.tag("1.0.0")
        assert tag is not None
        assert tag.spec.commit is not None
        lab.forge.contained.add(tag.spec.commit)
        lab.argo_ends(first, 11, "AlreadySynced: 1.0.0 is contained in the branch main.")
        lab.wait_until("1.0.0", "Finished", "AlreadySynced")
        lab.argo_ends(lab.wait_for_run("1.0.1"), 11, "AlreadySynced: 1.0.0 is contained.")
        lab.wait_until("1.0.1", "Failed", "NotContained")


@pytest.mark.usefixtures("prompt")
def test_a_contained_release_out_of_the_plans_range_makes_none_needless(
    lab: Lab,
) -> None:
    lab.release("v2.0.0")
    lab.add_plan()
    upstream = {"name": UPSTREAM, "matchedVersions": ["2.x"]}
    lab.add_plan("z-2", upstream=upstream, downstream={"name": DOWNSTREAM, "branch": "next"})
    with lab.running():
        commit = lab.wait_for_tag("2.0.0").spec.commit
        assert commit is not None
        lab.forge.contained.add(commit)
        lab.argo_ends(lab.wait_for_run("1.0.0"), 11, "AlreadySynced: 2.0.0 is contained.")
        lab.wait_until("1.0.0", "Failed", "NotContained")
