"""An informer on a real API server notices and replaces a silent connection and an expired watch."""

from pathlib import Path

import pytest

from resync_argo.api.plan import Plan
from resync_argo.controller.kube.api import PLANS, Kube
from resync_argo.controller.kube.cache import Cache
from resync_argo.controller.kube.informer import Informer
from resync_argo.controller.state.objects import keep_plan
from tests.apiserver.lab import Lab
from tests.apiserver.proxy import Proxy
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def test_a_connection_that_goes_silent_is_noticed_and_replaced(lab: Lab, tmp_path: Path) -> None:
    proxy = Proxy(lab.kubeconfig)
    cache: Cache[Plan] = Cache()
    kube = Kube.connect(connections=4, kubeconfig=proxy.kubeconfig(tmp_path))
    informer = Informer(kube, PLANS, cache, keep_plan, namespace=lab.namespace)
    informer.silence_seconds = 1.0
    informer.start()
    assert informer.synced.wait(20)
    proxy.silence()
    lab.add_plan()
    wait_for(cache.all, deadline_seconds=20, describe="the Plan to be seen")
    informer.stop()
    proxy.close()


def test_a_watch_that_has_expired_lists_again(lab: Lab) -> None:
    cache: Cache[Plan] = Cache()
    informer = Informer(lab.kube, PLANS, cache, keep_plan, namespace=lab.namespace)
    informer._resource_version = "1"  # compacted long ago: 410 Gone, or a new list
    lab.add_plan()
    informer.start()
    wait_for(cache.all, deadline_seconds=20, describe="the Plan to be seen")
    informer.stop()
