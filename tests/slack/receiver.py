"""The Slack receiver: the Web API methods that we use, answered as Slack's documentation says.

Source: docs.slack.dev, pages of `chat.postMessage`, `chat.update`, `auth.test`, `conversations.list` and
"Rate limits", and of "Sending messages using incoming webhooks". Answers are HTTP 200 with `ok`, but 429 with Retry-After. Messages are kept for
asserts.
"""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MAX_TEXT = 40_000
MAX_BLOCKS = 50
MAX_SECTION = 3_000
MAX_BUTTON = 75
BLOCK_TYPES = {"section", "divider", "header", "context", "actions", "image", "rich_text"}


@dataclass(frozen=True, kw_only=True)
class SlackMessage:
    """A message as it was accepted.

    Attributes:
        thread: the `thread_ts` that was given.
        loud: it is shown in the channel as well as in the thread.
    """

    channel: str
    ts: str
    text: str
    blocks: tuple[dict[str, Any], ...]
    thread: str | None
    loud: bool = False


@dataclass(kw_only=True)
class Workspace:
    """What the receiver knows.

    Attributes:
        channels: name → id.
        joined: names of the channels that the bot is a member of.
        tokens: token → its scopes.
        messages: what was accepted, in order.
        webhooks: path of an incoming webhook → the name of its channel.
        rate_limited: how many requests to answer 429, each with `retry_after` seconds.
        unavailable: how many requests to answer 503.
    """

    channels: dict[str, str] = field(default_factory=lambda: {"chan-1": "C0000000001"})
    joined: set[str] = field(default_factory=lambda: {"chan-1"})
    tokens: dict[str, frozenset[str]] = field(default_factory=dict)
    webhooks: dict[str, str] = field(default_factory=lambda: {"/services/T1/B1/good": "chan-1"})
    messages: list[SlackMessage] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    rate_limited: int = 0
    retry_after: int = 1
    unavailable: int = 0

    def channel_named(self, wanted: str) -> tuple[str, str] | None:
        """Return name and id of a channel given as name, `#name` or id."""
        for name, identity in self.channels.items():
            if wanted.removeprefix("#") == name or wanted == identity:
                return name, identity
        return None


class SlackReceiver:
    """A running receiver; `url` is what slack_sdk's `base_url` takes."""

    def __init__(self, *, listen: str = "127.0.0.1", port: int = 0) -> None:
        """Start it."""
        self.workspace = Workspace(tokens={"xoxb-good": frozenset({"chat:write"})})
        self._server = _Server((listen, port), self.workspace)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address from this machine."""
        return self.url_at("127.0.0.1")

    def url_at(self, host: str) -> str:
        """The address for those who reach this machine by another one."""
        return f"http://{host}:{self.port}/api/"

    @property
    def webhook(self) -> str:
        """The address of an incoming webhook for `chan-1`."""
        return f"http://127.0.0.1:{self.port}/services/T1/B1/good"

    def messages(self, channel: str) -> list[SlackMessage]:
        """Return what was posted to a channel, by name."""
        identity = self.workspace.channels[channel]
        return [message for message in self.workspace.messages if message.channel == identity]

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], workspace: Workspace) -> None:
        super().__init__(address, _Handler)
        self.workspace = workspace
        self.lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        pass

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/services/"):
            self._take_webhook(raw)
            return
        method = urlsplit(self.path).path.removeprefix("/api/")
        with self.server.lock:
            status, answer, headers = self._answer(method, self._arguments(raw))
        body = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815  the base class's name

    def _take_webhook(self, raw: bytes) -> None:
        """Answer as an incoming webhook: a word instead of an object."""
        with self.server.lock:
            status, word = hook(self.server.workspace, self.path, json.loads(raw))
        body = word.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html")
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            self.send_header("Retry-After", str(self.server.workspace.retry_after))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _arguments(self, raw: bytes) -> dict[str, Any]:
        if "json" in self.headers.get("Content-Type", ""):
            parsed: dict[str, Any] = json.loads(raw)
            return parsed
        arguments: dict[str, Any] = dict(parse_qsl(urlsplit(self.path).query + "&" + raw.decode()))
        if "blocks" in arguments:
            arguments["blocks"] = json.loads(arguments["blocks"])
        return arguments

    def _answer(
        self, method: str, arguments: Mapping[str, Any]
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        workspace = self.server.workspace
        workspace.requests.append(method)
        if workspace.rate_limited > 0:
            workspace.rate_limited -= 1
            wait = {"Retry-After": str(workspace.retry_after)}
            return 429, {"ok": False, "error": "ratelimited"}, wait
        if workspace.unavailable > 0:
            workspace.unavailable -= 1
            return 503, {"ok": False, "error": "service_unavailable"}, {}
        scopes = workspace.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if scopes is None:
            return 200, {"ok": False, "error": "invalid_auth"}, {}
        return 200, answer(workspace, method, arguments, scopes), {}


def hook(workspace: Workspace, path: str, content: Mapping[str, Any]) -> tuple[int, str]:
    """Return the status and the word with which an incoming webhook answers ("Handling errors")."""
    if workspace.rate_limited > 0:
        workspace.rate_limited -= 1
        return 429, "rate_limited"
    name = workspace.webhooks.get(path)
    if name is None:
        return 404, "no_service"
    identity = workspace.channels.get(name)
    if identity is None:
        return 404, "channel_not_found"
    if _content_error(content) is not None or set(content) & {"channel", "thread_ts"}:
        return 400, "invalid_payload"
    workspace.messages.append(
        SlackMessage(
            channel=identity,
            ts=f"{time.time():.6f}",
            text=content.get("text") or "",
            blocks=tuple(content.get("blocks") or ()),
            thread=None,
        )
    )
    return 200, "ok"


def answer(
    workspace: Workspace, method: str, arguments: Mapping[str, Any], scopes: frozenset[str]
) -> dict[str, Any]:
    """Return the JSON of one method's answer."""
    if method == "auth.test":
        return {"ok": True, "team": "Tests", "user": "resync", "bot_id": "B1", "team_id": "T1"}
    if method == "conversations.list":
        found = [
            {"id": identity, "name": name, "is_member": name in workspace.joined}
            for name, identity in workspace.channels.items()
        ]
        return {"ok": True, "channels": found, "response_metadata": {"next_cursor": ""}}
    if method not in {"chat.postMessage", "chat.update"}:
        return _refused("unknown_method")
    return _chat(workspace, method, arguments, scopes)


def _chat(
    workspace: Workspace, method: str, arguments: Mapping[str, Any], scopes: frozenset[str]
) -> dict[str, Any]:
    if "chat:write" not in scopes:
        return {**_refused("missing_scope"), "needed": "chat:write", "provided": ",".join(scopes)}
    error = _content_error(arguments)
    if error:
        return _refused(error)
    return (_update if method == "chat.update" else _post)(workspace, arguments)


def _refused(error: str) -> dict[str, Any]:
    return {"ok": False, "error": error}


def _content_error(arguments: Mapping[str, Any]) -> str | None:
    text, blocks = arguments.get("text") or "", arguments.get("blocks") or []
    if not text and not blocks:
        return "no_text"
    if len(text) > MAX_TEXT:
        return "msg_too_long"
    if len(blocks) > MAX_BLOCKS or any(_is_invalid(block) for block in blocks):
        return "invalid_blocks"
    return None


def _is_invalid(block: Mapping[str, Any]) -> bool:
    if block.get("type") not in BLOCK_TYPES:
        return True
    if block["type"] == "section":
        text = (block.get("text") or {}).get("text", "")
        return not 1 <= len(text) <= MAX_SECTION
    return any(
        len(element.get("text", {}).get("text", "")) > MAX_BUTTON
        for element in block.get("elements", [])
        if element.get("type") == "button"
    )


def _post(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    found = workspace.channel_named(str(arguments.get("channel", "")))
    if found is None:
        return _refused("channel_not_found")
    name, identity = found
    if name not in workspace.joined:
        return _refused("not_in_channel")
    message = SlackMessage(
        channel=identity,
        ts=f"{time.time():.6f}",
        text=arguments.get("text") or "",
        blocks=tuple(arguments.get("blocks") or ()),
        thread=arguments.get("thread_ts"),
        loud=str(arguments.get("reply_broadcast")).lower() in ("true", "1"),
    )
    workspace.messages.append(message)
    shown = {"text": message.text, "ts": message.ts, "type": "message", "bot_id": "B1"}
    return {"ok": True, "channel": identity, "ts": message.ts, "message": shown}


def _update(workspace: Workspace, arguments: Mapping[str, Any]) -> dict[str, Any]:
    for index, message in enumerate(workspace.messages):
        if (message.channel, message.ts) == (arguments.get("channel"), arguments.get("ts")):
            blocks = tuple(arguments.get("blocks") or ())
            changed = replace(message, text=arguments.get("text") or "", blocks=blocks)
            workspace.messages[index] = changed
            return {"ok": True, "channel": message.channel, "ts": message.ts, "text": changed.text}
    return _refused("message_not_found")
