"""The syncs of an upstream branch's commits, which share one pull request."""

from typing import Any

from resync_argo.api.sync import SyncSpec
from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.sync.decision.decide import decide
from resync_argo.controller.sync.decision.inputs import Inputs
from resync_argo.controller.sync.decision.lookups import needed_lookups
from resync_argo.forge.interface import PullRequestState
from tests.unit.controller.builders import (
    NOW,
    REVIEW,
    failed,
    finished,
    inputs,
    pull,
    queued,
    run,
    running,
    standing,
    stands,
)

MOVED_ON = standing("Skip", "MovedOn")


def of_branch(**changes: Any) -> Inputs:
    spec = SyncSpec(plan="z-1", tag="project-1.0.0")
    return inputs(is_of_branch=True, line="main", spec=spec, **changes)


def test_a_sync_is_done_once_the_pull_request_has_the_next_commit() -> None:
    opened = finished("PullRequestOpen", review=REVIEW)

    after = decide(opened, of_branch(standing=MOVED_ON), ForgeView(final=pull())).phase
    merged = pull(PullRequestState.MERGED)
    sooner = decide(opened, of_branch(standing=MOVED_ON), ForgeView(final=merged)).phase

    assert stands(after) == ("Skipped", "MovedOn")
    assert stands(sooner) == ("Finished", "Merged")


def test_an_open_pull_request_of_an_earlier_commit_keeps_no_sync_from_its_run() -> None:
    waiting = queued()

    assert needed_lookups(waiting, of_branch(standing=standing("Submit"))) is None
    assert needed_lookups(waiting, inputs(standing=standing("Submit"))) is not None


def test_the_branch_is_found_by_its_constant_name() -> None:
    ended = run("Succeeded", exit_code=0, finished_at=NOW)

    asked = needed_lookups(running(), of_branch(run=ended))

    assert asked is not None
    assert asked.branch == "resync/z-1/main"


def test_an_earlier_settled_pull_request_is_not_the_runs_result() -> None:
    ended = run("Succeeded", exit_code=0, finished_at=NOW)
    seen = ForgeView(final=pull(PullRequestState.MERGED))
    known = frozenset({pull().number})

    waits = decide(running(), of_branch(run=ended, settled=known, seen_seconds=0.0), seen).phase
    found = decide(running(), of_branch(run=ended), seen).phase

    assert stands(waits) == ("Running", "CheckingOutcome")
    assert stands(found) == ("Finished", "Merged")


def test_a_sync_blocked_by_a_persons_commit_restarts_once_the_pull_request_is_settled() -> None:
    for state in (PullRequestState.MERGED, PullRequestState.CLOSED):
        phase = decide(failed("ForeignCommit"), of_branch(), ForgeView(final=pull(state))).phase

        assert stands(phase) == ("Pending", "Settled")
