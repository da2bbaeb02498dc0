"""The status has the times of events, without extra writes."""

from datetime import datetime

import pytest

from resync_argo.api.sync import Times
from resync_argo.forge.interface import PullRequestState
from tests.apiserver.lab import Lab

pytestmark = pytest.mark.apiserver


def seconds(since: str | None, until: str | None) -> int:
    assert since is not None
    assert until is not None
    return int((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds())


def test_the_times_of_a_release_with_a_conflict(lab: Lab) -> None:
    lab.add_plan()
    with lab.running() as controller:
        name = lab.wait_for_run("1.0.0")
        asked = lab.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod",))
        lab.argo_suspends(name, "ab12")
        waiting = lab.wait_until("1.0.0", "Conflict", "WaitingForResolution").times
        lab.wait_until_idle(controller)
        versions = lab.versions()
        lab.wait_until_idle(controller)
        quiet = lab.versions()
        lab.forge.set_state(asked.number, PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Running")
        lab.merge_release("1.0.0")
        done = lab.wait_until("1.0.0", "Finished", "Merged").times

    assert quiet == versions, "a question that waits writes nothing"
    assert waiting is not None
    assert (waiting.rounds, waiting.asked_number) == (1, asked.number)
    assert waiting.answered_time is None
    assert done is not None
    assert done == Times(
        asked_time=waiting.asked_time,
        answered_time=done.answered_time,
        opened_time=done.opened_time,
        merged_time=done.merged_time,
        rounds=1,
        asked_number=asked.number,
        machine_seconds=done.machine_seconds,
        conflict_seconds=seconds(waiting.asked_time, done.answered_time),
        review_seconds=seconds(done.opened_time, done.merged_time),
    )
    assert seconds(done.answered_time, done.opened_time) >= 0
