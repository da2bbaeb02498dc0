"""A release's turn comes when its Tag is old enough, without any event."""

from collections.abc import Callable
from unittest.mock import Mock

import pytest

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Tag
from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.order.reconcile import BranchReconciler
from resync_argo.controller.order.turns import Turns
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.keys import branch_key
from resync_argo.settings import Settings
from tests.unit.controller.builders import plan, tag

BRANCH = branch_key(plan())
MADE = "2026-01-01T00:00:00Z"
SOON, DUE = "2026-01-03T23:59:00Z", "2026-01-04T00:00:00Z"


class Site:
    """A Plan that waits three days, and a time that a test sets."""

    def __init__(self, *tags: Tag, of: Plan | None = None) -> None:
        self.now = MADE
        self.cluster = Cluster(kube=Mock(), settings=Settings(), now=lambda: self.now)
        self.told: list[str] = []
        self.turns = Turns(
            self.cluster.caches,
            Ranges(),
            is_complete=lambda _plan: True,
            tell=lambda _key, standing: self.told.append(standing.reason),
            now=self.cluster.now,
        )
        self.cluster.caches.plans.put(of or patient())
        for each in tags:
            self.cluster.caches.tags.put(each)

    def reasons(self) -> list[str]:
        """Return the reasons of all releases."""
        return [standing.reason for standing in self.turns.decide(BRANCH).values()]


def patient(age: str = "3d") -> Plan:
    upstream = {"name": "forge.test/up/project", "matchedVersions": ["1.x"], "minimumAge": age}
    return plan(upstream=upstream)


def test_the_age_counts_from_when_the_tag_was_made() -> None:
    site = Site(tag(made=MADE), of=patient())
    seen = []
    for site.now in (MADE, SOON, DUE):
        seen += site.reasons()

    assert seen == ["TooYoung", "TooYoung", "Next"]
    assert site.told == ["TooYoung", "Next"]


def test_a_tag_that_was_created_again_starts_at_age_zero() -> None:
    site = Site(tag(made=SOON))
    site.now = DUE

    assert site.reasons() == ["TooYoung"]


def test_a_branch_is_decided_again_when_the_first_release_is_old_enough() -> None:
    site = Site(tag(made=MADE), tag("1.1.0", made=SOON))
    reconciler = BranchReconciler(cluster=site.cluster, turns=site.turns)
    site.now = SOON

    assert reconciler.reconcile(BRANCH).requeue_after == 60.0


def test_the_time_to_the_next_release_is_known_before_the_first_decision() -> None:
    assert Site(tag(made=MADE)).turns.seconds_to_next(BRANCH) == 3 * 24 * 3600.0


def test_a_tag_without_a_creation_time_does_not_wait() -> None:
    fresh = tag()
    meta = fresh.metadata.model_copy(update={"creation_timestamp": None})

    assert Site(fresh.model_copy(update={"metadata": meta})).reasons() == ["Next"]


def test_a_branch_without_young_releases_waits_only_for_events() -> None:
    assert Site(tag(), of=plan()).turns.seconds_to_next(BRANCH) is None
    assert Site(tag(made=MADE), of=patient("0h")).turns.seconds_to_next(BRANCH) is None


def test_an_unreadable_age_never_counts_as_no_age() -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        Site(tag(made=MADE), of=patient("nonsense")).reasons()


def test_a_branch_is_not_decided_again_before_the_time_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = Site(tag(made=MADE))
    site.reasons()
    decide: Callable[[list[Plan]], object] = site.turns._decide
    counting = Mock(side_effect=decide)
    monkeypatch.setattr(site.turns, "_decide", counting)
    for site.now in (MADE, SOON, DUE, DUE):
        site.reasons()

    assert counting.call_count == 1
