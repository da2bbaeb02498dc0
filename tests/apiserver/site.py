"""A controller with its servers, as GitHub and the cluster reach it."""

import hashlib
import hmac
import http.client
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from resync_argo.controller.main import Controller, monitoring, webhooks
from resync_argo.controller.serving.web import Server, Wsgi
from resync_argo.controller.serving.webhooks import COMMON_PATH
from tests.apiserver.lab import Lab

KEY = "key-of-a-test"


@dataclass(frozen=True)
class Site:
    """The servers for GitHub and the cluster."""

    port: int
    monitoring_port: int
    controller: Controller

    def get(self, path: str) -> tuple[int, str]:
        """Get a page of the monitoring."""
        return ask(self.monitoring_port, "GET", path)

    def deliver(
        self,
        payload: dict[str, Any],
        *,
        key: str = KEY,
        event: str = "pull_request",
        path: str = COMMON_PATH,
    ) -> tuple[int, str]:
        """Deliver a payload as GitHub does."""
        return self.send(json.dumps(payload).encode(), key=key, event=event, path=path)

    def send(
        self, body: bytes, *, key: str = KEY, event: str, path: str = COMMON_PATH
    ) -> tuple[int, str]:
        """Deliver a body as GitHub signs it."""
        signature = "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": signature, "X-GitHub-Event": event}
        return ask(self.port, "POST", path, body, headers)


def ask(
    port: int,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    *,
    seconds: float = 10.0,
) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)) as connection:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@contextmanager
def served_at(application: Wsgi) -> Iterator[int]:
    """Serve an application at a free port, which is yielded."""
    server = Server(application, "127.0.0.1:0")
    try:
        yield server.port
    finally:
        server.close()


@contextmanager
def site(lab: Lab) -> Iterator[Site]:
    """Run a controller with its servers."""
    with (
        lab.running() as controller,
        served_at(webhooks(controller)) as port,
        served_at(monitoring(controller)) as monitoring_port,
    ):
        yield Site(port, monitoring_port, controller)


@pytest.fixture
def slow(lab: Lab) -> Lab:
    """A lab that polls once an hour, so that only webhooks can be quick."""
    lab.poll_seconds = 3600.0
    lab.kubectl.run("delete", "secret", "github")
    lab.add_secret(token="token-of-a-test", webhookSecret=KEY)
    lab.add_plan()
    return lab
