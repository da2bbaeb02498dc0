"""A follower forwards webhooks to the leader."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from resync_argo.controller.main import webhooks
from tests.apiserver.lab import Lab
from tests.apiserver.site import KEY, Site, served_at, site

pytestmark = pytest.mark.apiserver

NEWS = {"repository": {"full_name": "down/project"}, "pull_request": {"number": 1}}


@contextmanager
def followed_by_another(lab: Lab, leader: str | None) -> Iterator[Site]:
    """Run a follower that believes the leader to be at an address; None: it knows no leader."""
    controller = lab.controller()
    controller.watch()
    for informer in controller._informers:
        assert informer.synced.wait(20)
    try:
        with served_at(webhooks(controller, lambda: leader)) as port:
            yield Site(port, 0, controller)
    finally:
        controller.stop()


@pytest.mark.parametrize("path", ["/webhooks/github", "the path of the Secret"])
def test_a_follower_forwards_a_delivery_to_the_leader(slow: Lab, path: str) -> None:
    if path != "/webhooks/github":
        path = f"/webhooks/{slow.namespace}/github"
    with site(slow) as served, followed_by_another(slow, f"127.0.0.1:{served.port}") as follower:
        slow.wait_for_run("1.0.0")
        slow.release("v1.0.1")
        push = {"repository": {"full_name": "up/project"}}
        statuses = [each.deliver(push, event="push", path=path)[0] for each in (follower, served)]
        slow.wait_until_next("1.0.1", "BranchBusy")

    assert statuses == [202, 200]


def test_a_follower_refuses_forged_deliveries_itself(slow: Lab) -> None:
    with site(slow):
        slow.wait_for_run("1.0.0")
    with followed_by_another(slow, "127.0.0.1:9") as follower:
        forged, true = (follower.deliver(NEWS, key=key)[0] for key in ("guessed", KEY))

    assert (forged, true) == (401, 503)


def test_a_follower_without_a_leader_refuses_deliveries(slow: Lab) -> None:
    with site(slow):
        slow.wait_for_run("1.0.0")
    with followed_by_another(slow, None) as follower:
        status, said = follower.deliver(NEWS)

    assert (status, said) == (503, "no leader is known\n")
