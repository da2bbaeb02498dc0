"""Posts messages to Slack through slack_sdk: the only module that knows it.

In: a `Message`. Out: `chat.postMessage` with Block Kit sections. A refusal becomes one sentence
that says what to do. This module never waits: `NotificationDelayed.retry_after` asks the caller's
queue to. The token is never shown. Source: docs.slack.dev, `chat.postMessage` and "Rate limits".
"""

import os
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.models.blocks import Block, MarkdownTextObject, SectionBlock
from slack_sdk.web import SlackResponse

from resync_argo.exchange import AnswerTooLarge, Bounds, OutOfTime, exchange
from resync_argo.hosts.words import on_one_line
from resync_argo.http_client import bounded, decimal_seconds
from resync_argo.notify.interface import (
    NO_THREAD,
    Message,
    NotificationDelayed,
    NotificationRefused,
)
from resync_argo.reasons.chat import (
    SLACK_CHANNEL_NOT_FOUND,
    SLACK_CREDENTIALS_REFUSED,
    SLACK_MESSAGE_REFUSED,
    SLACK_NOT_IN_CHANNEL,
    SLACK_REFUSED,
    SLACK_SCOPE_MISSING,
)
from resync_argo.reasons.reason import Reason

POST = Bounds(seconds=30, answer_bytes=1 << 20)
"""What posting one message may cost."""

TIMEOUT_SECONDS = 15
"""For each read; the bounds hold as well."""

MAX_WORD = 200
"""Characters of an answer's that people are shown."""

ADVICE: Mapping[str, tuple[Reason, str]] = {
    "invalid_auth": (
        SLACK_CREDENTIALS_REFUSED,
        "put a valid bot token into the Plan's Slack Secret",
    ),
    "not_authed": (SLACK_CREDENTIALS_REFUSED, "put a bot token into the Plan's Slack Secret"),
    "account_inactive": (
        SLACK_CREDENTIALS_REFUSED,
        "the bot was removed: install the Slack app again",
    ),
    "token_revoked": (
        SLACK_CREDENTIALS_REFUSED,
        "the token was revoked: put a new one into the Secret",
    ),
    "token_expired": (
        SLACK_CREDENTIALS_REFUSED,
        "the token expired: put a new one into the Secret",
    ),
    "channel_not_found": (
        SLACK_CHANNEL_NOT_FOUND,
        "check the channel's name or use its id; a private channel must have invited the bot",
    ),
    "is_archived": (
        SLACK_CHANNEL_NOT_FOUND,
        "the channel is archived: name another one in the Plan",
    ),
    "not_in_channel": (SLACK_NOT_IN_CHANNEL, "invite the bot to the channel with /invite"),
    "missing_scope": (
        SLACK_SCOPE_MISSING,
        "add the scope to the Slack app and install it again",
    ),
    "restricted_action": (
        SLACK_REFUSED,
        "the workspace's settings keep the bot from posting: let an administrator allow it",
    ),
    "msg_too_long": (SLACK_MESSAGE_REFUSED, "shorten the message in the Plan"),
    "invalid_blocks": (SLACK_MESSAGE_REFUSED, "simplify the message in the Plan"),
    "no_text": (SLACK_MESSAGE_REFUSED, "give the message in the Plan a text"),
}
PASSING = {
    *("ratelimited", "rate_limited", "service_unavailable", "internal_error", "fatal_error"),
    *("request_timeout", "team_added_to_org"),
}
"""Errors that go away by themselves."""


class SlackNotifier:
    """Posts as a Slack app's bot; implements `Notifier`."""

    def __init__(self, *, token: str, api_url: str, bounds: Bounds = POST) -> None:
        """Prepare.

        Args:
            token: the bot token (`xoxb-…`).
            api_url: the Web API's address, with a slash at its end.
            bounds: the limits for one message.
        """
        self._token = token
        self._api_url = api_url
        self._bounds = bounds

    def post(
        self, channel: str, message: Message, *, thread: str | None = None, loud: bool = False
    ) -> str:
        """See `Notifier`."""
        client = _Client(token=_one_word(self._token), base_url=self._api_url)
        thread = None if thread == NO_THREAD else thread
        try:
            with exchange(self._bounds):
                answer = client.chat_postMessage(
                    channel=channel,
                    text=message.text,
                    blocks=blocks_of(message),
                    thread_ts=thread,
                    reply_broadcast=loud if thread else None,
                    unfurl_links=False,
                    unfurl_media=False,
                )
        except SlackApiError as error:
            raise _refused(error, channel) from error
        except (OutOfTime, AnswerTooLarge) as error:
            raise NotificationDelayed(f"Slack ({channel}): {error}.") from error
        except (SlackClientError, requests.RequestException, ValueError) as error:
            kind = type(error).__name__
            raise NotificationDelayed(f"Slack ({channel}): no answer ({kind}).") from error
        return thread or _thread(answer, channel)


class _Client(WebClient):
    """Slack's client, sent through our own HTTP client."""

    def api_call(self, api_method: str, **named: Any) -> SlackResponse:
        """See `WebClient`; sends JSON with the token, once."""
        url = f"{self.base_url}{api_method}"
        with bounded(requests.Session()) as session:
            session.verify = os.environ.get("SSL_CERT_FILE") or True
            answer = session.post(
                url,
                json=named["json"],
                headers={**self.headers, "Authorization": f"Bearer {self.token}"},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        response = SlackResponse(
            client=self,
            http_verb="POST",
            api_url=url,
            req_args={},
            data=_object(answer),
            headers=dict(answer.headers),
            status_code=answer.status_code,
        )
        response.validate()  # type: ignore[no-untyped-call]  # slack_sdk gives it no types
        return response


def _object(answer: requests.Response) -> dict[str, Any]:
    """Return the answer's JSON object; an empty one for a gateway's error page.

    Raises:
        ValueError: the answer is not from Slack.
    """
    try:
        data = answer.json()
    except ValueError:
        data = None
    if answer.ok and not (isinstance(data, dict) and isinstance(data.get("ok"), bool)):
        raise ValueError("The answer is not a JSON object of Slack's.")
    return data if isinstance(data, dict) else {}


def _thread(answer: SlackResponse, channel: str) -> str:
    """Return the id of the posted message, which begins a thread."""
    name = answer.get("ts")
    if not isinstance(name, str) or not re.fullmatch(r"[0-9.]{1,64}", name):
        raise NotificationDelayed(f"Slack ({channel}): no answer (it does not name the message).")
    return name


def _one_word(token: str) -> str:
    if not re.fullmatch("[!-~]+", token):
        # The HTTP library would quote the whole token in its error.
        raise NotificationRefused(
            SLACK_CREDENTIALS_REFUSED,
            "The key `token` of the Plan's Slack Secret must be one word of ASCII characters.",
        )
    return token


def blocks_of(message: Message) -> list[Block]:
    """Return the paragraphs of a message as Slack's blocks."""
    return [SectionBlock(text=MarkdownTextObject(text=section)) for section in message.sections]


def _refused(error: SlackApiError, channel: str) -> NotificationDelayed | NotificationRefused:
    answer = error.response
    data = answer.data if isinstance(answer.data, dict) else {}
    name = _said(data.get("error")) or f"HTTP {answer.status_code}"
    status = int(answer.status_code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or name in PASSING or _may_pass(status):
        headers = {key.lower(): value for key, value in answer.headers.items()}
        wait = decimal_seconds(headers.get("retry-after"))
        return NotificationDelayed(f"Slack ({channel}): {name}.", retry_after=wait)
    reason, advice = ADVICE.get(name, (SLACK_REFUSED, f"see Slack's documentation of {name}"))
    needed = f" (needed: {_said(data['needed'])})" if data.get("needed") else ""
    return NotificationRefused(reason, f"Slack ({channel}): {name}{needed}: {advice}.")


def _said(word: object) -> str:
    return on_one_line(str(word or ""), limit=MAX_WORD)


def _may_pass(status: int) -> bool:
    return status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT}
