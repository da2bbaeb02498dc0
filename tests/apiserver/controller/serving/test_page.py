"""The page shows a real API server's objects, to programs and in a real browser, and says what it does not know."""

import json
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import PLANS, SYNCS, TAGS, Resource
from resync_argo.controller.main import Controller, page, pages_of
from resync_argo.controller.serving.page import PageSite
from tests.apiserver.lab import Lab
from tests.apiserver.site import ask, served_at
from tests.cluster.apiserver import ApiServer
from tests.cluster.kubectl import Kubectl
from tests.cluster.waiting import wait_for
from tests.page.browser import Scheme, chromium, screen
from tests.page.samples import Sample, everything, hostile, library_of

pytestmark = pytest.mark.apiserver

PATHS = (
    "/",
    "/plans/{0}/k8s-main",
    "/tags/{0}/kubernetes-1.35.6",
    "/upstreams/{0}/github.com/kubernetes/kubernetes",
)


@dataclass(frozen=True)
class Replica:
    """A controller that only watches a cluster, and its page."""

    lab: Lab
    controller: Controller
    port: int

    def get(self, path: str) -> tuple[int, str]:
        return ask(self.port, "GET", path)

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get("/status.json")[1])
        return found


@pytest.fixture(scope="module")
def replica(kinds: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """A replica, with everything that the page shows on the API server."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    kubectl = Kubectl(kubeconfig=kinds.kubeconfig)
    kubectl.run("create", "namespace", name)
    lab = Lab(
        kubeconfig=kinds.kubeconfig,
        namespace=name,
        folder=tmp_path_factory.mktemp("page"),
        argo_ui_url="https://argo.example.com",
    )
    _make(lab, everything(name, datetime.now(UTC).replace(microsecond=0)))
    controller = lab.controller()
    with served_at(page(controller)) as port:
        assert ask(port, "GET", "/status.json")[0] == 503
        controller.watch()
        wait_for(lambda: not controller.unknown(), deadline_seconds=30, describe="the caches")
        yield Replica(lab, controller, port)
        controller.stop()
    kubectl.run("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as started:
        yield started


def _make(lab: Lab, sample: Sample) -> None:
    kinds: tuple[tuple[Resource, list[dict[str, Any]]], ...] = (
        (PLANS, sample.plans),
        (TAGS, sample.tags),
        (SYNCS, sample.syncs),
    )
    for resource, items in kinds:
        for item in items:
            meta = {key: item["metadata"][key] for key in ("name", "namespace")}
            made = lab.kube.create(resource, item | {"metadata": meta})
            version = made["metadata"]["resourceVersion"]
            key = ObjectKey(meta["namespace"], meta["name"])
            lab.kube.replace_status(resource, key, item["status"], resource_version=version)


def test_a_follower_shows_what_waits_for_whom(replica: Replica) -> None:
    status, text = replica.get("/")
    told = replica.status()

    assert status == 200
    assert "4 things need a person" in text
    assert "Another replica reads the upstreams" in text
    needs = [(it["state"], it["subject"]["version"]) for it in told["needs"]["items"]]
    assert needs == [("Conflict", "1.12.0"), ("Review", "3.5.22"), ("Failed", "1.35.7")]
    run = f"https://argo.example.com/workflows/{replica.lab.namespace}/exporter-1.12.0-4q8sz"
    assert told["needs"]["items"][0]["run"] == run
    assert (told["fresh"]["reads"], told["fresh"]["stale"]) == (False, [])


@pytest.mark.parametrize("path", PATHS)
def test_each_page_is_served(replica: Replica, path: str) -> None:
    assert replica.get(path.format(replica.lab.namespace))[0] == 200


def test_a_change_on_the_api_server_is_shown(replica: Replica) -> None:
    key = ObjectKey(replica.lab.namespace, "etcd-main")
    replica.lab.kube.patch(PLANS, key, {"spec": {"suspend": True, "suspendReason": "CI is down"}})

    wait_for(
        lambda: "CI is down" in replica.get(f"/plans/{key}")[1],
        deadline_seconds=10,
        describe="the page to say why the Plan is suspended",
    )


def test_there_is_no_page_by_default(replica: Replica) -> None:
    assert pages_of(replica.controller) == []

    wanted = replace(replica.lab, page_listen="127.0.0.1:0").controller()
    (server,) = pages_of(wanted)
    try:
        assert ask(server.port, "GET", "/")[0] == 503
    finally:
        server.close()


def test_a_controller_at_work_says_when_it_read_the_upstream(lab: Lab) -> None:
    lab.add_plan()
    with lab.running() as controller, served_at(page(controller)) as port:
        wait_for(lambda: lab.sync("1.0.0"), deadline_seconds=20, describe="the release's turn")
        told = wait_for(
            lambda: _with_work(json.loads(ask(port, "GET", "/status.json")[1])),
            deadline_seconds=10,
            describe="the page to show the run",
        )

    assert told["work"]["items"][0]["subject"]["version"] == "1.0.0"
    assert told["fresh"]["reads"] is True
    assert told["matrices"]["items"][0]["columns"][0]["read"]["ageSeconds"] < 60


def _with_work(told: dict[str, Any]) -> dict[str, Any] | None:
    return told if told["work"]["total"] else None


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [375, 768, 1440])
def test_everybody_can_read_the_page_in_a_browser(
    replica: Replica, browser: Browser, width: int, scheme: Scheme
) -> None:
    is_extreme = (width, scheme) in ((375, "light"), (1440, "dark"))
    with screen(browser, width, scheme) as shown:
        for path in PATHS if is_extreme else PATHS[:1]:
            shown.open(f"http://127.0.0.1:{replica.port}{path.format(replica.lab.namespace)}")
            assert shown.overflow() <= 0, path
            assert shown.violations() == [], path
        assert shown.complaints == []


@pytest.mark.browser
def test_links_lead_from_a_question_to_the_history_of_its_release(
    replica: Replica, browser: Browser
) -> None:
    with screen(browser) as shown:
        shown.open(f"http://127.0.0.1:{replica.port}/")
        shown.page.get_by_text("Filter").click()
        shown.page.get_by_role("textbox", name="Plan").fill("exporter")
        shown.page.get_by_role("button", name="Show").click()
        shown.page.get_by_role("heading", level=3).get_by_role("link", name="1.12.0").click()

        assert shown.page.url.endswith("/node-exporter-1.12.0")
        line = shown.page.get_by_role("region", name="Time line")
        assert line.get_by_role("link", name="A conflict was asked").count() == 1


@pytest.mark.browser
def test_untrusted_text_has_no_effect_in_a_browser(browser: Browser) -> None:
    site = PageSite(library_of(hostile()), list)
    with ExitStack() as stack:
        port = stack.enter_context(served_at(site))
        shown = stack.enter_context(screen(browser, 375))
        for path in ("/", "/plans/ns/p", "/tags/ns/t"):
            shown.open(f"http://127.0.0.1:{port}{path}")
            assert shown.overflow() <= 0, path

    assert shown.complaints == []
    assert {url.split("/")[2] for url in shown.requests} == {f"127.0.0.1:{port}"}
