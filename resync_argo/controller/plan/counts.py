"""A Plan's numbers: how many releases are in each state, and which is next; pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from resync_argo.api.plan import NextRelease
from resync_argo.api.sync import Sync
from resync_argo.reasons.plan import UPSTREAM_NOT_READ
from resync_argo.reasons.turn import ALREADY_SYNCED, NEXT
from resync_argo.upstream.graph import Standing
from resync_argo.upstream.versions import FIRST, Precedence, Version, parse_version, precedence

QUEUED = ("Submit", "Wait")
"""The standings of queued releases."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release that a Plan wants: its version, its Sync if it has one, and its standing."""

    version: str
    sync: Sync | None
    standing: Standing

    @property
    def phase(self) -> str | None:
        """Return its state: Pending while it is queued, None if there is nothing to do."""
        if self.sync is not None and self.sync.status.phase is not None:
            return self.sync.status.phase
        return "Pending" if self.standing.action in QUEUED else None


def count(releases: Iterable[Release]) -> Mapping[str, int]:
    """Return the numbers of the Plan's status by name."""
    known = list(releases)
    phases = Counter(release.phase for release in known)
    reviewed = sum(1 for release in known if release.sync and release.sync.is_in_review)
    return {
        "pending": phases["Pending"],
        "running": phases["Running"],
        "waiting": phases["Conflict"] + reviewed,
        "finished": phases["Finished"] - reviewed,
        "failed": phases["Failed"],
    }


def current(syncs: Iterable[Sync]) -> str | None:
    """Return the newest version in the branch, if known."""
    return newest(
        version
        for sync in syncs
        for version in (sync.status.contains, sync.status.version if _is_contained(sync) else None)
        if version
    )


def newest(versions: Iterable[str]) -> str | None:
    """Return the newest of some versions; None without any."""
    parsed = [v for text in versions if isinstance(v := parse_version(text), Version)]
    return str(max(parsed, key=precedence)) if parsed else None


def next_release(
    releases: Iterable[Release], before: NextRelease | None = None
) -> NextRelease | None:
    """Return the oldest queued release, and what it waits for.

    Args:
        releases: those that the Plan wants.
        before: the last report, which is repeated after a start until the upstream has been read.
    """
    queued = [release for release in releases if release.phase == "Pending"]
    first = min(queued, key=_order, default=None)
    if first is None:
        return None
    standing = first.standing
    is_known = before is not None and before.version == first.version
    if is_known and standing.reason == UPSTREAM_NOT_READ:
        return before
    if standing.action == "Submit" and first.sync is not None and first.sync.status.reason:
        # It is due: its own status says what keeps it from starting.
        status = first.sync.status
        return NextRelease(version=first.version, reason=status.reason, message=status.message)
    return NextRelease(
        version=first.version,
        reason=standing.reason or NEXT,
        message=standing.message,
        due_time=standing.due_time,
    )


def _is_contained(sync: Sync) -> bool:
    status = sync.status
    is_there = bool(status.merged) or status.reason == ALREADY_SYNCED
    return status.phase == "Finished" and is_there


def _order(release: Release) -> Precedence:
    version = parse_version(release.version)
    return precedence(version) if isinstance(version, Version) else FIRST
