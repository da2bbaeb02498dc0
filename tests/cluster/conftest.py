"""Fixtures for the tests of the cluster itself."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.cluster.coordinates import Coordinates


class _Greeter(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def host_server(cluster: Coordinates) -> Iterator[str]:
    """The URL, for pods, of a server that runs in this process."""
    with HTTPServer((cluster.host_address, 0), _Greeter) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://{cluster.host_address}:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def local(cluster: Coordinates) -> Path:
    """The state folder of the local cluster; only it can be restarted from here."""
    if cluster.state is None:
        pytest.fail("this test is about the local cluster: leave it out for any other")
    return cluster.state


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `python -m tests.cluster` with arguments."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "tests.cluster", *arguments]
        return subprocess.run(argv, capture_output=True, text=True, check=False)

    return run
