"""A reconcile of a branch creates Syncs, and handles the API server's refusals."""

import copy
from typing import Any

import pytest
from kubernetes import client

from resync_argo.api.meta import Json, ObjectKey, ObjectMeta
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.api import SYNCS, Kube, Resource
from resync_argo.controller.kube.errors import AlreadyExists, Forbidden, Invalid
from resync_argo.controller.kube.unreadable import Unreadable
from resync_argo.controller.order.ranges import Ranges
from resync_argo.controller.order.reconcile import BranchReconciler
from resync_argo.controller.order.turns import Turns
from resync_argo.controller.state.cluster import Cluster, Outcome
from resync_argo.controller.state.keys import Key, PlanKey, SyncKey, branch_key
from resync_argo.controller.state.workflow import Run
from resync_argo.errors import ResyncError, Stalled
from resync_argo.settings import Settings
from resync_argo.upstream.candidate import CandidateKey
from tests.unit.controller.builders import BEFORE, NOW, plan, run, sync, tag
from tests.unit.controller.order.filled import put

BRANCH = branch_key(plan())
UPSTREAM = {"name": "forge.test/up/project", "matchedVersions": ["1.x"]}
REFUSED = Invalid("Refused", "Not this one.")


class Server(Kube):
    """An API server that has only Syncs, and refuses some."""

    def __init__(self) -> None:
        super().__init__(client.Configuration())
        self.syncs: dict[str, Json] = {}
        self.refused: dict[str, ResyncError] = {}

    def create(self, resource: Resource, manifest: Json) -> Json:
        assert resource is SYNCS
        name = manifest["metadata"]["name"]
        if name in self.refused:
            raise self.refused[name]
        if name in self.syncs:
            raise AlreadyExists(name)
        metadata = {**manifest["metadata"], "uid": f"uid-of-{name}", "resourceVersion": "2"}
        self.syncs[name] = {**manifest, "metadata": metadata}
        return copy.deepcopy(self.syncs[name])

    def get(self, resource: Resource, key: ObjectKey) -> Json:
        assert resource is SYNCS
        return copy.deepcopy(self.syncs[key.name])


class Site:
    """A branch and the controller's state about it."""

    def __init__(self, *objects: Plan | Tag | Sync | Run) -> None:
        self.kube = Server()
        self.cluster = Cluster(kube=self.kube, settings=Settings(), now=lambda: NOW)
        self.caches = self.cluster.caches
        self.told: list[str] = []
        self.turns = Turns(
            self.caches,
            Ranges(),
            is_complete=lambda _plan: True,
            tell=lambda key, _standing: self.tell(key),
            now=lambda: NOW,
        )
        self.put(*objects)

    def tell(self, key: CandidateKey) -> None:
        self.told.append(key.tag.name)

    def put(self, *objects: Plan | Tag | Sync | Run) -> None:
        """Take objects in as informers do, and mark the branch as `changes` does."""
        put(self.caches, *objects)
        self.turns.mark(BRANCH)

    def has(self, version: str, *, spec: Any = None, owner: str = "plan-uid") -> None:
        """Add a Sync to the API server that the informer has not seen yet."""
        name = f"z-1.project-{version}"
        metadata = {
            "name": name,
            "namespace": "ns",
            "uid": "uid",
            "resourceVersion": "2",
            "ownerReferences": [{"uid": owner, "controller": True}],
        }
        known = {"plan": "z-1", "tag": f"project-{version}", **(spec or {})}
        self.kube.syncs[name] = {"metadata": metadata, "spec": known}

    def reconcile(self) -> Outcome:
        return BranchReconciler(cluster=self.cluster, turns=self.turns).reconcile(BRANCH)

    def queued(self) -> list[Key]:
        """Take the keys out of the queue, and return them."""
        found = []
        while len(self.cluster.queue):
            key = self.cluster.queue.take()
            assert key is not None
            found.append(key)
            self.cluster.queue.done(key)
        return found


def workflow(version: str, **changes: Any) -> Run:
    """Return a Workflow of a version, such as somebody may submit by hand."""
    meta = ObjectMeta(
        name=f"w-{version}", namespace="ns", resource_version="1", creation_timestamp=BEFORE
    )
    return run(metadata=meta, version=version, **changes)


def test_the_release_whose_turn_it_is_gets_a_sync_for_the_plan_whose_turn_it_is() -> None:
    site = Site(plan(), plan("z-2"), tag("1.0.0"), tag("1.1.0"))

    outcome = site.reconcile()

    (made,) = site.kube.syncs.values()
    (owner,) = made["metadata"]["ownerReferences"]
    assert made["metadata"]["name"] == f"{made['spec']['plan']}.project-1.0.0"
    assert owner["uid"] == {"z-1": "plan-uid", "z-2": "z-2-uid"}[made["spec"]["plan"]]
    assert outcome == Outcome()
    assert site.queued() == []


def test_an_immediate_second_reconcile_knows_the_new_sync() -> None:
    site = Site(plan(), tag())
    site.reconcile()
    site.kube.refused["z-1.project-1.0.0"] = AssertionError("it was made a second time")  # type: ignore[assignment]  # not one of our errors

    site.reconcile()


def test_a_branch_is_reconciled_again_when_a_release_is_old_enough() -> None:
    site = Site(plan(upstream={**UPSTREAM, "minimumAge": "48h"}), tag(made=BEFORE))

    assert site.reconcile() == Outcome(requeue_after=86400.0)
    assert site.kube.syncs == {}


def test_nothing_is_kept_of_a_branch_that_no_plan_has_any_more() -> None:
    site = Site(plan(), tag())
    site.reconcile()
    lock = site.turns.lock(BRANCH)
    site.caches.plans.drop(plan().metadata.key, 2)

    assert site.reconcile() == Outcome()

    assert site.turns.lock(BRANCH) is not lock


def test_a_release_that_is_deleted_during_the_decision_gets_no_sync() -> None:
    site = Site(plan(), tag())
    site.tell = lambda key: site.caches.tags.drop(key.tag, 2)  # type: ignore[method-assign]

    site.reconcile()

    assert site.kube.syncs == {}


def test_a_workflow_that_somebody_submitted_by_hand_gets_a_sync() -> None:
    known, new = ([f"{major}.{n}.0" for n in range(6)] for major in (1, 2))
    site = Site(plan(upstream={**UPSTREAM, "matchedVersions": [">=1"]}))
    site.put(*map(tag, ("0.1.0", "0.2.0", *known, *new)), *map(sync, known))
    site.put(*map(workflow, (*known, *new)))
    site.put(workflow("0.1.0", state="Succeeded"), workflow("0.2.0", plan_uid="of-an-earlier-one"))

    site.reconcile()

    assert sorted(site.kube.syncs) == [f"z-1.project-{version}" for version in new]


@pytest.mark.parametrize("error", [REFUSED, Forbidden("The role lacks it.")])
def test_a_refused_sync_is_reported_on_its_plan_once(error: ResyncError) -> None:
    site = Site(plan(), tag())
    site.kube.refused["z-1.project-1.0.0"] = error
    with pytest.raises(type(error)):
        site.reconcile()
    first = site.queued()
    with pytest.raises(type(error)):
        site.reconcile()

    said = site.cluster.refusals.condition(plan().metadata.key)
    assert said is not None
    assert said.message == f"Sync z-1.project-1.0.0: {error}"
    assert first == [PlanKey(plan().metadata.key)]
    assert site.queued() == []

    site.kube.refused.clear()
    site.reconcile()

    assert site.cluster.refusals.condition(plan().metadata.key) is None
    assert site.queued() == [PlanKey(plan().metadata.key)]
    assert list(site.kube.syncs) == ["z-1.project-1.0.0"]


def test_a_refused_sync_does_not_block_others() -> None:
    site = Site(plan(), *(tag(f"1.{number}.0") for number in range(5)))
    site.put(*(workflow(f"1.{number}.0") for number in range(5)))
    for number in range(4):
        site.kube.refused[f"z-1.project-1.{number}.0"] = REFUSED

    with pytest.raises(Invalid):
        site.reconcile()

    assert list(site.kube.syncs) == ["z-1.project-1.4.0"]


def test_an_existing_sync_is_adopted() -> None:
    site = Site(plan(), tag())
    site.has("1.0.0")

    site.reconcile()

    assert site.caches.sync_of(plan(), tag()) is not None
    assert site.queued() == []


def test_a_sync_of_an_earlier_plan_is_looked_at_again() -> None:
    site = Site(plan(), tag())
    site.has("1.0.0", owner="of-an-earlier-one")

    site.reconcile()

    assert site.queued() == [SyncKey(ObjectKey("ns", "z-1.project-1.0.0"))]


@pytest.mark.parametrize("other", [{"plan": "z"}, {"tag": "1.project-1.0.0"}])
def test_two_plans_whose_syncs_have_the_same_name_report_it(other: dict[str, str]) -> None:
    site = Site(plan(), tag())
    site.has("1.0.0", spec=other)

    with pytest.raises(Stalled, match="rename one of the two Plans") as told:
        site.reconcile()

    assert told.value.reason == "NotOurs"


def test_an_unreadable_sync_is_reported_with_the_cause() -> None:
    site = Site(plan(), tag())
    site.has("1.0.0")
    metadata = ObjectMeta(name="z-1.project-1.0.0", namespace="ns", resource_version="2")
    site.caches.syncs.put_unreadable(Unreadable(metadata=metadata, why="phase: Unheard"))

    with pytest.raises(Stalled, match="cannot be read: phase: Unheard") as told:
        site.reconcile()

    assert told.value.reason == "Unreadable"
