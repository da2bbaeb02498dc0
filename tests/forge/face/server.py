"""The face's HTTP server: REST under `/api/v3`, everything else (git, pages) passed through to Gitea.

Under `/_face` tests read the journal and make faults, also from another process:
`GET /_face/journal`, `GET /_face/violations`, `POST /_face/faults` (a `Fault` as JSON), `DELETE /_face` (forget).
"""

import hashlib
import http.client
import json
import logging
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import requests
from requests.exceptions import ChunkedEncodingError

from tests.forge.face import apps, commits, issues, moves, pulls, rate, repositories, webhooks
from tests.forge.face.backend import Gitea, GiteaRefused
from tests.forge.face.completion import github_schemas
from tests.forge.face.routing import Answer, Call, Refusal, Route, dispatch
from tests.forge.face.shapes import Shapes
from tests.forge.face.world import Entry, Fault, World, now
from tests.forge.openapi import Exchange

API = "/api/v3"
OWN = "/_face"
CHUNK = 64 * 1024
HOP_BY_HOP = {"transfer-encoding", "content-length", "connection", "expect", "keep-alive"}
ROUTES: list[Route] = [
    route
    for module in (apps, pulls, issues, commits, webhooks, rate, repositories)
    for route in module.routes.all
]
AWAY = Answer(status=502, body={"message": "Gitea does not answer"})
"""What the face says while Gitea is down, as a gateway would."""

log = logging.getLogger(__name__)

EVERYWHERE = "0.0.0.0"  # noqa: S104 - an address that tests choose, told from others


class FaceServer(ThreadingHTTPServer):
    """The server; `world` is its memory."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], world: World) -> None:
        """Bind, and tell the world where Gitea's hooks can call back."""
        super().__init__(address, Handler)
        self.world = world
        self.schemas = github_schemas()
        host = "127.0.0.1" if address[0] == EVERYWHERE else address[0]
        world.own_address = f"http://{host}:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: FaceServer
    protocol_version = "HTTP/1.1"
    target: SplitResult

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Keep quiet: the journal has it."""

    def handle_any(self) -> None:
        """Send the request to the part that serves its path."""
        self.target = urlsplit(self.path)
        if self.target.path.startswith(f"{API}/"):
            self._rest()
        elif self.target.path == webhooks.RELAY:
            self._relay()
        elif self.target.path.startswith(OWN):
            self._own()
        elif self._has_expired():
            self._write(401, {"WWW-Authenticate": 'Basic realm="GitHub"'}, b"")
        elif (elsewhere := moves.git_path(self.server.world, self.path)) is not None:
            self._write(301, {"Location": f"{self._root}{elsewhere}"}, b"")
        else:
            self._pass_through()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any  # noqa: N815  its names

    def _has_expired(self) -> bool:
        return self.server.world.is_expired(self.headers.get("Authorization", ""))

    @property
    def _query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.target.query).items()}

    @property
    def _root(self) -> str:
        return f"http://{self.headers.get('Host', self.server.world.own_address)}"

    def _shapes(self) -> Shapes:
        world = self.server.world
        return Shapes(
            root=self._root,
            schemas=self.server.schemas,
            apps=world.apps,
            organizations=world.organizations,
        )

    # REST

    def _rest(self) -> None:
        begun = now()
        raw = b"".join(self._body())
        path, world = self.target.path.removeprefix(API), self.server.world
        fault = world.take_fault(self.command, path)
        if self._has_expired():
            fault = Fault(status=401, message="Bad credentials")
        body = json.loads(raw) if raw else None
        if fault:
            headers = {**fault.headers, "X-Face-Fault": "1"}
            said = {"message": fault.message} | ({"errors": fault.errors} if fault.errors else {})
            answer = Answer(status=fault.status, body=said, headers=headers)
        elif (target := moves.redirect(world, path)) is not None:
            query = f"?{self.target.query}" if self.target.query else ""
            answer = moves.answer(self.command, f"{self._root}{API}{target}{query}")
        else:
            answer = self._served(moves.by_name(world, path), body)
        answer, raw_answer = self._conditional(answer)
        exchange = Exchange(
            method=self.command,
            path=moves.by_name(world, path),
            query=tuple(self._query),
            body=body,
            status=answer.status,
            answer=answer.body,
        )
        is_true = fault is None and answer is not AWAY
        check = world.description.check if is_true else world.description.check_request
        entry = Entry(
            at=begun,
            method=self.command,
            path=path,
            status=answer.status,
            conditional="If-None-Match" in self.headers,
            agent=self.headers.get("User-Agent", ""),
            seconds=now() - begun,
            filled=tuple(filter(None, answer.headers.get("X-Face-Filled", "").split(","))),
        )
        # Before it is sent: whoever has the answer finds it in the journal.
        world.record(entry, check(exchange))
        self._write(answer.status, {**_ordinary_headers(), **answer.headers}, raw_answer)

    def _served(self, path: str, body: Any) -> Answer:
        world, shapes = self.server.world, self._shapes()
        authorization = self.headers.get("Authorization", "")
        call = Call(
            method=self.command,
            path=path,
            query=self._query,
            body=body,
            authorization=authorization,
            root=self._root,
            gitea=Gitea(world.gitea_url, authorization),
            shapes=shapes,
            world=world,
        )
        try:
            answer = dispatch(ROUTES, call)
        except Refusal as refusal:
            return Answer(status=refusal.status, body=refusal.body)
        except GiteaRefused as refused:
            translated = _as_github(refused)
            return Answer(status=translated.status, body=translated.body)
        except (requests.ConnectionError, ChunkedEncodingError):
            return AWAY
        except Exception:
            # Answered, so that the caller goes on; undocumented, so that the test fails.
            log.exception("%s %s", self.command, self.path)
            return Answer(status=500, body={"message": "The test forge's face failed; see its log"})
        filled = ",".join(sorted(shapes.completion.filled))
        return Answer(
            status=answer.status,
            body=answer.body,
            headers={**answer.headers, **({"X-Face-Filled": filled} if filled else {})},
        )

    def _conditional(self, answer: Answer) -> tuple[Answer, bytes]:
        """Return the answer, or 304 where the caller has it already, and its bytes."""
        raw = b"" if answer.body is None else json.dumps(answer.body).encode()
        if self.command != "GET" or answer.status != 200:
            return answer, raw
        tag = f'W/"{hashlib.sha256(raw).hexdigest()}"'
        headers = {**answer.headers, "ETag": tag}
        if self.headers.get("If-None-Match") == tag:
            return Answer(status=304, body=None, headers=headers), b""
        return Answer(status=200, body=answer.body, headers=headers), raw

    def _write(self, status: int, headers: dict[str, str], raw: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    # webhooks and tests

    def _relay(self) -> None:
        payload = json.loads(b"".join(self._body()))
        self._write(200, {}, b"")
        webhooks.relay(
            world=self.server.world,
            shapes=self._shapes(),
            query=self._query,
            event=self.headers.get("X-Gitea-Event", ""),
            payload=payload,
        )

    def _own(self) -> None:
        world = self.server.world
        raw = b"".join(self._body())
        answer: Any = None
        match (self.command, self.target.path):
            case ("GET", "/_face/journal"):
                answer = [asdict(entry) for entry in world.journal()]
            case ("GET", "/_face/violations"):
                answer = world.violations()
            case ("POST", "/_face/faults"):
                world.inject(Fault(**json.loads(raw)))
            case ("DELETE", "/_face"):
                world.forget()
            case _:
                self._write(404, {}, b"")
                return
        self._write(200, {"Content-Type": "application/json"}, json.dumps(answer).encode())

    # git

    def _body(self) -> Iterator[bytes]:
        return read_body(self.headers, self.rfile)

    def _pass_through(self) -> None:
        gitea = urlsplit(self.server.world.gitea_url)
        connection = http.client.HTTPConnection(str(gitea.hostname), gitea.port, timeout=300)
        headers = {key: it for key, it in self.headers.items() if key.lower() not in HOP_BY_HOP}
        length = self.headers.get("Content-Length")
        if length:
            headers["Content-Length"] = length
        has_body = self.command in {"POST", "PUT", "PATCH"}
        try:
            connection.request(
                self.command,
                self.path.replace("/pull/", "/pulls/"),
                self._body() if has_body else None,
                headers,
                encode_chunked=has_body and not length,
            )
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException):
            self._write(AWAY.status, {}, b"")
        else:
            self._copy(answer)
        finally:
            connection.close()

    def _copy(self, answer: http.client.HTTPResponse) -> None:
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while piece := answer.read1(CHUNK):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")


def read_body(headers: Message, stream: BufferedIOBase) -> Iterator[bytes]:
    """Yield the pieces of a request's body, chunked or of a known length."""
    if headers.get("Transfer-Encoding", "").lower() == "chunked":
        while size := int(stream.readline().split(b";")[0], 16):
            yield stream.read(size)
            stream.readline()
        stream.readline()
        return
    left = int(headers.get("Content-Length") or 0)
    while left:
        piece = stream.read(min(left, CHUNK))
        if not piece:
            raise ConnectionError("the request ends before its body does")
        left -= len(piece)
        yield piece


def _as_github(refused: GiteaRefused) -> Refusal:
    """Turn Gitea's words into those by which GitHub's clients tell refusals apart."""
    match refused.status:
        case 401:
            return Refusal(401, "Bad credentials")
        case 404:
            return Refusal(404, "Not Found")
        case 403:
            return Refusal(403, "Resource not accessible by personal access token")
        case _:
            return Refusal(refused.status, refused.message)


def _ordinary_headers() -> dict[str, str]:
    return {
        "Content-Type": "application/json; charset=utf-8",
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Request-Id": uuid.uuid4().hex,
        "X-RateLimit-Limit": str(rate.LIMIT),
        "X-RateLimit-Remaining": str(rate.LIMIT - 1),
        "X-RateLimit-Used": "1",
        "X-RateLimit-Reset": str(int(time.time()) + 3600),
        "X-RateLimit-Resource": "core",
    }
