"""The interface of a chat: the `Notifier` protocol, the `Message` it posts, and its errors.

Texts are made by `messages` (pure); `slack` posts them. The controller and the attempt call `post`.
One thread per Tag: the first `post` returns the id of the thread, later ones pass it.
Errors: `NotificationDelayed` (a `Transient`) or `NotificationRefused` (a `Stalled`, its message says what to do).
"""

from dataclasses import dataclass
from typing import Protocol

from resync_argo.errors import ResyncError, Stalled, Transient
from resync_argo.reasons.chat import NOTIFICATION_DELAYED

NO_THREAD = "none"
"""The thread id of a chat without threads."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message, in Slack's mrkdwn with names from outside already escaped.

    Attributes:
        text: the whole in one line: what notifications and screen readers show.
        sections: the paragraphs, each 1 to 3,000 characters, at most 50 in all; () where `text` says it all.
    """

    text: str
    sections: tuple[str, ...] = ()


class Notifier(Protocol):
    """A chat that messages are posted to."""

    def post(
        self, channel: str, message: Message, *, thread: str | None = None, loud: bool = False
    ) -> str:
        """Post to a channel (name, with or without `#`, or id), into a thread if one is given.

        Args:
            channel: where.
            message: what.
            thread: what an earlier post returned.
            loud: show what is said in a thread to the whole channel, too.

        Returns:
            The id of the thread: pass it to keep later messages together; `NO_THREAD` where there are none.

        Raises:
            NotificationDelayed: the chat is away or asks for patience (`retry_after` in seconds).
            NotificationRefused: a person must act; the message says how.
        """


class NotificationError(ResyncError):
    """A message was not posted."""


class NotificationDelayed(NotificationError, Transient):
    """The chat did not answer, failed, or limits the rate."""

    reason = NOTIFICATION_DELAYED


class NotificationRefused(NotificationError, Stalled):
    """The chat declined: credentials, channel, membership, scope or content."""
