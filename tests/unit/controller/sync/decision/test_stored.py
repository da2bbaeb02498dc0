"""A phase is read back unchanged from a Sync's status."""

from dataclasses import replace

import pytest

from resync_argo.api.sync import Sync, SyncStatus, Thread
from resync_argo.conflicts.authors import Authors
from resync_argo.controller.sync.decision.phases import (
    Freshness,
    Phase,
    Question,
    Review,
    Tries,
    Why,
    run_of,
)
from resync_argo.controller.sync.decision.stored import NEW, load, name_of, store
from tests.unit.controller.builders import (
    BEFORE,
    NOW,
    QUESTION,
    REVIEW,
    WORKFLOW,
    failed,
    finished,
    in_conflict,
    queued,
    running,
    skipped,
    stands,
    sync,
    tag,
)

TRIES = Tries(number=3, retry=1_700_000_000, rebuild=2, refresh=4)
AUTHORS = Authors(downstream=("Ada",), upstream=("Bob", "Cy"))
ASKED = Question(url="url/7", number=7, files=("a", "b"), authors=AUTHORS)
STALE = Freshness(base="a" * 40, why=Why(reason="Held", message="Ann."), next_try=NOW)
MERGED = Review(url="url/8", number=8, merged=True)

EVERY_FIELD = [
    queued("PlanChanged", tries=TRIES, question=ASKED, template_hash="hash-1", started=BEFORE),
    queued("Reopened", tries=TRIES, review=REVIEW),
    running(tries=TRIES, question=ASKED),
    in_conflict(tries=TRIES, question=Question(url="url/7")),
    in_conflict(),
    running(run=replace(WORKFLOW, values={"JIRA": "A-1"})),
    finished("PullRequestOpen", run=replace(WORKFLOW, values={"JIRA": "A-1"}), review=REVIEW),
    running(review=REVIEW, freshness=Freshness(base="a" * 40)),
    in_conflict(review=REVIEW, question=ASKED, freshness=Freshness(base="a" * 40)),
    finished("PullRequestOpen", review=REVIEW, freshness=STALE),
    finished("Merged", tries=TRIES, question=ASKED, review=MERGED),
    finished("PullRequestOpen", review=REVIEW, ended=NOW),
    finished("AlreadySynced", run=None, started=None),
    failed(tries=TRIES, question=QUESTION, review=REVIEW),
    failed("ForeignCommit", run=None, started=BEFORE),
    skipped("Superseded", contains="1.0.4"),
    skipped("Abandoned", tries=TRIES, question=ASKED, review=REVIEW),
]


def stored(phase: Phase, was: Sync | None = None) -> SyncStatus:
    """Return a status as the API server returns it."""
    status = store(phase, was or sync(), tag(), (), now=NOW)
    return SyncStatus.parse(status.dump())


@pytest.mark.parametrize("phase", EVERY_FIELD, ids=lambda phase: "-".join(stands(phase)))
def test_every_phase_is_read_back_unchanged(phase: Phase) -> None:
    assert load(stored(phase)) == phase


def test_an_empty_status_is_a_new_sync() -> None:
    assert load(SyncStatus()) == NEW
    assert load(SyncStatus(retry=4)).tries == Tries(retry=4)


@pytest.mark.parametrize("phase", ["Running", "Conflict"])
@pytest.mark.parametrize(
    "lacking", [{"workflow": "w-1"}, {"start_time": BEFORE}], ids=["no time", "no Workflow"]
)
def test_a_running_phase_without_a_workflow_or_a_time_has_not_begun(
    phase: str, lacking: dict[str, str]
) -> None:
    status = SyncStatus.model_validate({"phase": phase, **lacking})

    loaded = load(status)

    assert (name_of(loaded), run_of(loaded)) == ("Pending", None)


def test_the_status_names_the_release_and_keeps_the_record_of_slack_messages() -> None:
    thread = Thread(channel="team", id="1.0", told=("started:w-1",))
    was = sync(phase="Running", thread=thread.dump())

    status = stored(finished("Merged", review=MERGED), was)

    assert (status.version, status.tag_uid) == ("1.0.0", "uid-of-project-1.0.0")
    assert (status.observed_generation, status.thread) == (1, thread)
    assert (status.pull_request, status.number, status.merged) == ("url/8", 8, True)


def test_facts_about_an_open_pull_request_disappear_with_its_merge() -> None:
    assert stored(finished("Merged", review=MERGED, freshness=STALE)).freshness is None
    assert "freshness" not in stored(finished("PullRequestOpen", review=REVIEW)).dump()


def test_an_unmerged_sync_does_not_claim_to_be_merged() -> None:
    assert "merged" not in stored(finished("PullRequestOpen", review=REVIEW)).dump()
