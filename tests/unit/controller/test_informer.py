"""Following a kind of object where something between us and the API server does not let watches be."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from kubernetes import client

from resync_argo.api.plan import Plan
from resync_argo.controller.kube.api import PLANS, Kube
from resync_argo.controller.kube.cache import Cache
from resync_argo.controller.kube.informer import Informer
from resync_argo.controller.state.objects import keep_plan
from tests.cluster.waiting import wait_for


class EndsWatches(BaseHTTPRequestHandler):
    """Answers a list, and ends every watch as soon as it is open."""

    watched: list[float]

    def do_GET(self) -> None:
        is_watch = "watch" in parse_qs(urlsplit(self.path).query)
        if is_watch:
            self.watched.append(time.monotonic())
        body = b"" if is_watch else json.dumps({"metadata": {"resourceVersion": "1"}, "items": []})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode() if isinstance(body, str) else body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


def test_watches_that_end_at_once_are_opened_again_with_a_wait() -> None:
    EndsWatches.watched = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), EndsWatches)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    configuration = client.Configuration()
    configuration.host = f"http://127.0.0.1:{server.server_address[1]}"
    cache: Cache[Plan] = Cache()
    informer = Informer(Kube(configuration), PLANS, cache, keep_plan)
    informer.start()
    wait_for(lambda: len(EndsWatches.watched) > 3, deadline_seconds=20, describe="four watches")
    informer.stop()
    server.shutdown()
    server.server_close()

    assert EndsWatches.watched[3] - EndsWatches.watched[0] > 1.0
