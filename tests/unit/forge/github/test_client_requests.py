"""Requests to GitHub are counted, and its remaining quota is remembered."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from resync_argo.api.plan import RepositoryName
from resync_argo.forge.credentials import Token
from resync_argo.forge.github.forge import GitHubForge
from resync_argo.settings import HostSettings


class Limited(http.server.BaseHTTPRequestHandler):
    """A forge that says how many requests are left."""

    def do_GET(self) -> None:
        body = json.dumps([]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-RateLimit-Limit", "5000")
        self.send_header("X-RateLimit-Remaining", "4321")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def limited_forge() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Limited) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_requests_are_counted_and_the_last_reported_quota_is_kept() -> None:
    with (
        limited_forge() as url,
        GitHubForge(
            RepositoryName.of("forge.test/down/project"),
            credentials=Token(value="token-of-a-test"),
            hosts={"forge.test": HostSettings(api_url=url)},
        ) as forge,
    ):
        before = forge.requests, forge.quota_left
        forge.find_pull_request("a")
        forge.find_pull_request("b")
        after = forge.requests, forge.quota_left

    assert before == (0, None)
    assert after == (2, 4321)
