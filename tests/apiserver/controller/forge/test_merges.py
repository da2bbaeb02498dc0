"""How a final pull request was merged, on a real downstream: what is told, and that it is told once."""

from dataclasses import replace

import pytest

from resync_argo.forge.interface import PullRequestState
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for
from tests.git.merges import git, make_fork, merge


@pytest.mark.apiserver
@pytest.mark.parametrize(
    ("method", "reason", "comments"),
    [("merge", "Merged", 0), ("squash", "SquashMerged", 1)],
    ids=["merge", "squash"],
)
def test_a_squashed_release_is_told_once_with_what_it_will_cost(
    lab: Lab, method: str, reason: str, comments: int
) -> None:
    downstream = lab.folder / "down/project"
    make_fork(lab.folder / "up/project", downstream)
    lab.add_plan(upstream={"name": "forge.test/up/project", "matchedVersions": ["1.0.1"]})
    with lab.running():
        name = lab.wait_for_run("1.0.1")
        pull = lab.forge.open("resync/z-1/1.0.1")
        lab.forge.push(pull.number, git(downstream, "rev-parse", "sync"))
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.1", "Finished", "PullRequestOpen")
        commit = merge(downstream, method)
        shown = replace(lab.forge.pulls[pull.number], merged_commit=commit)
        lab.forge.pulls[pull.number] = replace(shown, state=PullRequestState.MERGED)
        told = lab.wait_until("1.0.1", "Finished", reason)
    with lab.running() as controller:
        lab.wait_until_idle(controller)

    assert told.merged
    tag = lab.tag("1.0.1")
    assert tag is not None
    merged = next(c for c in tag.status.conditions if c.type == "Merged")
    assert (merged.status, merged.reason) == ("True", reason)
    assert ("same conflicts again" in merged.message) is bool(comments)
    written = lab.forge.comments.get(pull.number, [])
    assert ["git merge -s ours" in comment.body for comment in written] == [True] * comments


@pytest.mark.apiserver
def test_a_branch_that_cannot_be_read_holds_up_nothing(lab: Lab) -> None:
    lab.release("v1.0.1")
    lab.add_plan()
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        pull = lab.forge.open("resync/z-1/1.0.0")
        gone = replace(pull, merged_commit="f" * 40, state=PullRequestState.MERGED)
        lab.forge.pulls[pull.number] = gone
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.0", "Finished", "Merged")
        next_release = lab.wait_until("1.0.1", "Running")
        wait_for(
            lambda: "ForgeReachable" in lab.reasons("1.0.0"),
            deadline_seconds=20,
            describe=lambda: f"the trouble to be told; it is {lab.sync('1.0.0')}",
        )

    assert next_release.workflow
