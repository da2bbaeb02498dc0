"""Of two Plans with the same name and downstream, the second takes and deletes nothing of the first.

The test acts as the pods: it pushes the claim of the branch, and opens the pull request.
"""

import uuid
from collections.abc import Iterator

import pytest

from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.git import Git
from resync_argo.hosts.owner_commit import owner_commit
from resync_argo.names import owner_ref
from tests.apiserver.controller.forge.test_cleanup import question
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

FINAL = "resync/z-1/1.0.0"
ELSEWHERE = "OwnedElsewhere: The branch belongs to a Plan of the same name in another namespace."


@pytest.fixture(params=["one is first", "the other is first"])
def labs(lab: Lab, request: pytest.FixtureRequest) -> Iterator[tuple[Lab, Lab]]:
    """Two namespaces whose Plans have the same name, upstream and downstream: the first, the second."""
    namespace = f"test-{uuid.uuid4().hex[:8]}"
    lab.kubectl.run("create", "namespace", namespace)
    other = Lab(
        kubeconfig=lab.kubeconfig, namespace=namespace, folder=lab.folder, forges=lab.forges
    )
    other.add_secret(token="token-of-a-test")
    yield (lab, other) if request.param == "one is first" else (other, lab)
    lab.kubectl.run("delete", "namespace", namespace, "--wait=false")


def claim(lab: Lab, owner: str) -> None:
    """Claim the branches of 1.0.0 as a pod's push does."""
    git = Git(directory=lab.folder / "down/project")
    git.run("update-ref", owner_ref("z-1", "1.0.0"), owner_commit(git, owner, write=True))


def owner_in(lab: Lab, workflow: str) -> str:
    """Return the owner with which a Workflow's pod claims branches."""
    found = next(it for it in lab.workflows() if it["metadata"]["name"] == workflow)
    parameters = found["spec"]["arguments"]["parameters"]
    return next(str(it["value"]) for it in parameters if it["name"] == "owner")


def propose(lab: Lab) -> PullRequest:
    """End the first Plan's run with its branch and pull request."""
    lab.add_plan()
    with lab.running():
        workflow = lab.wait_for_run("1.0.0")
        claim(lab, owner_in(lab, workflow))
        pull = lab.forge.open(FINAL)
        lab.argo_ends(workflow, 0)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
    return pull


def refuse(lab: Lab, *, other_than: str = "") -> str:
    """Let a run of the second Plan report the branch's owner, as its pod does; return the Workflow's name."""
    workflow = lab.wait_for_run("1.0.0", other_than=other_than)
    lab.argo_ends(workflow, 1, ELSEWHERE)
    lab.wait_until("1.0.0", "Failed", "OwnedElsewhere")
    return workflow


@pytest.mark.parametrize("state", [PullRequestState.OPEN, PullRequestState.MERGED])
def test_the_second_takes_no_pull_request_of_the_first(
    labs: tuple[Lab, Lab], state: PullRequestState
) -> None:
    first, second = labs
    pull = propose(first)
    first.forge.set_state(pull.number, state)
    second.add_plan()
    with second.running() as controller:
        refuse(second)
        second.wait_until_idle(controller)
        told = second.wait_until("1.0.0", "Failed", "OwnedElsewhere")

    assert told.pull_request is None
    with first.running():
        first.forge.set_state(pull.number, PullRequestState.MERGED)
        first.wait_until("1.0.0", "Finished", "Merged")


def test_a_rebuild_by_the_second_deletes_nothing_of_the_first(labs: tuple[Lab, Lab]) -> None:
    first, second = labs
    pull = propose(first)
    second.add_plan()
    with second.running():
        before = refuse(second)
        branches = dict(second.forge.branches)
        second.ask("1.0.0", rebuild=1)
        refuse(second, other_than=before)

    assert second.forge.branches == branches
    assert second.forge.pulls[pull.number] == pull
    assert second.forge.comments == {}


def test_a_plan_that_lost_its_claim_cleans_up_nothing(labs: tuple[Lab, Lab]) -> None:
    first, _ = labs
    first.add_plan()
    with first.running():
        workflow = first.wait_for_run("1.0.0")
        asked = question(first, "ab12")
        first.argo_suspends(workflow, "ab12")
        first.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        first.forge.set_state(asked.number, PullRequestState.MERGED)
        first.wait_until("1.0.0", "Running")
        final = first.forge.open(FINAL)
        first.argo_ends(workflow, 0, attempt=2)
        first.wait_until("1.0.0", "Finished", "PullRequestOpen")
        claim(first, "0123456789abcdef")
        first.forge.set_state(final.number, PullRequestState.MERGED)
        first.wait_until("1.0.0", "Finished", "Merged")
        wait_for(
            lambda: "CleanedUp" not in first.reasons("1.0.0"),
            deadline_seconds=20,
            describe=lambda: f"the cleanup to be over; it is {first.reasons('1.0.0')}",
        )

    assert asked.head_branch in first.forge.branches
