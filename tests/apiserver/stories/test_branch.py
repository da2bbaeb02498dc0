"""A Plan that follows a branch: a Tag for each due commit, and one pull request that moves on with upstream."""

import subprocess

import pytest

from resync_argo.forge.interface import PullRequestState
from tests.apiserver.conditions import condition
from tests.apiserver.lab import UPSTREAM, Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

BRANCH = "resync/z-1/main"


def follow(lab: Lab, branch: str = "main", every: str = "0m") -> None:
    lab.add_plan(upstream={"name": UPSTREAM, "branch": branch, "every": every})


def push(lab: Lab, message: str, branch: str = "main") -> str:
    """Commit to an upstream branch; return the id."""
    lab.git("checkout", "-q", "-B", branch)
    lab.git("commit", "-q", "--allow-empty", "-m", message)
    return tip(lab, branch)


def tip(lab: Lab, branch: str = "main") -> str:
    argv = ["git", "rev-parse", f"refs/heads/{branch}"]
    return subprocess.check_output(argv, cwd=lab.folder / "up/project", text=True).strip()


def wait_for_commit(lab: Lab, commit: str) -> str:
    """Wait until a commit has its Tag; return its version."""
    found = wait_for(
        lambda: next((tag for tag in lab.tags() if tag.spec.commit == commit), None),
        deadline_seconds=60,
        describe=lambda: f"the Tag of {commit}; there are {lab.tags()}",
    )
    return found.version


def test_a_pull_request_moves_on_with_upstream_until_it_is_merged(lab: Lab) -> None:
    follow(lab)
    with lab.running():
        first = wait_for_commit(lab, tip(lab))
        pull = lab.forge.open(BRANCH)
        lab.argo_ends(lab.wait_for_run(first), 0)
        opened = lab.wait_until(first, "Finished", "PullRequestOpen")
        second = wait_for_commit(lab, push(lab, "More"))
        lab.argo_ends(lab.wait_for_run(second), 0)
        moved = lab.wait_until(second, "Finished", "PullRequestOpen")
        over = lab.wait_until(first, "Skipped", "MovedOn")
        lab.forge.set_state(pull.number, PullRequestState.MERGED)
        lab.wait_until(second, "Finished", "Merged")
        third = wait_for_commit(lab, push(lab, "Even more"))
        lab.wait_until(third, "Running")
        waiting = lab.sync(first)

    assert opened.pull_request == moved.pull_request == over.pull_request == pull.url
    assert waiting is not None
    assert waiting.phase == "Skipped"
    assert lab.plan().status.current == second
    tags = {tag.version: tag for tag in lab.tags()}
    assert tags[first].spec.ref == "refs/heads/main"
    assert tags[first].spec.branch == "main"
    assert (tags[first].spec.next, tags[second].spec.next) == (second, third)
    assert sorted(tags) == [first, second, third]


def test_an_earlier_merged_pull_request_is_not_taken_for_the_new_one(lab: Lab) -> None:
    follow(lab)
    with lab.running():
        first = wait_for_commit(lab, tip(lab))
        pull = lab.forge.open(BRANCH)
        lab.argo_ends(lab.wait_for_run(first), 0)
        lab.wait_until(first, "Finished", "PullRequestOpen")
        lab.forge.set_state(pull.number, PullRequestState.MERGED)
        lab.wait_until(first, "Finished", "Merged")
        second = wait_for_commit(lab, push(lab, "More"))
        lab.argo_ends(lab.wait_for_run(second), 0)
        lab.wait_until(second, "Running", "CheckingOutcome")
        again = lab.forge.open(BRANCH)
        found = lab.wait_until(second, "Finished", "PullRequestOpen")

    assert found.pull_request == again.url != pull.url


def test_a_persons_commit_keeps_the_pull_request_until_it_is_merged(lab: Lab) -> None:
    follow(lab)
    with lab.running():
        first = wait_for_commit(lab, tip(lab))
        pull = lab.forge.open(BRANCH)
        lab.argo_ends(lab.wait_for_run(first), 0)
        lab.wait_until(first, "Finished", "PullRequestOpen")
        second = wait_for_commit(lab, push(lab, "More"))
        said = "ForeignCommit: The branch has the commit abc, which resync-argo did not make; it stays as it is."
        lab.argo_ends(lab.wait_for_run(second), 12, said)
        stopped = lab.wait_until(second, "Failed", "ForeignCommit")
        third = wait_for_commit(lab, push(lab, "Even more"))
        lab.wait_until_next(third, "EarlierPullRequestOpen")
        lab.forge.set_state(pull.number, PullRequestState.MERGED)
        lab.wait_until(first, "Finished", "Merged")
        lab.wait_until(third, "Running")

    assert "which resync-argo did not make" in stopped.message
    assert len(lab.workflows()) == 3


def test_a_commit_that_is_not_due_gets_no_tag(lab: Lab) -> None:
    follow(lab, every="7d")
    with lab.running() as controller:
        first = wait_for_commit(lab, tip(lab))
        lab.wait_until(first, "Running")
        push(lab, "Too early")
        lab.wait_until_idle(controller)
        tags = lab.tags()
        follow(lab, every="0m")
        second = wait_for_commit(lab, tip(lab))

    assert [tag.version for tag in tags] == [first]
    assert second > first


def test_a_pattern_follows_the_newest_branch(lab: Lab) -> None:
    lab.git("branch", "release-1.9")
    follow(lab, "release-*")
    with lab.running():
        first = wait_for_commit(lab, tip(lab, "release-1.9"))
        lab.wait_until(first, "Running")
        push(lab, "Branch", "release-1.10")
        second = wait_for_commit(lab, tip(lab, "release-1.10"))

    refs = {tag.version: (tag.spec.ref, tag.spec.branch) for tag in lab.tags()}
    assert refs == {
        first: ("refs/heads/release-1.9", "release-*"),
        second: ("refs/heads/release-1.10", "release-*"),
    }


def test_a_missing_branch_is_reported_on_the_plan_and_found_when_it_appears(lab: Lab) -> None:
    follow(lab, "trunk")
    with lab.running():
        said = condition(lab, "UpstreamReachable", "BranchNotFound")
        commit = push(lab, "Begin", "trunk")
        version = wait_for_commit(lab, commit)
        lab.wait_until(version, "Running")

    assert "no branch `trunk`" in said


def test_a_schedule_that_never_comes_is_reported_on_the_plan(lab: Lab) -> None:
    follow(lab, every="0 0 31 2 *")
    with lab.running():
        said = condition(lab, "TemplateApplied", "InvalidSchedule")

    assert "`0 0 31 2 *` in `config.upstream.every`" in said
