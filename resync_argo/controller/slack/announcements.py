"""Which message is due in a sync's Slack thread: decided from where it stands and what was said; pure.

Each message has a kind and an identity, such as `conflict:12`, and is due while its state lasts and
that identity was not the last one told of its kind. So nothing is said twice, also after a restart or
a second leader, a failure that repeats is posted once, and what is out of date by the time that
Slack answers again is left out.
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
"""How long after its end a sync may still begin a thread: a channel that is named later, or a
controller that is new, does not tell old stories."""

_OPENING = ("asked", "started", "conflict", "failed", "opened")
"""Kinds that may begin a thread; the others say how one goes on."""

_LOUD = ("asked", "conflict", "failed")
"""Kinds that ask people to do something: the channel sees them, too."""

_ENDS = ("failed", "ended")


@dataclass(frozen=True, kw_only=True)
class Announcement:
    """A message that is due.

    Attributes:
        kind: one word; `identity` tells it from others of its kind.
        write: makes the message, of the sync and the end of the failed step's log.
    """

    kind: str
    identity: str
    write: Callable[[messages.Sync, Sequence[str]], Message]

    @property
    def loud(self) -> bool:
        """Return whether those who do not follow the thread have to see it, too."""
        return self.kind in _LOUD

    @property
    def opens(self) -> bool:
        """Return whether a thread may begin with it."""
        return self.kind in _OPENING

    def __str__(self) -> str:
        """Return how it is remembered."""
        return f"{self.kind}:{self.identity}"


def due(sync: SyncStatus, now: str, *, is_owed: bool = False) -> Announcement | None:
    """Return what has to be said of a sync now; None where everything was said.

    Args:
        sync: where it stands, and in `thread` what was posted.
        now: RFC 3339 in UTC.
        is_owed: something was due before and could not be said: it is, however old it is by now.
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
    """Return what was posted, with what was just posted in place of the last of its kind.

    An end, good or bad, is news again once something else was said after it.
    """
    over = (said.kind, *_ENDS)
    return (*(one for one in told if one.partition(":")[0] not in over), str(said))


def _occasion(sync: SyncStatus) -> Announcement | None:
    """Return what there is to say about where a sync stands, whether it was said or not."""
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
    """Say that it began, or that it goes on after a resolution."""
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
    """Say that it waits for a value which only a person can set, if it does."""
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
    # Times, sizes and addresses differ from try to try; the failure is the same.
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
