"""Which pull requests have to be looked at before a sync can be decided; pure.

As few as possible, since each costs a request: one that waits for people, one that may have come
from a run that ended, one that may be there from before a lost cluster. Called by `tag`.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from resync_argo.api.tag import Sync
from resync_argo.contract import Outcome
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.inputs import Observation

ABANDONED = "Abandoned"
FOREIGN_COMMIT = "ForeignCommit"
WORKFLOW_LOST = "WorkflowLost"

SLOW_INTERVALS = 20
"""How many intervals pass between two looks at a closed pull request, which may be reopened."""

REOPEN_WITHIN = timedelta(days=7)
"""For how long it is looked at, now and then; webhooks tell it without end."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which pull requests `advance` has to know about.

    Attributes:
        final: look for the final pull request, by `final_number` if known, else by its branch.
        conflict: key of the conflict whose pull request is to be found.
        conflict_number: the number of a conflict's pull request that is known.
        claim: ask whether the branch contains the release that the Workflow says it does.
        intervals: how many may pass between two looks, see `intervals_for`.
    """

    final: bool = False
    final_number: int | None = None
    conflict: str | None = None
    conflict_number: int | None = None
    claim: bool = False
    intervals: float = 1


def current_run(runs: list[Run], sync: Sync | None) -> Run | None:
    """Return the Workflow that counts: the oldest active one, else the one that the entry names.

    One that ended and that the entry does not name belongs to an earlier try.

    Args:
        runs: the Workflows of this Tag for this Plan, oldest first.
        sync: the entry as it was.
    """
    active = next((run for run in runs if run.is_active), None)
    if active is not None:
        return active
    name = sync.workflow if sync else None
    return next((run for run in runs if run.metadata.name == name), None)


def wanted(sync: Sync | None, seen: Observation) -> Wanted:
    """Say which pull requests have to be looked at before `advance`."""
    run = seen.run
    if run is not None and run.state == "Suspended":
        known = sync.conflict.number if sync and sync.conflict else None
        return Wanted(conflict=conflict_key(run), conflict_number=known)
    if run is not None and run.is_active:
        return Wanted()
    if sync is None or sync.phase == "Pending":
        return Wanted(final=seen.standing.action == "Submit" and never_ran(sync))
    return _wanted_after(sync, seen)


def _wanted_after(sync: Sync, seen: Observation) -> Wanted:
    if is_blocked(sync):
        return Wanted(final=True, final_number=sync.number)
    if sync.phase == "Skipped" and sync.reason == ABANDONED:
        number = sync.conflict.number if sync.conflict and sync.number is None else None
        return Wanted(
            final=sync.number is not None,
            final_number=sync.number,
            conflict_number=number,
            intervals=intervals_for(sync, seen.now),
        )
    if sync.phase == "Finished" and sync.number is not None and not sync.merged:
        return Wanted(final=True, final_number=sync.number)
    if seen.run is None or sync.phase not in ("Running", "Conflict"):
        return Wanted()
    if seen.run.exit_code == Outcome.ALREADY_SYNCED:
        return Wanted(claim=not seen.proven)
    return Wanted(final=seen.run.state == "Succeeded" and seen.opens_pull_request)


def intervals_for(sync: Sync, now: str) -> float:
    """Return how many intervals may pass between two looks at what may be reopened; inf: no end."""
    if sync.finish_time is None:
        return math.inf
    age = datetime.fromisoformat(now) - datetime.fromisoformat(sync.finish_time)
    return SLOW_INTERVALS if age < REOPEN_WITHIN else math.inf


def is_blocked(sync: Sync) -> bool:
    """Tell whether a person's commit on the sync's branch stopped it, until that person says more."""
    return sync.phase == "Failed" and sync.reason == FOREIGN_COMMIT


def conflict_key(run: Run) -> str | None:
    """Return the key of the conflict at which a Workflow is suspended, as `main` reported it."""
    words = run.report.message.split() if run.report else []
    return words[0] if words and all(c in "0123456789abcdef" for c in words[0]) else None


def never_ran(sync: Sync | None) -> bool:
    """Tell whether a final pull request on the forge would be news: after a lost cluster or run."""
    return sync is None or sync.start_time is None or sync.reason == WORKFLOW_LOST
