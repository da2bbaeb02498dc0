"""Decides whether a branch's newest commit is due, and as which release; pure.

Plans of a namespace that follow the same branch share its Tags, and the shortest interval decides.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from resync_argo.api.tag import Tag
from resync_argo.controller.upstream.upstreams import GitTags
from resync_argo.errors import Stalled
from resync_argo.upstream.branches import Tip
from resync_argo.upstream.schedule import next_time
from resync_argo.upstream.versions import FIRST, Precedence, Version, parse_version, precedence


@dataclass(frozen=True, kw_only=True)
class Due:
    """The releases that a branch provides now.

    Attributes:
        tags: one or none, by name, as if upstream had tagged the commit.
        wait: seconds until its newest commit is due; None: nothing waits.
    """

    tags: GitTags
    wait: float | None = None


NOTHING = Due(tags={})


def find_due(tip: Tip | None, known: Sequence[Tag], every: Iterable[str], now: str) -> Due:
    """Return the commit that is due.

    Args:
        tip: the branch's newest commit; None: there is no such branch.
        known: the branch's Tags.
        every: the interval of each of the Plans.
        now: RFC 3339 in UTC.
    """
    newest = max(known, key=_place, default=None)
    if tip is None or (newest is not None and newest.spec.commit == tip.commit):
        return NOTHING
    if newest is not None and newest.metadata.creation_timestamp is not None:
        last = datetime.fromisoformat(newest.metadata.creation_timestamp)
        times = list(_times(every, last))
        wait = (min(times) - datetime.fromisoformat(now)).total_seconds() if times else 0.0
        if wait > 0:
            return Due(tags={}, wait=wait)
    release = tip.after(tag.version for tag in known).tag
    return Due(tags={release.name: release})


def _times(every: Iterable[str], last: datetime) -> Iterable[datetime]:
    for each in every:
        with suppress(Stalled):  # The Plan's condition reports it, and the Plan does not run.
            yield next_time(each, last)


def _place(tag: Tag) -> Precedence:
    version = parse_version(tag.version)
    return precedence(version) if isinstance(version, Version) else FIRST
