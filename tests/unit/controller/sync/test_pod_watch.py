"""A pod counts as gone after two looks, half a minute apart, did not find it."""

from dataclasses import replace

import pytest
from kubernetes import client

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import Kube, Resource
from resync_argo.controller.kube.errors import Forbidden, Unavailable
from resync_argo.controller.polling.poller import Poller
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.pod_watch import LOOK_SECONDS, PodLook, PodWatch
from resync_argo.errors import ResyncError
from tests.unit.controller.builders import Clock, inputs, run, suspended

KEY = ObjectKey("ns", "z-1.project-1.0.0")
ALIVE = run(pod="w-1-attempt-7")


class Site(Kube):
    """An API server with one pod, which may be gone or forbidden."""

    def __init__(self) -> None:
        super().__init__(client.Configuration())
        self.is_there = True
        self.refusal: ResyncError | None = None
        self.asked: list[str] = []
        self.clock = Clock()
        looks = Poller(
            "test", PodLook(kube=self).look, tell=lambda _key: None, clock=self.clock, threads=1
        )
        self.pods = PodWatch(looks=looks)

    def exists(self, resource: Resource, key: ObjectKey) -> bool:
        assert (resource.plural, key.namespace) == ("pods", "ns")
        self.asked.append(key.name)
        if self.refusal is not None:
            raise self.refusal
        return self.is_there

    def is_gone(self, known: Run | None = ALIVE, *, after: float = 0.0) -> bool:
        """Let time pass second by second, with a reconcile in each; return the last one's answer."""
        end = self.clock.now + after
        while True:
            gone = self.pods.complete(KEY, inputs(run=known)).is_pod_gone
            while self.pods.looks.step():
                pass
            if self.clock.now >= end:
                return gone
            self.clock.now += 1


@pytest.fixture
def site() -> Site:
    return Site()


def test_an_existing_pod_is_looked_up_every_two_minutes(site: Site) -> None:
    assert not site.is_gone(after=10 * LOOK_SECONDS)
    assert 9 <= len(site.asked) <= 12


def test_a_missing_pod_is_gone_after_two_looks(site: Site) -> None:
    site.is_gone(after=10)
    site.is_there, asked, began = False, len(site.asked), site.clock.now

    assert not site.is_gone(after=LOOK_SECONDS * 0.85)
    while not site.is_gone(after=1):
        assert site.clock.now < began + 2 * LOOK_SECONDS
    assert site.asked[asked:] == ["w-1-attempt-7"] * 2


def test_a_pod_that_only_one_look_missed_is_not_gone(site: Site) -> None:
    site.is_there = False
    site.is_gone()
    assert site.pods.seconds_to_next(KEY) is not None
    site.is_there = True

    assert not site.is_gone(after=300)
    assert site.pods.seconds_to_next(KEY) is None


def test_without_an_answer_no_pod_counts_as_gone(site: Site) -> None:
    site.is_there = False
    site.is_gone()
    site.refusal = Unavailable("no answer")

    assert not site.is_gone(after=300)


def test_with_older_roles_no_pod_is_gone_and_nothing_is_reported(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    site.refusal = Forbidden("pods is forbidden")

    assert not site.is_gone(after=300)
    assert caplog.records == []


def test_another_pod_is_looked_up_again(site: Site) -> None:
    site.is_there = False
    site.is_gone(after=20)

    assert not site.is_gone(replace(ALIVE, pod="w-1-attempt-8"), after=20)


@pytest.mark.parametrize(
    "known",
    [None, run(), suspended(), replace(ALIVE, shutdown=True), replace(ALIVE, state="Failed")],
    ids=["no Workflow", "no pod", "suspended", "stopped", "ended"],
)
def test_without_an_awaited_pod_none_is_looked_up(site: Site, known: Run | None) -> None:
    site.is_there = False

    assert not site.is_gone(known, after=300)
    assert site.asked == []
