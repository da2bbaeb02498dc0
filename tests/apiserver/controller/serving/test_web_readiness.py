"""`/readyz` reports a controller as not ready if it no longer watches a kind."""

import urllib.error
import urllib.request

import pytest

from resync_argo.controller.main import monitoring
from resync_argo.controller.serving.web import Server
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver


def readiness(server: Server) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/readyz", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_a_dead_informer_is_named_and_the_controller_is_not_ready(lab: Lab) -> None:
    controller = lab.controller()
    for informer in controller._informers:
        informer.silence_seconds = 1.0
    controller.watch()
    controller.work()
    server = Server(monitoring(controller), "127.0.0.1:0")
    try:
        before = readiness(server)
        dead = next(it for it in controller._informers if it.resource.plural == "tags")
        dead.stop()
        after = wait_for(
            lambda: (told := readiness(server))[0] == 503 and told,
            deadline_seconds=20,
            describe="the dead informer to be noticed",
        )
    finally:
        controller.stop()
        server.close()

    assert before == (200, "ok\n")
    assert after == (503, "not watching: tags\n")
