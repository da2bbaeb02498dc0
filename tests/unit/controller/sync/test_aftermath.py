"""Pollers do a sync's follow-up work, which never delays a merge."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from kubernetes import client

from resync_argo.api.conditions import Condition
from resync_argo.api.meta import ObjectKey
from resync_argo.api.sync import Sync
from resync_argo.controller.forge.cleanup import Branches
from resync_argo.controller.forge.merges import History, MergedPullRequest
from resync_argo.controller.forge.resolutions import ConflictHead
from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.kube.api import Kube
from resync_argo.controller.polling.poller import Poller
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.sync.aftermath import Aftermath, Told
from resync_argo.controller.sync.decision.inputs import NOTHING_SEEN
from resync_argo.controller.sync.decision.phases import Phase, Review
from resync_argo.controller.sync.observe import Subject
from resync_argo.errors import ResyncError, Transient
from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.settings import Settings
from tests.unit.controller.builders import (
    QUESTION,
    REVIEW,
    Clock,
    finished,
    in_conflict,
    plan,
    pull,
    queued,
    running,
    skipped,
    stands,
    sync,
    tag,
)

COMMIT = "c" * 40
GITHUB = {"credentials": {"secretSelector": "github"}}
MERGED = finished("Merged", review=Review(url="url/7", number=7, merged=True))
PROPOSED = finished("PullRequestOpen", review=REVIEW)
KEY = ObjectKey("ns", "z-1.project-1.0.0")


class Site:
    """A sync's surroundings: `forge` answers every look, or refuses it."""

    def __init__(self, **settings: Any) -> None:
        self.asked: list[object] = []
        self.history = History.KEPT
        self.refusal: ResyncError | None = None
        self.subject = Subject(sync=sync(), plan=plan(github=GITHUB), tag=tag(commit=COMMIT))
        self.aftermath = Aftermath(
            cluster=Cluster(kube=Kube(client.Configuration()), settings=Settings(**settings)),
            resolutions=self._poller(lambda head: f"status of {head.commit}"),
            merges=self._poller(lambda _merged: self.history),
            cleanup=self._poller(lambda branches: branches),
        )

    def _poller(self, answer: Callable[[Any], Any]) -> Poller[ObjectKey, Any, Any]:
        def look(_key: ObjectKey, demand: Any) -> Any:
            self.asked.append(demand)
            if self.refusal is not None:
                raise self.refusal
            return answer(demand)

        return Poller("test", look, tell=lambda _key: None, clock=Clock())

    def follow(
        self, before: Phase, phase: Phase | None = None, view: ForgeView | None = NOTHING_SEEN
    ) -> Told:
        """Do one reconcile, and then the looks that it requested."""
        told = self.aftermath.follow(self.subject, before, phase or before, view)
        for poller in self._pollers():
            poller.step()
        return told

    def change(self, **fields: Any) -> None:
        self.subject = replace(self.subject, **fields)

    def remember(self, condition: Condition | None) -> None:
        """Store in the status what the last reconcile wrote."""
        conditions = [condition.dump()] if condition is not None else []
        self.change(sync=sync(phase="Finished", conditions=conditions))

    def is_idle(self) -> bool:
        """Return whether no look is requested any more."""
        return all(poller.seen(KEY) is None and not poller.step() for poller in self._pollers())

    def _pollers(self) -> tuple[Poller[ObjectKey, Any, Any], ...]:
        return self.aftermath.resolutions, self.aftermath.merges, self.aftermath.cleanup


@pytest.fixture
def site() -> Site:
    return Site()


def merged_pull() -> PullRequest:
    return replace(pull(PullRequestState.MERGED), merged_commit="m" * 40)


def test_a_merge_is_recorded_at_once_and_checked_afterwards(site: Site) -> None:
    recorded = site.follow(PROPOSED, MERGED, ForgeView(final=merged_pull()))
    later = site.follow(MERGED)

    (asked,) = site.asked
    assert isinstance(asked, MergedPullRequest)
    assert (asked.merged_commit, asked.tag_commit) == ("m" * 40, COMMIT)
    assert (recorded.phase, later.phase) == (MERGED, MERGED)
    assert site.is_idle()


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (History.LOST, "later syncs will meet the same conflicts again"),
        (History.RECORDED, "A record in the repository lets later syncs count it"),
    ],
)
def test_a_squash_is_reported_once_it_is_known(site: Site, history: History, said: str) -> None:
    site.history = history
    recorded = site.follow(PROPOSED, MERGED, ForgeView(final=merged_pull()))
    later = site.follow(MERGED)
    last = site.follow(later.phase)

    assert recorded.phase == MERGED
    assert stands(later.phase) == ("Finished", "SquashMerged")
    assert said in later.phase.why.message
    assert last.phase == later.phase
    assert len(site.asked) == 1
    assert site.is_idle()


def test_a_failed_check_of_the_merge_changes_nothing(site: Site) -> None:
    site.refusal = Transient("no answer")
    site.follow(PROPOSED, MERGED, ForgeView(final=merged_pull()))

    assert site.follow(MERGED).phase == MERGED


def test_a_release_without_a_commit_is_not_looked_for(site: Site) -> None:
    site.change(tag=tag())
    site.follow(PROPOSED, MERGED, ForgeView(final=merged_pull()))

    assert site.asked == []


@pytest.mark.parametrize(
    "settled",
    [
        replace(MERGED, question=QUESTION),
        skipped("Abandoned", review=REVIEW, question=QUESTION),
    ],
    ids=stands,
)
def test_branches_of_conflicts_are_deleted_when_the_final_pull_request_is_settled(
    site: Site, settled: Phase
) -> None:
    first = site.follow(replace(PROPOSED, question=QUESTION), settled)
    site.remember(first.cleanup)
    second = site.follow(settled)
    site.remember(second.cleanup)
    third = site.follow(settled)

    (asked,) = site.asked
    assert isinstance(asked, Branches)
    assert (asked.plan, asked.line, asked.rebuild) == ("z-1", "1.0.0", None)
    assert first.cleanup is not None
    assert (first.cleanup.status, first.cleanup.reason) == ("False", "CleanupPending")
    assert (second.cleanup, third.cleanup) == (None, None)
    assert site.is_idle()


def test_undeleted_branches_are_shown_and_retried_after_a_restart(
    site: Site,
) -> None:
    settled = replace(MERGED, question=QUESTION)
    site.refusal = Transient("The forge does not answer.")
    site.remember(site.follow(replace(PROPOSED, question=QUESTION), settled).cleanup)
    failing = site.follow(settled)

    again = Site()
    again.remember(failing.cleanup)
    pending = again.follow(settled)
    done = again.follow(settled)

    assert failing.cleanup is not None
    assert "The forge does not answer." in failing.cleanup.message
    assert failing.phase == settled
    assert pending.cleanup is not None
    assert len(again.asked) == 1
    assert done.cleanup is None


@pytest.mark.parametrize(
    ("before", "phase"),
    [
        (PROPOSED, MERGED),
        (running(), PROPOSED),
        (in_conflict(question=QUESTION), skipped("Abandoned", question=QUESTION)),
        (replace(MERGED, question=QUESTION), replace(MERGED, question=QUESTION)),
        (queued(), skipped("Superseded", question=QUESTION, review=REVIEW)),
    ],
    ids=["no conflict", "in review", "conflict abandoned", "cleaned up", "superseded"],
)
def test_nothing_is_deleted_needlessly(site: Site, before: Phase, phase: Phase) -> None:
    told = site.follow(before, phase)

    assert (told.cleanup, site.asked) == (None, [])


def test_conflicts_of_earlier_tries_leave_branches_too(site: Site) -> None:
    again = replace(MERGED.tries, number=1)

    site.follow(replace(PROPOSED, tries=again), replace(MERGED, tries=again))

    assert len(site.asked) == 1


def test_an_administrator_may_keep_the_branches() -> None:
    site = Site(keep_conflict_branches=True)

    told = site.follow(replace(PROPOSED, question=QUESTION), replace(MERGED, question=QUESTION))

    assert (told.cleanup, site.asked) == (None, [])


def asked_to_rebuild(number: int) -> Sync:
    return sync(phase="Failed", spec={"rebuild": number})


def test_a_rebuild_goes_on_once_its_branch_is_deleted(site: Site) -> None:
    rebuilding = queued("Rebuilding")
    site.change(sync=asked_to_rebuild(5))
    before = site.aftermath.is_cleared(site.subject, rebuilding)
    told = site.follow(rebuilding)
    after = site.aftermath.is_cleared(site.subject, rebuilding)
    site.change(sync=asked_to_rebuild(6))
    another = site.aftermath.is_cleared(site.subject, rebuilding)

    (asked,) = site.asked
    assert isinstance(asked, Branches)
    assert (asked.rebuild, told.cleanup) == (5, None)
    assert (before, after, another) == (False, True, False)
    assert not site.aftermath.is_cleared(site.subject, queued())


def test_a_branch_that_cannot_be_deleted_is_not_rebuilt(site: Site) -> None:
    site.refusal = Transient("no answer")
    site.follow(queued("Rebuilding"))

    assert not site.aftermath.is_cleared(site.subject, queued("Rebuilding"))


def test_people_see_how_much_of_an_open_conflict_is_resolved(site: Site) -> None:
    view = ForgeView(conflict=pull())
    site.follow(in_conflict(), view=view)
    site.follow(in_conflict(), view=view)
    pushed = replace(pull(), head_commit="d" * 40)
    site.follow(in_conflict(), view=ForgeView(conflict=pushed))

    heads = [asked.commit for asked in site.asked if isinstance(asked, ConflictHead)]
    assert heads == [pull().head_commit, "d" * 40]


def test_a_failed_commit_status_is_reported_until_the_conflict_ends(
    site: Site,
) -> None:
    site.refusal = Transient("no answer")
    view = ForgeView(conflict=pull())
    site.follow(in_conflict(), view=view)
    failing = site.follow(in_conflict(), view=view)
    goes_on = site.follow(in_conflict(), running())

    assert str(failing.error) == "no answer"
    assert goes_on.error is None


def test_a_plan_without_a_forge_asks_nothing(site: Site) -> None:
    site.change(plan=plan())
    told = site.follow(PROPOSED, replace(MERGED, question=QUESTION), None)

    assert (told.phase.why.reason, told.cleanup, site.asked) == ("Merged", None, [])


def test_a_deleted_sync_asks_nothing_more(site: Site) -> None:
    site.refusal = Transient("no answer")
    site.follow(replace(PROPOSED, question=QUESTION), replace(MERGED, question=QUESTION))
    site.aftermath.forget(KEY)

    assert site.is_idle()
