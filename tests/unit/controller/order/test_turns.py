"""The next release is decided once from the caches, and changes are announced."""

from typing import Any
from unittest.mock import Mock

import pytest

from resync_argo.api.meta import ObjectKey, ObjectMeta
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.order.turns import (
    UNDECIDED,
    Turns,
    is_available,
    is_ready,
    is_retry_asked,
    newest_contained,
)
from resync_argo.controller.state.keys import branch_key
from resync_argo.controller.state.objects import Caches
from resync_argo.controller.state.workflow import Run
from resync_argo.names import label_value
from tests.unit.controller.builders import BEFORE, NOW, plan, sync, tag
from tests.unit.controller.order.filled import put

REVIEW: dict[str, Any] = {"phase": "Finished", "reason": "PullRequestOpen", "number": 7}
MOVED = {"type": "UpstreamUnchanged", "status": "False", "reason": "TagMoved"}
BRANCH = branch_key(plan())


class Site:
    """Caches with one Plan, and the order of its branch."""

    def __init__(self, *objects: Tag | Sync | Run, plans: tuple[Plan, ...] = (plan(),)) -> None:
        self.is_complete = True
        self.told: list[str] = []
        self.caches = Caches()
        self.turns = Turns(
            self.caches,
            Ranges(),
            is_complete=lambda _plan: self.is_complete,
            tell=lambda key, standing: self.told.append(f"{key.tag.name} {standing.action}"),
            now=lambda: NOW,
        )
        self.put(*plans, *objects)

    def put(self, *objects: Plan | Tag | Sync | Run) -> None:
        """Take objects in as informers do, and mark the branch as `changes` does."""
        put(self.caches, *objects)
        self.turns.mark(BRANCH)

    def order(self) -> dict[str, str]:
        """Return action and reason of each release."""
        return {
            key.tag.name.removeprefix("project-"): f"{standing.action} {standing.reason}".strip()
            for key, standing in self.turns.decide(BRANCH).items()
        }


def newer(item: Any) -> Any:
    """Return an object as in the next watch event."""
    meta = item.metadata
    version = str(int(meta.resource_version) + 1)
    return item.model_copy(
        update={"metadata": meta.model_copy(update={"resource_version": version})}
    )


def workflow(version: str, *, plan_uid: str = "plan-uid", state: str = "Running") -> Run:
    meta = ObjectMeta(
        name=f"w-{version}", namespace="ns", resource_version="1", creation_timestamp=BEFORE
    )
    fields: dict[str, Any] = {"state": state}
    return Run(
        metadata=meta,
        plan=ObjectKey("ns", "z-1"),
        plan_uid=plan_uid,
        version=label_value(version),
        **fields,
    )


def test_the_oldest_wanted_release_is_next() -> None:
    site = Site(tag("1.1.0"), tag("1.0.0"), tag("2.0.0"))

    assert site.order() == {"1.0.0": "Submit Next", "1.1.0": "Wait OlderFirst"}


def test_the_release_that_an_attempt_found_in_the_branch_is_recorded() -> None:
    found = sync("1.0.0", phase="Skipped", reason="Superseded", contains="1.1.0", start_time=BEFORE)
    site = Site(tag("1.0.0"), tag("1.1.0"), tag("1.2.0"), found)
    before = site.order()
    site.put(sync("1.1.0", phase="Finished", reason="AlreadySynced"))

    assert before == {
        "1.0.0": "Keep Superseded",
        "1.1.0": "Record AlreadySynced",
        "1.2.0": "Submit Next",
    }
    assert site.order()["1.1.0"] == "Keep AlreadySynced"


def test_nothing_starts_while_tags_are_still_being_created() -> None:
    site = Site(tag("1.1.0"))
    site.is_complete = False
    before = site.order()
    site.is_complete = True
    site.put(tag("1.0.0"))

    assert before == {"1.1.0": "Wait UpstreamNotRead"}
    assert site.order()["1.0.0"] == "Submit Next"


def test_a_workflow_that_a_person_submitted_occupies_the_branch_before_it_has_a_sync() -> None:
    site = Site(tag("1.0.0"), tag("1.1.0"), workflow("1.1.0"))

    assert site.order() == {"1.0.0": "Wait BranchBusy", "1.1.0": "Keep"}


def test_a_workflow_of_an_unwanted_release_holds_up_the_branch() -> None:
    site = Site(tag("1.0.0"), workflow("9.9.9"))

    standing = site.turns.standing(plan(), tag("1.0.0"))
    assert (standing.action, standing.reason) == ("Wait", "BranchBusy")
    assert "w-9.9.9" in standing.message


@pytest.mark.parametrize(
    "other",
    [workflow("9.9.9", plan_uid="an-earlier-plan"), workflow("9.9.9", state="Succeeded")],
    ids=["of an earlier Plan", "ended"],
)
def test_a_foreign_or_ended_workflow_holds_up_nothing(other: Run) -> None:
    assert Site(tag("1.0.0"), other).order() == {"1.0.0": "Submit Next"}


def test_of_several_such_workflows_always_the_same_is_named() -> None:
    site = Site(tag("1.0.0"), workflow("9.9.9"), workflow("9.9.8"))

    assert "w-9.9.8" in site.turns.standing(plan(), tag("1.0.0")).message


def test_a_workflow_of_a_skipped_release_holds_up_nothing() -> None:
    site = Site(tag("1.0.0", skip=True), tag("1.1.0"), workflow("1.0.0"))

    assert site.order()["1.1.0"] == "Submit Next"


def test_a_tag_with_an_unreadable_version_is_ignored() -> None:
    begun = sync("nightly", phase="Failed", reason="StepFailed", start_time=BEFORE)
    site = Site(tag("nightly"), tag("1.0.0"), begun)

    assert site.order() == {"1.0.0": "Submit Next"}


def test_an_open_pull_request_holds_up_the_next() -> None:
    site = Site(tag("1.0.0"), tag("1.1.0"), sync("1.0.0", **REVIEW))

    assert site.order()["1.1.0"] == "Wait EarlierPullRequestOpen"


def test_a_skip_of_a_queued_release_is_obeyed_for_all_plans_or_for_one() -> None:
    everywhere = Site(tag("1.0.0", skip=True), tag("1.1.0"))
    here = Site(tag("1.0.0"), tag("1.1.0"), sync("1.0.0", spec={"skip": True}))

    expected = {"1.0.0": "Skip SkipRequested", "1.1.0": "Submit Next"}
    assert everywhere.order() == here.order() == expected


def test_a_plan_that_is_not_ready_or_suspended_starts_nothing() -> None:
    waiting = plan(status={"conditions": []})
    spec = plan().spec.model_copy(update={"suspend": True})
    suspended = plan().model_copy(update={"spec": spec})

    assert Site(tag(), plans=(waiting,)).order() == {"1.0.0": "Wait PlanNotReady"}
    assert Site(tag(), plans=(suspended,)).order() == {"1.0.0": "Wait PlanSuspended"}


def test_a_sync_that_began_continues_even_if_the_plan_no_longer_wants_it() -> None:
    begun = sync("2.0.0", phase="Failed", reason="StepFailed", start_time=BEFORE)
    site = Site(tag("2.0.0"), begun)

    assert site.order() == {"2.0.0": "Skip NotWanted"}
    assert Site(tag("2.0.0"), sync("2.0.0", phase="Pending")).order() == {}


def test_plans_of_another_branch_do_not_count() -> None:
    elsewhere = plan("other", downstream={"name": "forge.test/down/project", "branch": "old"})
    site = Site(tag("1.0.0"), plans=(plan(), elsewhere))

    assert len(site.turns.decide(BRANCH)) == 1
    assert site.turns.standing(elsewhere, tag("1.0.0")).action == "Submit"


def test_only_changes_are_announced() -> None:
    site = Site(tag("1.0.0"), tag("1.1.0"), tag("1.2.0"))
    site.order()
    first = sorted(site.told)
    site.told.clear()
    site.put(sync("1.0.0", phase="Running", start_time=BEFORE))
    site.order()

    assert first == ["project-1.0.0 Submit", "project-1.1.0 Wait", "project-1.2.0 Wait"]
    assert sorted(site.told) == ["project-1.0.0 Keep", "project-1.1.0 Wait"]


def test_a_branch_is_decided_again_only_after_a_change() -> None:
    site = Site(tag("1.0.0"))
    site.order()
    site.caches.plans.put(newer(plan(status={"conditions": []})))
    unmarked = site.order()
    site.turns.mark(BRANCH)

    assert unmarked == {"1.0.0": "Submit Next"}
    assert site.order() == {"1.0.0": "Wait PlanNotReady"}


def test_asking_again_costs_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tag("1.0.0"))
    site.order()
    monkeypatch.setattr(site.turns, "_decide", Mock(side_effect=AssertionError))

    assert site.turns.standing(plan(), tag("1.0.0")).action == "Submit"


def test_the_foreseen_standings_follow_from_the_plan_to_be_written() -> None:
    site = Site(tag("1.0.0"), tag("2.0.0"))
    upstream = {"name": "forge.test/up/project", "matchedVersions": ["2.x"]}

    foreseen = site.turns.foresee(plan(upstream=upstream))

    assert {key.tag.name: it.action for key, it in foreseen.items()} == {"project-2.0.0": "Submit"}


def test_a_release_that_appears_after_the_decision_is_decided_on_request() -> None:
    site = Site(tag("1.1.0"))
    site.order()
    site.caches.tags.put(tag("1.0.0"))

    assert site.turns.standing(plan(), tag("1.0.0")).action == "Submit"
    assert site.turns.standing(plan(), tag("7.0.0")) == UNDECIDED


def test_a_forgotten_branch_is_decided_again() -> None:
    site = Site(tag("1.0.0"))
    site.order()
    site.told.clear()
    site.turns.mark(BRANCH)
    site.turns.forget(BRANCH)
    turns = site.turns
    left = [*turns._decisions, *turns._due, *turns._stale, *turns._locks]
    site.order()

    assert left == []
    assert site.told == ["project-1.0.0 Submit"]


def test_a_request_counts_until_it_is_executed() -> None:
    assert is_retry_asked(sync(phase="Failed", spec={"retry": 2}, retry=1))
    assert is_retry_asked(sync(phase="Failed", spec={"rebuild": 1}))
    assert not is_retry_asked(sync(phase="Failed", spec={"retry": 2}, retry=2))
    assert not is_retry_asked(sync(phase="Failed"))


def test_readiness_counts_only_for_the_present_generation() -> None:
    old = {"type": "Ready", "status": "True", "reason": "Ready", "observedGeneration": 0}

    assert is_ready(plan())
    assert not is_ready(plan(status={"conditions": [old]}))


def test_a_tag_that_upstream_moved_is_not_available() -> None:
    other = {"type": "Other", "status": "False", "reason": "Other"}

    assert is_available(tag())
    assert is_available(tag(status={"conditions": [other, {**MOVED, "status": "True"}]}))
    assert not is_available(tag(status={"conditions": [MOVED]}))


def test_the_newest_release_found_counts() -> None:
    syncs = [sync(phase="Skipped", contains=version) for version in ("1.9.0", "1.10.0")]

    assert str(newest_contained([*syncs, sync()])) == "1.10.0"
    assert newest_contained([sync(phase="Failed")]) is None
    assert newest_contained([sync(phase="Skipped", contains="nightly")]) is None
