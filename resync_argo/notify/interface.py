"""The interface of a chat: the `Notifier` protocol, the `Message` it posts, and its errors.

`messages` (pure) writes the texts, and `slack` posts them. The controller and the attempt call
`post`. Each Tag has one thread: the first `post` returns the thread's id, later ones pass it.
Errors: `NotificationDelayed` (a `Transient`) or `NotificationRefused` (a `Stalled`, its message
says what to do).
"""

from dataclasses import dataclass
from typing import Protocol

from resync_argo.errors import ResyncError, Stalled, Transient
from resync_argo.reasons.chat import NOTIFICATION_DELAYED

NO_THREAD = "none"
"""The thread id of a chat without threads."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message, in Slack's mrkdwn; untrusted names are escaped already.

    Attributes:
        text: the message in one line, for notifications and screen readers.
        sections: the paragraphs, at most 50 of 1 to 3,000 characters each; () if `text` says
            everything.
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
            channel: the channel.
            message: the message.
            thread: the id that an earlier post returned.
            loud: show a message in a thread to the whole channel, too.

        Returns:
            The id of the thread, to keep later messages together; `NO_THREAD` if the chat has no
            threads.

        Raises:
            NotificationDelayed: the chat does not answer, or limits the rate (`retry_after` in
                seconds).
            NotificationRefused: a person must act; the message says how.
        """


class NotificationError(ResyncError):
    """A message was not posted."""


class NotificationDelayed(NotificationError, Transient):
    """The chat did not answer, failed, or limits the rate."""

    reason = NOTIFICATION_DELAYED


class NotificationRefused(NotificationError, Stalled):
    """The chat declined: credentials, channel, membership, scope or content."""
