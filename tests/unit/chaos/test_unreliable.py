"""Each bad answer looks to a client as its name says, and the forge did what the answer claims."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from tests.chaos import unreliable
from tests.chaos.unreliable import BAD_FOR_API, GOOD, Unreliable

BODY = b'{"answer": "of the forge"}'

SEEN: dict[str, int | type[Exception]] = {
    "429": 429,
    "403 secondary limit": 403,
    "502": 502,
    "503": 503,
    "504, though done": 504,
    "HTML with 200": 200,
    "half a body": requests.exceptions.ChunkedEncodingError,
    "reset": requests.ConnectionError,
    "reset, though done": requests.ConnectionError,
    "slow loris": requests.exceptions.ChunkedEncodingError,
}
DONE = {GOOD, "504, though done", "half a body", "reset, though done", "slow loris"}


class _Forge(BaseHTTPRequestHandler):
    done = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).done += 1
        self.send_response(201)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Say nothing."""


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Unreliable]:
    monkeypatch.setattr(unreliable, "TRICKLE_SECONDS", 0.2)
    monkeypatch.setattr(_Forge, "done", 0)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Forge) as forge:
        threading.Thread(target=forge.serve_forever, daemon=True).start()
        made = Unreliable(listen="127.0.0.1", target=("127.0.0.1", forge.server_port), seed=1)
        yield made
        made.stop()
        forge.shutdown()


def asked(proxy: Unreliable) -> requests.Response:
    with requests.Session() as session:
        return session.post(f"{proxy.url}/api/v3/x", data=b"hello", timeout=10)


def test_a_good_answer_is_passed_on(proxy: Unreliable) -> None:
    answer = asked(proxy)

    assert (answer.status_code, answer.content) == (201, BODY)
    assert proxy.answers == {GOOD: 1}


@pytest.mark.parametrize("kind", sorted(BAD_FOR_API))
def test_a_bad_answer_is_as_its_name_says(proxy: Unreliable, kind: str) -> None:
    proxy.script.append(kind)
    expected = SEEN[kind]

    if isinstance(expected, int):
        assert asked(proxy).status_code == expected
    else:
        with pytest.raises(expected):
            asked(proxy)
    assert _Forge.done == (kind in DONE)


def test_while_the_network_is_cut_nothing_answers(proxy: Unreliable) -> None:
    with proxy.cut(), pytest.raises(requests.ConnectionError):
        asked(proxy)

    assert asked(proxy).status_code == 201


def test_a_storm_ends(proxy: Unreliable) -> None:
    with proxy.storm(), proxy.storm():
        during = proxy.odds

    assert (during, proxy.odds) == (unreliable.STORM, 0)
