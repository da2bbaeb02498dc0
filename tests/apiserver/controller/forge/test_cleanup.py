"""Pull requests that we close ourselves say so, and do not count as a person's refusal."""

from dataclasses import replace

import pytest

from resync_argo.forge.interface import Forbidden, PullRequest, PullRequestState
from resync_argo.names import OBSOLETE_LABEL
from tests.apiserver.lab import DOWNSTREAM, Lab
from tests.cluster.waiting import wait_for
from tests.fakes import FakeForge

pytestmark = pytest.mark.apiserver

FINAL = "resync/z-1/1.0.0"


def question(lab: Lab, key: str) -> PullRequest:
    """Open a conflict's pull request, with its branch."""
    pull = lab.forge.open(f"resync/z-1/conflicts/1.0.0/{key}/head", files=("go.mod",))
    lab.forge.push(pull.number, "a" * 40)
    return pull


def test_an_open_question_is_closed_with_a_label_when_the_sync_is_over(lab: Lab) -> None:
    stale = question(lab, "cd34")
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        answered = question(lab, "ab12")
        lab.argo_suspends(name, "ab12")
        lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        lab.forge.set_state(answered.number, PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Running")
        final = lab.forge.open(FINAL)
        lab.argo_ends(name, 0, attempt=2)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        lab.forge.set_state(final.number, PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Finished", "Merged")
        wait_until_gone(lab, answered)

    closed, merged = lab.forge.pulls[stale.number], lab.forge.pulls[answered.number]
    assert (closed.state, closed.labels) == (PullRequestState.CLOSED, (OBSOLETE_LABEL,))
    assert "over" in lab.forge.comments[stale.number][0].body
    assert (merged.state, merged.labels) == (PullRequestState.MERGED, ())
    assert set(lab.forge.branches) == {FINAL}


def test_the_branches_of_an_earlier_try_are_deleted_with_the_syncs(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        asked = question(lab, "ab12")
        lab.argo_suspends(name, "ab12")
        lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        lab.forge.set_state(asked.number, PullRequestState.CLOSED)
        lab.wait_until("1.0.0", "Skipped", "Abandoned")
        lab.ask("1.0.0", retry=1)
        again = lab.wait_for_run("1.0.0", other_than=name)
        final = lab.forge.open(FINAL)
        lab.argo_ends(again, 0)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        lab.forge.set_state(final.number, PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Finished", "Merged")
        wait_until_gone(lab, asked)

    assert set(lab.forge.branches) == {FINAL}


def test_a_rebuild_closes_the_pull_request_that_it_replaces(lab: Lab) -> None:
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        first = lab.forge.open(FINAL)
        lab.forge.push(first.number, "b" * 40)
        lab.argo_ends(
            name, 1, "ForeignCommit: The branch has a commit which resync-argo did not make."
        )
        lab.wait_until("1.0.0", "Failed", "ForeignCommit")
        lab.ask("1.0.0", rebuild=7)
        again = lab.wait_for_run("1.0.0", other_than=name)
        second = lab.forge.open(FINAL)
        lab.argo_ends(again, 0)
        done = lab.wait_until("1.0.0", "Finished", "PullRequestOpen")

    closed = lab.forge.pulls[first.number]
    assert (closed.state, closed.labels) == (PullRequestState.CLOSED, (OBSOLETE_LABEL,))
    assert done.number == second.number
    assert f"delete {FINAL}" in lab.forge.requests


def test_after_a_lost_cluster_only_what_a_person_closed_counts_as_abandoned(lab: Lab) -> None:
    pull = lab.forge.open(FINAL)
    lab.forge.pulls[pull.number] = replace(
        pull, state=PullRequestState.CLOSED, labels=(OBSOLETE_LABEL,)
    )
    lab.add_plan()
    with lab.running():
        lab.wait_until("1.0.0", "Running")


def test_a_pull_request_that_a_person_reopens_counts_again(lab: Lab) -> None:
    pull = lab.forge.open(FINAL)
    lab.forge.pulls[pull.number] = replace(pull, labels=(OBSOLETE_LABEL,))
    lab.add_plan()
    with lab.running():
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")


class Guarded(FakeForge):
    """A forge whose rules may forbid deleting branches."""

    guards = True

    def delete_branch(self, branch: str) -> None:
        if self.guards:
            raise Forbidden("Forbidden", f"A ruleset forbids to delete {branch}.")
        super().delete_branch(branch)


@pytest.mark.parametrize("has_restart", [False, True], ids=["one controller", "restarted"])
def test_a_branch_that_may_not_be_deleted_does_not_delay_the_record_of_a_merge(
    lab: Lab, *, has_restart: bool
) -> None:
    forge = lab.forges.made[DOWNSTREAM] = Guarded()
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        answered = merge_after_conflict(lab)
        next_release = lab.wait_until("1.0.1", "Running")
        wait_for(
            lambda: "ruleset" in cleanup(lab),
            deadline_seconds=20,
            describe=lambda: f"the refusal to be reported; it is {lab.sync('1.0.0')}",
        )
        if not has_restart:
            forge.guards = False
            wait_until_gone(lab, answered)
    if has_restart:
        forge.guards = False
        with lab.running():
            wait_until_gone(lab, answered)

    assert next_release.workflow
    merged = lab.sync("1.0.0")
    assert merged is not None
    assert (merged.phase, merged.reason, merged.merged) == ("Finished", "Merged", True)


def merge_after_conflict(lab: Lab) -> PullRequest:
    """Bring 1.0.0 to its merge through a conflict; return the conflict's pull request."""
    name = lab.wait_for_run("1.0.0")
    answered = question(lab, "ab12")
    lab.argo_suspends(name, "ab12")
    lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
    lab.forge.set_state(answered.number, PullRequestState.MERGED)
    lab.wait_until("1.0.0", "Running")
    final = lab.forge.open(FINAL)
    lab.argo_ends(name, 0, attempt=2)
    lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
    lab.forge.set_state(final.number, PullRequestState.MERGED)
    lab.wait_until("1.0.0", "Finished", "Merged")
    return answered


def cleanup(lab: Lab) -> str:
    """Return the message of 1.0.0 about branches to delete; "" if there are none."""
    sync = lab.sync("1.0.0")
    assert sync is not None
    found = (c for c in sync.conditions if c.type == "CleanedUp")
    return next((c.message for c in found if c.reason == "CleanupPending"), "")


def wait_until_gone(lab: Lab, pull: PullRequest) -> None:
    """Wait until a pull request's branch is deleted and no longer reported."""
    wait_for(
        lambda: pull.head_branch not in lab.forge.branches and not cleanup(lab),
        deadline_seconds=60,
        describe=lambda: f"{pull.head_branch} to go; it says {cleanup(lab)}",
    )
