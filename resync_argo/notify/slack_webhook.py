"""Posts messages to a Slack channel through an incoming webhook, which needs no bot.

In: a `Message`. Out: one POST to the webhook's address, which is a secret and never shown. A
webhook posts to the channel that was chosen when it was created, and cannot use threads. Source:
docs.slack.dev, "Sending messages using incoming webhooks" and its "Handling errors".
"""

import os
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests

from resync_argo.exchange import AnswerTooLarge, Bounds, OutOfTime, exchange
from resync_argo.http_client import bounded, decimal_seconds
from resync_argo.notify.interface import (
    NO_THREAD,
    Message,
    NotificationDelayed,
    NotificationRefused,
)
from resync_argo.notify.slack import POST, TIMEOUT_SECONDS, blocks_of
from resync_argo.reasons.chat import (
    SLACK_CHANNEL_NOT_FOUND,
    SLACK_CREDENTIALS_REFUSED,
    SLACK_MESSAGE_REFUSED,
    SLACK_REFUSED,
)
from resync_argo.reasons.reason import Reason

_GONE = (SLACK_CREDENTIALS_REFUSED, "make a new webhook, and put its address into the Secret")
_CHANNEL = (SLACK_CHANNEL_NOT_FOUND, "make a webhook for another channel")
_FORBIDDEN = (SLACK_REFUSED, "let an administrator of the workspace allow it")
_MESSAGE = (SLACK_MESSAGE_REFUSED, "simplify the message in the Plan")

ADVICE: Mapping[str, tuple[Reason, str]] = {
    "invalid_token": _GONE,
    "no_active_hooks": _GONE,
    "no_service": _GONE,
    "no_service_id": _GONE,
    "no_team": _GONE,
    "team_disabled": _GONE,
    "channel_is_archived": _CHANNEL,
    "channel_not_found": _CHANNEL,
    "action_prohibited": _FORBIDDEN,
    "posting_to_general_channel_denied": _FORBIDDEN,
    "invalid_payload": _MESSAGE,
    "no_text": _MESSAGE,
}


class SlackWebhook:
    """Posts to one channel; implements `Notifier`."""

    def __init__(self, *, address: str, api_url: str, bounds: Bounds = POST) -> None:
        """Prepare.

        Args:
            address: the webhook's.
            api_url: of Slack's Web API; webhooks are on its host, or on that host's `hooks.`.
            bounds: the limits for one message.

        Raises:
            NotificationRefused: the address is not Slack's.
        """
        if not _is_of_slack(address, api_url):
            message = (
                "The key `webhook` of the Plan's Slack Secret must be the address of an incoming webhook,"
                " such as https://hooks.slack.com/services/…"
            )
            raise NotificationRefused(SLACK_CREDENTIALS_REFUSED, message)
        self._address = address
        self._bounds = bounds

    def post(
        self,
        channel: str,  # noqa: ARG002  the webhook fixes the channel
        message: Message,
        *,
        thread: str | None = None,  # noqa: ARG002  webhooks have no threads
        loud: bool = False,  # noqa: ARG002  all see each message
    ) -> str:
        """See `Notifier`."""
        content: dict[str, Any] = {
            "text": message.text,
            "blocks": [block.to_dict() for block in blocks_of(message)],
            "unfurl_links": False,
            "unfurl_media": False,
        }
        try:
            with exchange(self._bounds), bounded(requests.Session()) as session:
                session.verify = os.environ.get("SSL_CERT_FILE") or True
                answer = session.post(
                    self._address, json=content, timeout=TIMEOUT_SECONDS, allow_redirects=False
                )
                said = answer.text.strip()
        except (OutOfTime, AnswerTooLarge) as error:
            raise NotificationDelayed(f"Slack (webhook): {error}.") from None
        except (requests.RequestException, ValueError) as error:
            # The error's own message contains the address.
            kind = type(error).__name__
            raise NotificationDelayed(f"Slack (webhook): no answer ({kind}).") from None
        if answer.status_code != HTTPStatus.OK or said != "ok":
            raise _refused(answer.status_code, said, answer.headers.get("Retry-After"))
        return NO_THREAD


def _is_of_slack(address: str, api_url: str) -> bool:
    if not re.fullmatch("[!-~]{1,2000}", address):
        return False
    given, api = urlsplit(address), urlsplit(api_url)
    return given.scheme == api.scheme and given.netloc in (api.netloc, f"hooks.{api.netloc}")


def _refused(
    status: int, said: str, retry_after: str | None
) -> NotificationDelayed | NotificationRefused:
    word = said if re.fullmatch(r"[a-z_]{1,60}", said) else f"HTTP {status}"
    busy = {HTTPStatus.OK, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
    if status in busy or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = decimal_seconds(retry_after)
        return NotificationDelayed(f"Slack (webhook): {word}.", retry_after=wait)
    known = ADVICE.get(word, (SLACK_REFUSED, f"see Slack's documentation of {word}"))
    return NotificationRefused(known[0], f"Slack (webhook): {word}: {known[1]}.")
