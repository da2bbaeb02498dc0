"""An informer copes with proxies and servers that break watches."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from kubernetes import client

from resync_argo.api.meta import Json
from resync_argo.api.plan import Plan
from resync_argo.controller.kube.api import PLANS, Kube
from resync_argo.controller.kube.cache import Cache
from resync_argo.controller.kube.informer import Informer
from resync_argo.controller.state.objects import keep_plan
from tests.cluster.waiting import wait_for


class EndsWatches(BaseHTTPRequestHandler):
    """Answers a list, and ends every watch as soon as it is open, with `status` and `said`."""

    watched: list[float]
    status = 200
    said: tuple[Json, ...] = ()

    def do_GET(self) -> None:
        if "watch" not in parse_qs(urlsplit(self.path).query):
            self._answer(200, json.dumps({"metadata": {"resourceVersion": "1"}, "items": []}))
            return
        self.watched.append(time.monotonic())
        self._answer(self.status, "".join(json.dumps(line) + "\n" for line in self.said))

    def _answer(self, status: int, body: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


def seconds_for(number: int, handler: type[EndsWatches]) -> float:
    """Return how long an informer took to open so many watches."""
    handler.watched = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    configuration = client.Configuration()
    configuration.host = f"http://127.0.0.1:{server.server_address[1]}"
    cache: Cache[Plan] = Cache()
    informer = Informer(Kube(configuration), PLANS, cache, keep_plan)
    informer.start()
    described = f"{number} watches"
    wait_for(lambda: len(handler.watched) >= number, deadline_seconds=20, describe=described)
    informer.stop()
    server.shutdown()
    server.server_close()
    return handler.watched[number - 1] - handler.watched[0]


def test_watches_that_end_at_once_are_reopened_after_a_wait() -> None:
    assert seconds_for(4, EndsWatches) > 1.0


class BringsNoJson(EndsWatches):
    """Sends an event, and then what a broken connection or a proxy might send."""

    rubbish: bytes
    versions: list[str]

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        if "watch" not in query:
            super().do_GET()
            return
        self.watched.append(time.monotonic())
        self.versions.append(query["resourceVersion"][0])
        self._answer(200, json.dumps(BOOKMARK) + "\n")
        self.wfile.write(self.rubbish)


@pytest.mark.parametrize("rubbish", [b"\xffhalf an obj\n", b"<html>\n"])
def test_a_watch_with_invalid_json_continues_where_it_was(
    rubbish: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    BringsNoJson.rubbish, BringsNoJson.versions = rubbish, []

    seconds_for(3, BringsNoJson)

    assert BringsNoJson.versions[:3] == ["1", "2", "2"], "nothing is listed again"
    assert "the watch brought no JSON" in caplog.text
    assert "Traceback" not in caplog.text


GONE = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "message": "too old"}}
BOOKMARK = {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "2"}}}


class IsGone(EndsWatches):
    """Answers every watch by saying that the resource version is too old."""

    status = 410


class SaysGone(EndsWatches):
    """Says so as an event of the watch."""

    said = (GONE,)


class SaysGoneAfterAWhile(EndsWatches):
    """Says so after another event of the watch."""

    said = (BOOKMARK, GONE)


@pytest.mark.parametrize("handler", [IsGone, SaysGone])
def test_a_server_that_expires_every_version_is_listed_with_growing_waits(
    handler: type[EndsWatches],
) -> None:
    assert seconds_for(4, handler) > 1.0


def test_a_server_that_expires_versions_after_events_is_listed_rarely() -> None:
    assert seconds_for(6, SaysGoneAfterAWhile) > 0.7
