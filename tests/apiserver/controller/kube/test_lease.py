"""Leader election by a Lease on a real API server: never two leaders, and never none for long."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from resync_argo.api.meta import Json, ObjectKey
from resync_argo.controller.kube.api import LEASES, Kube, Resource
from resync_argo.controller.kube.errors import Unavailable
from resync_argo.controller.kube.lease import Election
from resync_argo.controller.main import lead
from tests.apiserver.lab import Lab
from tests.apiserver.proxy import Proxy
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def test_one_of_two_candidates_leads_and_the_other_follows_when_it_ends(lab: Lab) -> None:
    leading: list[str] = []
    rested: list[str] = []
    elections = [election_of(lab, f"{name}@{name}:8080") for name in ("one", "two")]
    threads = [
        threading.Thread(
            target=election.run,
            args=[partial(told.append, election.identity) for told in (leading, rested)],
        )
        for election in elections
    ]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(leading) == 1, deadline_seconds=20, describe="a leader")
    known = [None, leading[0].partition("@")[2]]
    wait_for(
        lambda: sorted((e.leader() for e in elections), key=str) == sorted(known, key=str),
        deadline_seconds=20,
        describe="the other to know where the leader is",
    )
    next(e for e in elections if e.identity == leading[0]).stop()
    wait_for(lambda: len(leading) == 2, deadline_seconds=20, describe="the other to lead")
    for election, thread in zip(elections, threads, strict=True):
        election.stop()
        thread.join(timeout=20)

    assert sorted(leading) == ["one@one:8080", "two@two:8080"]
    assert rested == leading


def test_nobody_else_leads_before_the_leaders_work_has_ended(lab: Lab) -> None:
    first, second = election_of(lab, "first"), election_of(lab, "second")
    leads, may_end, follows = threading.Event(), threading.Event(), threading.Event()
    threads = [
        threading.Thread(target=first.run, args=(leads.set, may_end.wait)),
        threading.Thread(target=second.run, args=(follows.set, follows.wait)),
    ]
    threads[0].start()
    assert leads.wait(20)
    threads[1].start()
    first.stop()
    followed_early = follows.wait(2 * first.duration_seconds)
    may_end.set()
    followed = follows.wait(20)
    second.stop()
    for thread in threads:
        thread.join(timeout=20)

    assert (followed_early, followed) == (False, True)


def test_a_leader_with_a_silent_api_server_gives_up_before_the_lease_ends(
    lab: Lab, tmp_path: Path
) -> None:
    proxy = Proxy(lab.kubeconfig)
    kube = Kube.connect(connections=4, kubeconfig=proxy.kubeconfig(tmp_path))
    election = replace(election_of(lab, "one"), kube=kube)
    leads = threading.Event()
    ended: list[bool] = []
    thread = threading.Thread(target=lambda: ended.append(election.run(leads.set, leads.clear)))
    thread.start()
    assert leads.wait(20)
    proxy.silence()
    thread.join(timeout=election.duration_seconds)
    proxy.close()

    assert ended == [False]


class Clock:
    """A clock that stands still until a test moves it."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class SlowToAnswer(Kube):
    """An API server that answers the first write slowly, and then no more."""

    def __init__(self, kube: Kube, take_time: Callable[[], None]) -> None:
        self.kube, self.take_time = kube, take_time
        self.is_silent = False

    def get(self, resource: Resource, key: ObjectKey) -> Json:
        if self.is_silent:
            raise Unavailable("no answer")
        return self.kube.get(resource, key)

    def create(self, resource: Resource, manifest: Json) -> Json:
        made = self.kube.create(resource, manifest)
        self.take_time()
        self.is_silent = True
        return made


def test_a_lease_lasts_from_the_request_and_not_from_the_answer(lab: Lab) -> None:
    clock = Clock()

    def take_time() -> None:
        clock.now += 2.0

    kube, ended = SlowToAnswer(lab.kube, take_time), threading.Event()
    election = replace(election_of(lab, "one"), kube=kube, clock=clock)
    leads = threading.Event()

    def run() -> None:
        if not election.run(leads.set, leads.clear):
            ended.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert leads.wait(20)
    clock.now = election.renew_within_seconds + 0.5
    has_given_up = ended.wait(20)
    election.stop()
    thread.join(timeout=20)

    assert has_given_up


def test_a_lease_is_taken_once_it_was_not_renewed_for_its_duration_and_not_before(
    lab: Lab,
) -> None:
    clock = Clock()
    holder, other = (replace(election_of(lab, name), clock=clock) for name in ("one", "two"))
    lasts = float(holder.duration_seconds)
    assert holder._try()
    taken = [other._try()]
    clock.now = lasts - 0.5
    taken.append(other._try())
    assert holder._try(), "it is renewed"
    taken.append(other._try())
    clock.now += lasts - 0.5
    taken.append(other._try())
    clock.now += 1.0
    taken.append(other._try())

    assert taken == [False, False, False, False, True]


def test_a_controller_that_must_end_stops_working_and_releases_the_lease(lab: Lab) -> None:
    controller, election, ended = lab.controller(), election_of(lab, "one"), threading.Event()
    controller.watch()
    thread = threading.Thread(target=lead, args=(controller, election, ended))
    thread.start()
    wait_for(controller.is_working, deadline_seconds=20, describe="the work to begin")
    ended.set()
    thread.join(timeout=20)
    is_working = controller.is_working()
    controller.stop()

    assert not is_working
    assert lab.kube.get(LEASES, election.key)["spec"]["holderIdentity"] == ""


def test_a_controller_that_never_led_ends_as_well(lab: Lab) -> None:
    controller = lab.controller()
    controller.watch()
    controller.stop()

    assert not controller.is_working()


def election_of(lab: Lab, identity: str) -> Election:
    return Election(
        kube=lab.kube,
        key=ObjectKey(lab.namespace, "resync-argo"),
        identity=identity,
        clock=time.monotonic,
        duration_seconds=5,
        renew_within_seconds=3.0,
        try_seconds=0.2,
    )
