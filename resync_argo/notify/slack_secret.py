"""Chooses one of two ways to Slack by a Secret's key: a bot's token, or an incoming webhook's address."""

from collections.abc import Mapping
from pathlib import Path

from resync_argo.notify.interface import NotificationRefused, Notifier
from resync_argo.notify.slack import SlackNotifier
from resync_argo.notify.slack_webhook import SlackWebhook
from resync_argo.reasons.chat import SLACK_CREDENTIALS_MISSING

KEYS = ("token", "webhook")
"""Keys of the Secret; the first that is there counts, since only a bot can keep a release's messages together."""


def notifier_of(secret: Mapping[str, str], *, shown: str, api_url: str) -> Notifier:
    """Return the chat for a Secret.

    Args:
        secret: values by key.
        shown: the Secret's name in errors.
        api_url: of Slack's Web API, with a slash at its end.

    Raises:
        NotificationRefused: it has neither key, or the webhook's address is not Slack's.
    """
    held = {key: value for key in KEYS if (value := secret.get(key, "").strip())}
    if "token" in held:
        return SlackNotifier(token=held["token"], api_url=api_url)
    if "webhook" in held:
        return SlackWebhook(address=held["webhook"], api_url=api_url)
    message = f"{shown} needs the key `token` or `webhook`, for Slack."
    raise NotificationRefused(SLACK_CREDENTIALS_MISSING, message)


def mounted_notifier(folder: Path, *, api_url: str) -> Notifier:
    """Return the chat for a mounted Secret.

    Raises:
        NotificationRefused: see `notifier_of`.
    """
    files = {key: folder / key for key in KEYS}
    held = {key: file.read_text() for key, file in files.items() if file.is_file()}
    return notifier_of(held, shown="The Plan's Slack Secret", api_url=api_url)
