"""Selects ended Syncs of a Plan to delete: the oldest releases beyond a limit; pure.

Only releases older than the newest one in the branch qualify: they are superseded, so deleting
their Syncs restarts nothing. A Sync stays while its pull request is open, or branches are left to
delete.
"""

from collections.abc import Sequence

from resync_argo.api.sync import Sync
from resync_argo.reasons import sections as at
from resync_argo.upstream.versions import Version, parse_version, precedence

ENDED = ("Finished", "Failed", "Skipped")


def superfluous(syncs: Sequence[Sync], contained: str | None, keep: int) -> list[Sync]:
    """Return the Syncs to delete.

    Args:
        syncs: those of one Plan.
        contained: the newest version in the branch; None: unknown.
        keep: how many ended ones may stay.
    """
    limit = parse_version(contained or "")
    if not isinstance(limit, Version):
        return []
    dated = [(version, sync) for sync in syncs if (version := _ended(sync)) is not None]
    dated.sort(key=lambda pair: precedence(pair[0]))
    spare = len(dated) - keep
    return [
        sync for version, sync in dated[: max(spare, 0)] if precedence(version) < precedence(limit)
    ]


def _ended(sync: Sync) -> Version | None:
    version = parse_version(sync.status.version)
    is_pending = any(
        c.type == at.CLEANED_UP and c.status == "False" for c in sync.status.conditions
    )
    if sync.status.phase not in ENDED or sync.is_in_review or is_pending:
        return None
    return version if isinstance(version, Version) else None
