"""Commands on pull requests: for which Plan they count, and for how long."""

import pytest

from resync_argo.forge.interface import Forbidden, PullRequest, PullRequestState
from tests.apiserver.lab import DOWNSTREAM, UPSTREAM, Lab
from tests.cluster.waiting import wait_for
from tests.fakes import FakeForge

pytestmark = pytest.mark.apiserver

FINAL = "resync/z-1/1.0.0"
FORK = "forge.test/bot/project"
OTHER = "forge.test/other/project"
FOREIGN = "ForeignCommit: The branch has a commit which resync-argo did not make."


def conflict(lab: Lab, repository: str = DOWNSTREAM) -> PullRequest:
    """Let the run of 1.0.0 wait for a conflict's pull request."""
    name = lab.wait_for_run("1.0.0")
    forge = lab.forges.at(repository)
    pull = forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod",))
    lab.argo_suspends(name, "ab12")
    lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
    return pull


def test_a_skip_on_the_open_question_skips_the_release(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.forge.writers = {"ann"}
    lab.add_plan()
    with lab.running():
        pull = conflict(lab)
        lab.forge.say(pull.number, "ann", "/resync skip")
        lab.wait_until("1.0.0", "Skipped", "SkipRequested")
        lab.wait_until("1.0.1", "Running")


class Discreet(FakeForge):
    """A forge that does not show its bot who may write."""

    def can_write(self, user: str) -> bool:
        raise Forbidden("PermissionMissing", f"Must have push access to see what {user} may do.")


def test_a_question_can_be_answered_even_if_permissions_are_unreadable(lab: Lab) -> None:
    lab.forges.made[DOWNSTREAM] = Discreet()
    lab.add_plan()
    with lab.running():
        pull = conflict(lab)
        lab.forge.say(pull.number, "ann", "/resync skip")
        lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        lab.forge.set_state(pull.number, PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Running")

    assert "ForgeReachable" not in lab.reasons("1.0.0")


def test_for_a_fork_the_downstream_decides_who_may_give_commands(lab: Lab) -> None:
    lab.make_repository("bot/project")
    lab.forge.writers = {"ann"}
    lab.forges.at(FORK).writers = {"mallory"}
    lab.add_plan(downstream={"name": DOWNSTREAM, "branch": "main", "fork": FORK})
    with lab.running():
        pull = conflict(lab, FORK)
        lab.forges.at(FORK).say(pull.number, "ann", "/resync skip")
        lab.forges.at(FORK).say(pull.number, "mallory", "/resync retry")
        lab.wait_until("1.0.0", "Skipped", "SkipRequested")

    assert "permission ann" in lab.forge.requests


def test_a_retry_is_for_the_plan_of_its_pull_request(lab: Lab) -> None:
    lab.make_repository("other/project")
    lab.forge.writers = {"ann"}
    lab.add_plan()
    lab.add_plan(
        "z-other",
        upstream={"name": UPSTREAM, "matchedVersions": ["1.0.x"]},
        downstream={"name": OTHER, "branch": "main"},
    )
    with lab.running() as controller:
        first = lab.wait_for_run("1.0.0")
        other = lab.wait_until("1.0.0", "Running", plan="z-other")
        for name in (first, other.workflow or ""):
            lab.argo_ends(name, 1, FOREIGN)
        lab.wait_until("1.0.0", "Failed", "ForeignCommit", plan="z-other")
        lab.forges.at(OTHER).open("resync/z-other/1.0.0")
        pull = lab.forge.open(FINAL)
        lab.wait_until("1.0.0", "Failed", "ForeignCommit")
        lab.forge.say(pull.number, "ann", "/resync rebuild")
        lab.wait_for_run("1.0.0", other_than=first)
        lab.wait_until_idle(controller)
        left_alone = lab.sync("1.0.0", "z-other")

    assert left_alone is not None
    assert (left_alone.phase, left_alone.workflow) == ("Failed", other.workflow)
    assert f"delete {FINAL}" in lab.forge.requests
    assert "delete resync/z-other/1.0.0" not in lab.forges.at(OTHER).requests


def test_a_rebuild_destroys_no_work_that_came_after_it(lab: Lab) -> None:
    lab.forge.writers = {"ann"}
    lab.add_plan()
    with lab.running():
        first = lab.wait_for_run("1.0.0")
        pull = lab.forge.open(FINAL)
        lab.argo_ends(first, 1, FOREIGN)
        lab.wait_until("1.0.0", "Failed", "ForeignCommit")
        lab.forge.say(pull.number, "ann", "/resync rebuild")
        second = lab.wait_for_run("1.0.0", other_than=first)
        rebuilt = lab.forge.open(FINAL)
        lab.argo_ends(second, 1, "StepFailed: Step `tell` ended with 7.")
        lab.wait_until("1.0.0", "Failed", "StepFailed")
        lab.forge.push(rebuilt.number, "c" * 40)
        lab.add_plan(steps=[{"name": "Git merge", "run": "git merge --no-ff $UPSTREAM_TAG"}])
        lab.wait_for_run("1.0.0", other_than=second)

    assert lab.forge.requests.count(f"delete {FINAL}") == 1
    assert lab.forge.pulls[rebuilt.number].state is PullRequestState.OPEN


def test_a_withdrawn_skip_is_not_executed_again(lab: Lab) -> None:
    lab.forge.writers = {"ann"}
    lab.add_plan()
    with lab.running() as controller:
        pull = conflict(lab)
        first = lab.wait_for_run("1.0.0")
        lab.forge.say(pull.number, "ann", "/resync skip")
        lab.wait_until("1.0.0", "Skipped", "SkipRequested")
        lab.argo(first, {"phase": "Failed"})
        lab.ask("1.0.0", skip=False)
        second = lab.wait_for_run("1.0.0", other_than=first)
        lab.argo_suspends(second, "ab12")
        lab.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        push_and_wait(lab, pull, "d" * 40)
        lab.wait_until_idle(controller)
        resolving = lab.sync("1.0.0")
    with lab.running() as controller:
        push_and_wait(lab, pull, "e" * 40)
        lab.wait_until_idle(controller)
        after_restart = lab.sync("1.0.0")
        lab.forge.say(pull.number, "ann", "/resync skip")
        lab.wait_until("1.0.0", "Skipped", "SkipRequested")

    for seen in (resolving, after_restart):
        assert seen is not None
        assert (seen.phase, seen.workflow) == ("Conflict", second)


def push_and_wait(lab: Lab, pull: PullRequest, commit: str) -> None:
    """Push to a pull request as a person does, and wait until the controller has seen that twice."""
    lab.forge.push(pull.number, commit)
    asked = lab.forge.requests.count(f"get {pull.number}")
    wait_for(
        lambda: lab.forge.requests.count(f"get {pull.number}") > asked + 2,
        deadline_seconds=20,
        describe="the pull request to be looked at",
    )
