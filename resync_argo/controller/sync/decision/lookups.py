"""Decides which pull requests to read before a sync can be decided; pure.

As few as possible, since each costs a request: one that waits for people, one that an ended run may
have opened, or one that may be left from a lost cluster.
"""

import math
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from resync_argo.api.sync import SyncSpec
from resync_argo.contract import Outcome
from resync_argo.controller.forge.view import Lookups
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.decision.inputs import Inputs
from resync_argo.controller.sync.decision.phases import (
    Failed,
    Finished,
    InConflict,
    Phase,
    Queued,
    Running,
    Skipped,
    run_of,
)
from resync_argo.reasons.attempt import FOREIGN_COMMIT
from resync_argo.reasons.sync import ABANDONED, WORKFLOW_LOST

SLOW_INTERVALS = 20
"""How many intervals between looks at a closed pull request, which may be reopened."""

REOPEN_WITHIN = timedelta(days=7)
"""How long to keep looking at it; webhooks report it without a limit."""


def current_run(runs: list[Run], phase: Phase) -> Run | None:
    """Return the Workflow that counts: the oldest active one, else the one that the Sync names.

    An ended Workflow that the Sync does not name belongs to an earlier try.

    Args:
        runs: the Workflows of this release for this Plan, oldest first.
        phase: where the sync stood.
    """
    active = next((run for run in runs if run.is_active), None)
    if active is not None:
        return active
    named = run_of(phase)
    return next((run for run in runs if named and run.metadata.name == named.workflow), None)


def needed_lookups(phase: Phase, inputs: Inputs) -> Lookups | None:
    """Return the questions for the forge before `decide`; None: none."""
    if not inputs.has_forge:
        return None
    ask = Lookups(plan=inputs.plan, line=inputs.line, after=heard(inputs.spec))
    ask = replace(ask, parameters=inputs.chosen.parameters)
    run = inputs.run
    if run is not None and run.is_active:
        ask = _with_refreshed(ask, phase)
        if run.state == "Suspended":
            return _at_conflict(ask, phase, run)
        return ask if ask.final else None
    match phase:
        case Queued():
            is_due = inputs.standing.action == "Submit" and never_ran(phase)
            # For a branch, the pull request may be that of an earlier commit.
            is_due = is_due and not inputs.is_of_branch
            occasion = f"try {phase.tries.number}"
            return replace(ask, occasion=occasion, final=True) if is_due else None
        case Running() | InConflict():
            return _after_run(ask, run, inputs)
        case Finished() | Failed() | Skipped():
            return _at_rest(ask, phase)
    assert_never(phase)


def _with_refreshed(ask: Lookups, phase: Phase) -> Lookups:
    """During a refresh, also ask for the open pull request, since people may merge it meanwhile."""
    review = phase.review
    if review is None or review.merged or not isinstance(phase, Finished | Running | InConflict):
        return ask
    return replace(ask, final=True, final_number=review.number)


def _at_conflict(ask: Lookups, phase: Phase, run: Run) -> Lookups:
    known = phase.question.number if phase.question else None
    return replace(
        ask,
        occasion=_occasion(run),
        conflict=conflict_key(run),
        conflict_number=known if known not in run.resumed else None,
    )


def _after_run(ask: Lookups, run: Run | None, inputs: Inputs) -> Lookups | None:
    if run is None:
        return None
    ask = replace(ask, occasion=_occasion(run))
    if run.exit_code == Outcome.ALREADY_SYNCED:
        commit = inputs.claim.commit if inputs.claim else None
        return replace(ask, commit=commit) if commit else None
    is_awaited = run.state == "Succeeded" and inputs.opens_pull_request
    return replace(ask, final=True) if is_awaited else None


def _at_rest(ask: Lookups, phase: Finished | Failed | Skipped) -> Lookups | None:
    review = phase.review
    number = review.number if review else None
    if isinstance(phase, Finished) and review is not None and not review.merged:
        return replace(ask, final=True, final_number=number)
    if is_blocked(phase):
        return replace(ask, final=True, final_number=number, is_blocked=True)
    if not isinstance(phase, Skipped) or phase.why.reason != ABANDONED:
        return None
    ask = replace(ask, is_optional=True)
    if review is not None:
        return replace(ask, final=True, final_number=number)
    asked = phase.question.number if phase.question else None
    return replace(ask, conflict_number=asked) if asked is not None else None


def _occasion(run: Run) -> str:
    """Return what distinguishes a question about a Workflow from an earlier one."""
    return f"{run.metadata.name} {run.attempt} {run.state}"


def interval_of(phase: Phase, now: str, poll_seconds: float) -> float:
    """Return the seconds between two looks for these questions; inf: one look is enough.

    Args:
        phase: the current phase.
        now: RFC 3339 in UTC.
        poll_seconds: the interval between looks at an open pull request.
    """
    if not isinstance(phase, Skipped):
        return poll_seconds
    if not phase.ended:
        return math.inf
    age = datetime.fromisoformat(now) - datetime.fromisoformat(phase.ended)
    return poll_seconds * SLOW_INTERVALS if age < REOPEN_WITHIN else math.inf


def is_blocked(phase: Phase) -> bool:
    """Return whether a person's commit on the sync's branch stopped it, until a person comments."""
    return isinstance(phase, Failed) and phase.why.reason == FOREIGN_COMMIT


def never_ran(phase: Queued) -> bool:
    """Return whether a final pull request on the forge would be news, for example after the loss of a cluster."""
    return phase.started is None or phase.why.reason == WORKFLOW_LOST


def conflict_key(run: Run) -> str | None:
    """Return the key of the conflict at which a Workflow is suspended, as `main` reported it."""
    words = run.report.message.split() if run.report else []
    return words[0] if words and all(c in "0123456789abcdef" for c in words[0]) else None


def heard(spec: SyncSpec) -> int:
    """Return the id of the newest executed comment; 0: none."""
    return spec.comment or 0
