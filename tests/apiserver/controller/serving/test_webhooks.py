"""Webhooks, health and metrics over real HTTP, with a real API server behind."""

import socket
import time
from contextlib import ExitStack
from typing import Any

import pytest
from prometheus_client import REGISTRY

from resync_argo.controller.main import monitoring
from resync_argo.controller.serving.web import (
    CONNECTIONS,
    MAX_BODY_BYTES,
    REQUEST_SECONDS,
)
from resync_argo.controller.state.workflow import TIDIED_ANNOTATION
from resync_argo.forge.interface import PullRequestState
from tests.apiserver.lab import Lab
from tests.apiserver.site import ask, served_at, site
from tests.cluster.waiting import wait_for
from tests.world.flood import flood

pytestmark = pytest.mark.apiserver

FLOOD_RATE = 1000
"""Forged deliveries a second, or as many as the machine can send."""
NEWS = {"repository": {"full_name": "down/project"}, "pull_request": {"number": 1}}


def test_a_delivery_resumes_at_once(slow: Lab) -> None:
    with site(slow) as served:
        name = slow.wait_for_run("1.0.0")
        pull = slow.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod",))
        node = slow.argo_suspends(name, "ab12")
        slow.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        slow.forge.set_state(pull.number, PullRequestState.MERGED)
        began = time.monotonic()
        status, _ = served.deliver(NEWS)
        wait_for(
            lambda: slow.workflows()[0]["status"]["nodes"][node]["phase"] == "Succeeded",
            deadline_seconds=20,
            describe="the Workflow to be resumed",
        )

    assert status == 202
    assert time.monotonic() - began < 20


def test_a_forged_delivery_is_refused_and_does_no_work(slow: Lab) -> None:
    with site(slow) as served:
        slow.wait_for_run("1.0.0")
        slow.wait_until_idle(served.controller)
        asked = slow.forges.requests()
        statuses = {served.deliver(NEWS, key="guessed")[0] for _ in range(20)}

    assert statuses == {401}
    assert slow.forges.requests() == asked


def refused(lab: Lab) -> float:
    """Return how many deliveries for a namespace were refused for their signature."""
    labels = {"namespace": lab.namespace, "result": "401"}
    return REGISTRY.get_sample_value("resync_webhooks_total", labels) or 0.0


@pytest.mark.parametrize(
    ("rate", "body_bytes"), [(FLOOD_RATE, 0), (20, MAX_BODY_BYTES - 1024)], ids=["many", "large"]
)
def test_a_genuine_delivery_resumes_in_a_flood_of_forged_ones(
    slow: Lab, rate: int, body_bytes: int
) -> None:
    path = f"/webhooks/{slow.namespace}/github"
    with site(slow) as served:
        name = slow.wait_for_run("1.0.0")
        pull = slow.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod",))
        node = slow.argo_suspends(name, "ab12")
        slow.wait_until("1.0.0", "Conflict", "WaitingForResolution")
        # The controller corrects Argo's graph two seconds after the suspension.
        wait_for(
            lambda: TIDIED_ANNOTATION in slow.workflows()[0]["metadata"].get("annotations", {}),
            deadline_seconds=20,
            describe="the graph to be corrected",
        )
        slow.wait_until_idle(served.controller)
        with flood(served.port, rate, path=path, body_bytes=body_bytes) as forged:
            asked, versions, before = slow.forges.requests(), slow.versions(), refused(slow)
            wait_for(
                lambda: refused(slow) > before + rate, deadline_seconds=60, describe="the flood"
            )
            assert (slow.forges.requests(), slow.versions()) == (asked, versions)
            slow.forge.set_state(pull.number, PullRequestState.MERGED)
            status, _ = served.deliver(NEWS, path=path)
            wait_for(
                lambda: slow.workflows()[0]["status"]["nodes"][node]["phase"] == "Succeeded",
                deadline_seconds=20,
                describe="the Workflow to be resumed",
            )
            alive = served.get("/healthz")[0]
            assert forged.goes_on()

    assert (status, alive) == (202, 200)
    assert set(forged.told["statuses"]) == {"401"}


def test_too_long_a_body_is_refused_unread(slow: Lab) -> None:
    with site(slow) as served:
        slow.wait_for_run("1.0.0")
        head = f"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: {MAX_BODY_BYTES + 1}"
        with socket.create_connection(("127.0.0.1", served.port), timeout=30) as client:
            client.sendall(f"{head}\r\n\r\n".encode())
            answer = client.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_an_endless_request_is_cut_off(slow: Lab) -> None:
    head = b"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n"
    with (
        site(slow) as served,
        socket.create_connection(("127.0.0.1", served.port), timeout=30) as client,
    ):
        client.sendall(head)

        def is_cut_off() -> bool:
            try:
                client.sendall(b"x")
            except ConnectionError:
                return True
            return False

        wait_for(is_cut_off, deadline_seconds=6 * REQUEST_SECONDS, describe="the end")


def test_a_delivery_for_an_unknown_repository_is_not_found(slow: Lab) -> None:
    with site(slow) as served:
        slow.wait_for_run("1.0.0")
        status, _ = served.deliver({"repository": {"full_name": "some/other"}})

    assert status == 404


def test_a_replayed_delivery_counts_once(slow: Lab) -> None:
    with site(slow) as served:
        slow.wait_for_run("1.0.0")
        answers = [served.deliver(NEWS) for _ in range(3)]

    assert [status for status, _ in answers] == [202, 200, 200]


@pytest.mark.parametrize("payload", [{}, {"repository": None}, {"repository": {"full_name": 7}}])
def test_what_github_would_never_send_is_refused(slow: Lab, payload: dict[str, Any]) -> None:
    with site(slow) as served:
        slow.wait_for_run("1.0.0")
        status, _ = served.deliver(payload)

    assert status in (400, 404)


def test_a_wrong_content_type_is_reported_at_the_first_ping(slow: Lab) -> None:
    with site(slow) as served:
        slow.wait_for_run("1.0.0")
        form, ping = (served.send(body, event="ping") for body in (b"payload=%7B%7D", b"{}"))

    assert form[0] == 400
    assert "application/json" in form[1]
    assert ping == (200, "pong\n")


def test_a_push_to_upstream_is_read_at_once(slow: Lab) -> None:
    with site(slow) as served:
        slow.wait_for_run("1.0.0")
        slow.release("v1.0.1")
        status, _ = served.deliver({"repository": {"full_name": "up/project"}}, event="push")
        slow.wait_until_next("1.0.1", "BranchBusy")

    assert status == 202


def test_a_command_on_a_closed_pull_request_requests_a_retry(slow: Lab) -> None:
    slow.forge.writers.add("ann")
    pull = slow.forge.open("resync/z-1/1.0.0")
    slow.forge.set_state(pull.number, PullRequestState.CLOSED)
    comment = NEWS | {"issue": {"number": 1}}
    with site(slow) as served:
        slow.wait_until("1.0.0", "Skipped", "Abandoned")
        slow.forge.say(pull.number, "ann", "/resync retry")
        served.deliver(comment, event="issue_comment")
        slow.wait_until("1.0.0", "Running")


def test_health_readiness_and_metrics_are_correct(slow: Lab) -> None:
    with site(slow) as served:
        slow.wait_for_run("1.0.0")
        health, ready = served.get("/healthz")[0], served.get("/readyz")[0]
        shown = served.get("/metrics")[1]
        nothing = served.get("/nothing")[0]

    assert (health, ready, nothing) == (200, 200, 404)
    assert "resync_reconcile_seconds_count" in shown


def test_a_controller_without_data_is_not_ready(slow: Lab) -> None:
    with served_at(monitoring(slow.controller())) as port:
        status, text = ask(port, "GET", "/readyz")

    assert status == 503
    assert "plans" in text


def test_a_client_that_holds_all_connections_does_not_block_health_checks(slow: Lab) -> None:
    with site(slow) as served, ExitStack() as held:
        for _ in range(CONNECTIONS):
            client = socket.create_connection(("127.0.0.1", served.port), timeout=30)
            held.enter_context(client).sendall(b"POST /webhooks/github HTTP/1.1\r\n")
        with pytest.raises(TimeoutError):
            ask(served.port, "POST", "/webhooks/github", seconds=1.0)
        alive = served.get("/healthz")[0]

    assert alive == 200
