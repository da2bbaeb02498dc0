"""Only namespaces that opted in, and Plans within the quota, are served."""

import pytest
from kubernetes import client

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.controller.kube.api import Kube
from resync_argo.controller.kube.errors import Unavailable
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.keys import Key, PlanKey, SyncKey, TagKey, upstream_key
from resync_argo.controller.state.objects import keep_plan
from resync_argo.controller.tenancy.opt_in import IN_SECONDS, OUT_SECONDS
from resync_argo.controller.tenancy.tenants import Tenants
from resync_argo.errors import ResyncError
from resync_argo.settings import Settings
from tests.unit.controller.builders import Clock, plan, sync

TAG = TagKey(ObjectKey("ns", "project-1.0.0"))
OWN = PlanKey(ObjectKey("ns", "z-1"))


class Site:
    """A namespace; `opted_in` is the API server's answer, `error` the error instead of one."""

    def __init__(self, *, limit: int = 500) -> None:
        self.opted_in = True
        self.error: ResyncError | None = None
        self.asked: list[str] = []
        self.clock = Clock()
        settings = Settings(max_plans_per_namespace=limit)
        kube = Kube(client.Configuration())
        self.cluster = Cluster(kube=kube, settings=settings, clock=self.clock)
        self.tenants = Tenants(self.cluster, self._may_work_in)

    def _may_work_in(self, namespace: str) -> bool:
        self.asked.append(namespace)
        if self.error is not None:
            raise self.error
        return self.opted_in

    def add(self, name: str, *, made: int = 0) -> Plan:
        added = plan(name)
        metadata = added.metadata.model_copy(
            update={"creation_timestamp": f"2026-01-01T00:00:{made:02}Z"}
        )
        added = added.model_copy(update={"metadata": metadata})
        self.cluster.caches.plans.put(added)
        return added

    def look(self, seconds: float = 0.0) -> None:
        """Let time pass, and do the due looks."""
        self.clock.now += seconds
        while self.tenants.opt_ins.step():
            pass

    def queued(self) -> list[Key]:
        """Take every key from the queue."""
        taken: list[Key] = []
        while len(self.cluster.queue):
            key = self.cluster.queue.take()
            assert key is not None
            taken.append(key)
            self.cluster.queue.done(key)
        return taken

    def reason(self, of: Plan) -> str | None:
        refusal = self.tenants.refusal(of)
        return refusal.reason if refusal is not None else None


def test_keys_wait_until_the_api_server_has_answered() -> None:
    site = Site()

    assert not site.tenants.admit(TAG)
    assert site.queued() == []
    site.look()
    assert site.queued() == [TAG]
    assert site.tenants.admit(TAG)
    assert site.asked == ["ns"]


def test_a_namespace_is_served_as_soon_as_it_opts_in() -> None:
    site = Site()
    added = site.add("z-1")
    site.cluster.caches.syncs.put(sync("1.0.0", phase="Running"))
    site.opted_in = False
    site.tenants.admit(OWN)
    site.look()
    assert not site.tenants.admit(OWN)
    assert site.reason(added) == "NotOptedIn"
    site.queued()

    site.opted_in = True
    site.look(2 * OUT_SECONDS)

    keys = site.queued()
    assert keys[0] == OWN
    assert {upstream_key(added), SyncKey(ObjectKey("ns", "z-1.project-1.0.0"))} <= set(keys)
    assert site.tenants.admit(OWN)
    assert site.reason(added) is None


def test_running_syncs_are_reconciled_when_a_namespace_opts_out() -> None:
    site = Site()
    added = site.add("z-1")
    site.tenants.admit(OWN)
    site.look()
    site.tenants.admit(OWN)
    site.queued()
    site.opted_in = False
    site.look(2 * IN_SECONDS)

    assert set(site.queued()) == {OWN, upstream_key(added)}
    assert not site.tenants.admit(OWN)


def test_a_missing_answer_is_reported_and_the_earlier_one_holds() -> None:
    site = Site()
    added = site.add("z-1")
    site.error = Unavailable("no answer")
    site.tenants.admit(OWN)
    site.look()
    first = site.tenants.refusal(added)
    site.error = None
    site.look(60.0)
    site.error = Unavailable("no answer")
    site.look(2 * IN_SECONDS)

    assert first is not None
    assert (first.status, first.reason) == ("Unknown", "ClusterUnavailable")
    assert site.tenants.admit(OWN)


@pytest.mark.parametrize("limit", [1, 3])
def test_the_oldest_plans_are_active_and_the_newest_report_the_quota(limit: int) -> None:
    site = Site(limit=limit)
    plans = [site.add(f"z-{number}", made=number) for number in range(5)]
    site.tenants.admit(OWN)
    site.look()

    reasons = [site.reason(each) for each in plans]

    assert reasons == [None] * limit + ["TooManyPlans"] * (5 - limit)


def test_deleting_an_older_plan_makes_room_for_the_next() -> None:
    site = Site(limit=1)
    old, new = site.add("z-9", made=1), site.add("a-1", made=2)
    site.tenants.admit(OWN)
    site.look()
    before = site.reason(new)
    site.cluster.caches.plans.drop(old.metadata.key, 2)
    site.look(10.0)

    assert (before, site.reason(new)) == ("TooManyPlans", None)


def test_a_large_plan_says_so_and_its_scripts_are_not_kept() -> None:
    site = Site()
    added = plan("z-large")
    steps = [{"run": "x" * 30_000} for _ in range(10)]
    item = {"metadata": added.metadata.dump(), "spec": added.spec.dump() | {"steps": steps}}
    kept = keep_plan(item, 256 << 10)
    site.cluster.caches.plans.put(kept)
    site.tenants.admit(OWN)
    site.look()

    assert site.reason(kept) == "PlanTooLarge"
    assert len(kept.model_dump_json()) < 5_000


def test_an_annotation_does_not_make_a_plan_too_large() -> None:
    added = plan("z-1")
    annotations = {"annotations": {"resync.openshift.io/too-large": "1"}}
    kept = keep_plan({"metadata": added.metadata.dump() | annotations, "spec": added.spec.dump()})

    assert kept.metadata.annotations == {}


def test_a_namespace_without_plans_is_forgotten() -> None:
    site = Site()
    site.tenants.admit(TAG)
    site.look()
    site.tenants.forget("ns")
    site.look(1000.0)

    assert site.asked == ["ns"]
