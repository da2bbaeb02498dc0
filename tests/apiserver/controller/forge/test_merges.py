"""How a final pull request was merged is reported once; on a real downstream."""

from dataclasses import replace

import pytest

from resync_argo.controller.sync.decision import inputs
from resync_argo.forge.grafts import Brought, fetch_records, write_record
from resync_argo.forge.interface import PullRequestState
from resync_argo.git import Remote
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for
from tests.git.merges import git, make_fork, merge

UPSTREAM_101 = {"name": "forge.test/up/project", "matchedVersions": ["1.0.1"]}


def merged_by(lab: Lab, method: str) -> tuple[int, str]:
    """Run 1.0.1 and merge its pull request as a person; return its number and the branch's commit."""
    downstream = lab.folder / "down/project"
    name = lab.wait_for_run("1.0.1")
    pull = lab.forge.open("resync/z-1/1.0.1")
    lab.forge.push(pull.number, git(downstream, "rev-parse", "sync"))
    lab.argo_ends(name, 0)
    lab.wait_until("1.0.1", "Finished", "PullRequestOpen")
    commit = merge(downstream, method)
    shown = replace(lab.forge.pulls[pull.number], merged_commit=commit)
    lab.forge.pulls[pull.number] = replace(shown, state=PullRequestState.MERGED)
    return pull.number, commit


def records(lab: Lab) -> dict[str, str]:
    """Return the downstream's records: each release's commit, by the commit that brought it in."""
    downstream = Remote(url=f"file://{lab.folder / 'down/project'}")
    return {it.merged: it.release for it in fetch_records(downstream, "main")}


@pytest.mark.apiserver
@pytest.mark.parametrize(
    ("method", "reason", "comments"),
    [("merge", "Merged", 0), ("squash", "SquashMerged", 1), ("rebase", "SquashMerged", 1)],
)
def test_a_squashed_release_is_recorded_and_reported_once(
    lab: Lab, method: str, reason: str, comments: int
) -> None:
    make_fork(lab.folder / "up/project", lab.folder / "down/project")
    lab.add_plan(upstream=UPSTREAM_101)
    with lab.running():
        number, commit = merged_by(lab, method)
        told = lab.wait_until("1.0.1", "Finished", reason)
    with lab.running() as controller:
        lab.wait_until_idle(controller)

    assert told.merged
    tag = lab.tag("1.0.1")
    assert tag is not None
    merged = next(c for c in tag.status.conditions if c.type == "Merged")
    assert (merged.status, merged.reason) == ("True", reason)
    assert ("A record in the repository" in merged.message) is bool(comments)
    written = lab.forge.comments.get(number, [])
    assert ["keeps a record" in comment.body for comment in written] == [True] * comments
    assert records(lab) == ({commit: tag.spec.commit} if comments else {})


@pytest.mark.apiserver
def test_a_squash_that_may_not_be_recorded_is_reported_with_its_cost(lab: Lab) -> None:
    downstream = lab.folder / "down/project"
    make_fork(lab.folder / "up/project", downstream)
    git(downstream, "config", "receive.hideRefs", "refs/resync-argo")
    lab.add_plan(upstream=UPSTREAM_101)
    with lab.running():
        number, _ = merged_by(lab, "squash")
        told = lab.wait_until("1.0.1", "Finished", "SquashMerged")

    assert "same conflicts again" in told.message
    (comment,) = lab.forge.comments[number]
    assert "git merge -s ours" in comment.body
    assert records(lab) == {}


@pytest.mark.apiserver
def test_a_record_outlives_all_our_objects(lab: Lab) -> None:
    make_fork(lab.folder / "up/project", lab.folder / "down/project")
    lab.add_plan(upstream=UPSTREAM_101)
    with lab.running():
        _, commit = merged_by(lab, "squash")
        lab.wait_until("1.0.1", "Finished", "SquashMerged")
    lab.kubectl.run("delete", "plan,sync,tag,workflow,workflowtemplate", "--all")
    before = records(lab)
    lab.forge.pulls.clear()
    lab.forge.contained = {commit}
    lab.add_plan(upstream=UPSTREAM_101)
    with lab.running():
        # Checkout reads the record, too; the run's claim has to be confirmed.
        again = lab.wait_for_run("1.0.1")
        lab.argo_ends(again, 11, "AlreadySynced: 1.0.1 is contained in the branch main.")
        found = lab.wait_until("1.0.1", "Finished", "AlreadySynced")

    assert found.workflow == again
    assert list(before) == [commit]
    assert records(lab) == before


@pytest.mark.apiserver
def test_a_record_of_a_commit_that_the_branch_does_not_have_confirms_nothing(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "LAG_SECONDS", 0.0)
    downstream = lab.folder / "down/project"
    make_fork(lab.folder / "up/project", downstream)
    release = git(downstream, "rev-parse", "v1.0.1")
    elsewhere = Brought(merged=git(downstream, "rev-parse", "sync"), release=release)
    write_record(Remote(url=f"file://{downstream}"), "main", elsewhere)
    lab.add_plan(upstream=UPSTREAM_101)
    with lab.running():
        said = "AlreadySynced: 1.0.1 is contained in the branch main."
        lab.argo_ends(lab.wait_for_run("1.0.1"), 11, said)
        lab.wait_until("1.0.1", "Failed", "NotContained")


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
            describe=lambda: f"the trouble to be reported; it is {lab.sync('1.0.0')}",
        )

    assert next_release.workflow
