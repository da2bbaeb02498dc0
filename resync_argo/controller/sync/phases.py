"""How a sync entry says where it stands: the few shapes that `advance` gives it; pure."""

from datetime import datetime, timedelta

from resync_argo.api.conditions import shorten
from resync_argo.api.tag import Conflict, Sync
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.inputs import Observation
from resync_argo.forge.interface import PullRequest

MAX_FILES = 50
"""How many files of a conflict an entry names; the pull request shows all."""

LAG = timedelta(minutes=2)
"""How long a forge is given to show what a run did: lists lag seconds behind what was made."""

CHECKING_OUTCOME = "CheckingOutcome"

MAX_NAMED = 3
"""How many of them a sentence names."""


def at_rest(sync: Sync, *, phase: str, reason: str, message: str, seen: Observation) -> Sync:
    """Return the entry at rest; it keeps the time when it came to rest."""
    rested = sync.finish_time if sync.phase == phase else None
    return sync.model_copy(
        update={
            "phase": phase,
            "reason": reason,
            "message": shorten(message),
            "finish_time": rested or seen.now,
        }
    )


def pending(sync: Sync, reason: str, message: str) -> Sync:
    """Return the entry as one that starts, or starts over."""
    return sync.model_copy(
        update={
            "phase": "Pending",
            "reason": reason,
            "message": message,
            "retry": next_retry(sync),
            "workflow": None,
            "attempt": None,
            "finish_time": None,
        }
    )


def next_retry(sync: Sync) -> int:
    """Return the number of the next try: never that of a Workflow which ended or was stopped."""
    return sync.retry + 1 if sync.workflow else sync.retry


def in_conflict(sync: Sync, reason: str, message: str) -> Sync:
    """Return the entry as one that waits for people to resolve a conflict."""
    return sync.model_copy(
        update={"phase": "Conflict", "reason": reason, "message": shorten(message)}
    )


def may_lag(since: str | None, seen: Observation) -> bool:
    """Tell whether the forge may not show yet what was done until then (RFC 3339 in UTC)."""
    if since is None:
        return False
    return datetime.fromisoformat(seen.now) - datetime.fromisoformat(since) < LAG


def unseen(sync: Sync, run: Run, reason: str, message: str, seen: Observation) -> Sync:
    """Return the entry of a run whose outcome the forge does not show: a pod's word alone is not taken.

    For a while it is looked for again; then the sync has failed.
    """
    if may_lag(run.finished_at, seen):
        told = "The Workflow ended well; the forge does not show its outcome yet."
        return sync.model_copy(
            update={"phase": "Running", "reason": CHECKING_OUTCOME, "message": told}
        )
    return at_rest(sync, phase="Failed", reason=reason, message=message, seen=seen)


def conflict_of(found: PullRequest, files: tuple[str, ...]) -> Conflict:
    """Return what people are asked to resolve."""
    return Conflict(pull_request=found.url, number=found.number, files=files[:MAX_FILES])


def named(files: tuple[str, ...]) -> str:
    """Return a phrase that counts the files and names the first of them."""
    shown = ", ".join(files[:MAX_NAMED])
    more = ", …" if len(files) > MAX_NAMED else ""
    noun = "file" if len(files) == 1 else "files"
    return f"{len(files)} {noun} ({shown}{more})"
