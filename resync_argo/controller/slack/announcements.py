"""Decides which message is due in a sync's Slack thread, from its state and earlier messages; pure.

Each message has a kind and an identity, such as `conflict:12`, and is due while its state lasts,
unless the last message of its kind had the same identity. So no message is repeated, even after a
restart or with a second leader, and a repeated failure is posted once. A message that is out of
date by the time Slack answers is left out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from resync_argo.api.sync import SyncStatus
from resync_argo.names import short_hash
from resync_argo.notify import messages
from resync_argo.notify.interface import Message
from resync_argo.reasons.parameters import INVALID_VALUE, VALUE_MISSING
from resync_argo.reasons.sync import RESOLVED, WAITING_FOR_RESOLUTION

NEWS = timedelta(hours=1)
"""How long after its end a sync may still start a thread: a new channel, or a new controller, does
not bring up old syncs."""

_OPENING = ("asked", "started", "conflict", "failed", "opened")
"""Kinds that may start a thread; the others continue one."""

_LOUD = ("asked", "conflict", "failed")
"""Kinds that ask people to do something; they also appear in the channel."""

_ENDS = ("failed", "ended")


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """A message that is due.

    Attributes:
        kind: one word; `identity` distinguishes it from others of its kind.
        write: creates the message from the sync and the end of the failed step's log.
    """

    kind: str
    identity: str
    write: Callable[[messages.Sync, Sequence[str]], Message]

    @property
    def loud(self) -> bool:
        """Return whether the whole channel should see it, too."""
        return self.kind in _LOUD

    @property
    def opens(self) -> bool:
        """Return whether it may start a thread."""
        return self.kind in _OPENING

    def __str__(self) -> str:
        """Return its record in the status."""
        return f"{self.kind}:{self.identity}"


def due(sync: SyncStatus, now: str, *, is_owed: bool = False) -> Announcement | None:
    """Return the due message about a sync; None without one.

    Args:
        sync: its state, and in `thread` the earlier messages.
        now: RFC 3339 in UTC.
        is_owed: an earlier message could not be posted, so it stays due, however old.
    """
    found = _occasion(sync)
    told = sync.thread.told if sync.thread else ()
    if found is None or str(found) in told:
        return None
    has_thread = sync.thread is not None and sync.thread.id is not None
    if not has_thread and not (found.opens and (is_owed or _is_news(sync, now))):
        return None
    return found


def remember(told: Sequence[str], said: Announcement) -> tuple[str, ...]:
    """Return the record with a new message in place of the last of its kind.

    After any other message, the same end, good or bad, is news again.
    """
    over = (said.kind, *_ENDS)
    return (*(one for one in told if one.partition(":")[0] not in over), str(said))


def _occasion(sync: SyncStatus) -> Announcement | None:
    """Return the message for a sync's state, whether it was posted or not."""
    match sync.phase:
        case "Running":
            return _running(sync)
        case "Conflict":
            return _resolved(sync) if sync.reason == RESOLVED else _conflict(sync)
        case "Failed":
            return _failed(sync)
        case "Finished" if sync.number is not None:
            return _merged(sync) if sync.merged else _opened(sync)
        case "Finished" | "Skipped":
            return _ended(sync)
        case "Pending" | None:
            return _asked(sync)


def _running(sync: SyncStatus) -> Announcement | None:
    """Announce that it began, or that it continues after a resolution."""
    if sync.thread is None or sync.thread.id is None:
        return Announcement(
            kind="started",
            identity=sync.workflow or "",
            write=lambda about, _lines: messages.started(about),
        )
    goes_on = sync.conflict and (sync.attempt or 0) > 1
    told = goes_on and f"conflict:{_number(sync)}" in sync.thread.told
    return _resolved(sync) if told else None


def _asked(sync: SyncStatus) -> Announcement | None:
    """Announce that it waits for a value that only a person can set, if so."""
    if sync.reason not in (INVALID_VALUE, VALUE_MISSING):
        return None
    return Announcement(
        kind="asked",
        identity=short_hash(sync.reason, sync.message),
        write=lambda about, _lines: messages.asked(about, message=sync.message),
    )


def _conflict(sync: SyncStatus) -> Announcement | None:
    if sync.conflict is None or sync.reason != WAITING_FOR_RESOLUTION:
        return None
    asked, again = sync.conflict, (sync.attempt or 0) > 1
    return Announcement(
        kind="conflict",
        identity=_number(sync),
        write=lambda about, _lines: messages.conflict(
            about, files=asked.files, pull_request=asked.pull_request, again=again
        ),
    )


def _resolved(sync: SyncStatus) -> Announcement | None:
    if sync.conflict is None:
        return None
    address = sync.conflict.pull_request
    return Announcement(
        kind="resolved",
        identity=_number(sync),
        write=lambda about, _lines: messages.resolved(about, pull_request=address),
    )


def _failed(sync: SyncStatus) -> Announcement:
    # Times, sizes and addresses differ between tries; the failure is the same.
    same = re.sub(r"\d+", "0", sync.message)
    return Announcement(
        kind="failed",
        identity=short_hash(sync.reason, same),
        write=lambda about, lines: messages.failed(
            about, reason=sync.message or sync.reason, last_lines=lines
        ),
    )


def _opened(sync: SyncStatus) -> Announcement:
    address = sync.pull_request or ""
    return Announcement(
        kind="opened",
        identity=str(sync.number),
        write=lambda about, _lines: messages.pull_request_opened(
            about, pull_request=address, title=f"pull request {sync.number}"
        ),
    )


def _merged(sync: SyncStatus) -> Announcement:
    address = sync.pull_request or ""
    return Announcement(
        kind="merged",
        identity=str(sync.number),
        write=lambda about, _lines: messages.merged(about, pull_request=address),
    )


def _ended(sync: SyncStatus) -> Announcement:
    return Announcement(
        kind="ended",
        identity=sync.reason,
        write=lambda about, _lines: messages.ended(about, reason=sync.message or sync.reason),
    )


def _number(sync: SyncStatus) -> str:
    return str(sync.conflict.number) if sync.conflict else ""


def _is_news(sync: SyncStatus, now: str) -> bool:
    if sync.finish_time is None:
        return True
    return datetime.fromisoformat(now) - datetime.fromisoformat(sync.finish_time) < NEWS
