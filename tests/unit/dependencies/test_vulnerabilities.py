"""The audit's exit code, with a server that plays OSV's API (https://google.github.io/osv.dev/post-v1-query/)."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.dependencies import vulnerabilities

LOCK = f"bad==1.0 \\\n    --hash=sha256:{'a' * 64}\ngood==2.0 \\\n    --hash=sha256:{'b' * 64}\n"
FOUND = {
    "id": "PYSEC-2026-1",
    "schema_version": "1.6.0",
    "summary": "Anybody reads everything",
    "affected": [
        {
            "package": {"name": "bad", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


class Osv(ThreadingHTTPServer):
    """OSV: knows the vulnerabilities in `known`, or answers everything with the status and text of `broken`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.known: list[dict[str, Any]] = []
        self.broken: tuple[int, str] | None = None
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/query"


class _Handler(BaseHTTPRequestHandler):
    server: Osv

    def do_HEAD(self) -> None:
        self._answer(self.server.broken[0] if self.server.broken else 405, "")

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        name = query["package"]["name"]
        self.server.asked.append((name, query["version"]))
        if self.server.broken:
            self._answer(*self.server.broken)
            return
        hits = [
            each for each in self.server.known if each["affected"][0]["package"]["name"] == name
        ]
        self._answer(200, json.dumps({"vulns": hits} if hits else {}))

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def osv() -> Iterator[Osv]:
    with Osv() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.txt"
    file.write_text(LOCK)
    return file


def audit(url: str, lock: Path) -> subprocess.CompletedProcess[str]:
    program = (sys.executable, "-m", "tests.dependencies.vulnerabilities")
    return subprocess.run(
        [*program, "--url", url, "--lock", lock],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_known_vulnerability_fails_and_is_named(osv: Osv, lock: Path) -> None:
    osv.known = [FOUND]

    done = audit(osv.url, lock)

    assert done.returncode == 1
    assert "PYSEC-2026-1" in done.stdout
    assert sorted(osv.asked) == [("bad", "1.0"), ("good", "2.0")]


def test_packages_without_one_pass(osv: Osv, lock: Path) -> None:
    done = audit(osv.url, lock)

    assert done.returncode == 0
    assert len(osv.asked) == 2


def test_one_that_is_ignored_with_a_reason_passes(
    osv: Osv, lock: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    osv.known = [FOUND]
    monkeypatch.setitem(vulnerabilities.IGNORED, "PYSEC-2026-1", "we do not call it")

    assert vulnerabilities.audit(osv.url, lock) == 0


def test_without_a_network_it_passes_and_says_that_nothing_was_asked(lock: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1/query"
        done = audit(url, lock)

    assert done.returncode == 0
    said = f"vulnerabilities: NOT ASKED about 2 packages, {url} cannot be reached\n"
    assert done.stdout == said


def test_a_service_that_is_down_counts_as_none(osv: Osv, lock: Path) -> None:
    osv.broken = (503, "")

    done = audit(osv.url, lock)

    assert done.returncode == 0
    assert "NOT ASKED" in done.stdout


@pytest.mark.parametrize("broken", [(200, "no JSON"), (400, "{}")])
def test_an_invalid_answer_fails(osv: Osv, lock: Path, broken: tuple[int, str]) -> None:
    osv.broken = broken

    assert audit(osv.url, lock).returncode != 0
