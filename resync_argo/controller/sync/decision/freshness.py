"""Decides when to refresh an open final pull request on the current branch; pure.

A refresh is one more run of the same sync. Depending on the Plan, it begins when the pull request
no longer merges, or when its base moved. There is at most one for each tip of the branch. It waits
after the last run for as long as the setting says, except for a person's request, and never
overwrites a person's commit.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from resync_argo.controller.forge.view import BaseView
from resync_argo.controller.sync.decision.inputs import Decision, Inputs, Submit
from resync_argo.controller.sync.decision.phases import (
    Finished,
    Freshness,
    Phase,
    Why,
    is_in_review,
    next_tries,
)
from resync_argo.controller.sync.decision.trouble import later
from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.names import HOLD_LABEL
from resync_argo.reasons.attempt import FOREIGN_COMMIT
from resync_argo.reasons.refresh import HELD, REFRESH_DUE, REFRESH_FAILED, STILL_STALE

LOOK_AGAIN_SECONDS = 60.0
"""Seconds until the next try of a refresh that waits for room."""


def needs_base(phase: Phase, inputs: Inputs, final: PullRequest | None) -> bool:
    """Return whether to read the open final pull request's state relative to the branch."""
    is_open = final is not None and final.state is PullRequestState.OPEN
    if final is None or not is_open or not is_in_review(phase):
        return False
    if is_refresh_asked(phase, inputs):
        return True
    is_wanted = inputs.refresh != "Never" or bool(inputs.chosen.changed(phase))
    return is_wanted and held_by(inputs, final) is None


def keep_fresh(phase: Finished, inputs: Inputs, final: PullRequest) -> Decision:
    """Return the phase of a sync with an open final pull request, and whether to refresh it now."""
    is_asked, seen, names = (
        is_refresh_asked(phase, inputs),
        inputs.base,
        inputs.chosen.changed(phase),
    )
    if not is_asked and (hold := held_by(inputs, final)):
        lacks = f" It does not have the new value of {names}." if names else ""
        return Decision(phase=_saying(phase, Why(reason=HELD, message=f"{hold}{lacks}")))
    is_asked = is_asked or bool(names)
    if not is_asked and inputs.refresh == "Never":
        return Decision(phase=_saying(phase, None))
    if seen is None or (not is_asked and _has_failed_here(phase, seen)):
        return Decision(phase=phase)
    cause = _cause(phase, inputs, seen, final)
    if cause is not None:
        return _made_again(phase, inputs, seen, cause)
    # While the forge does not know yet, the earlier answer stays.
    return Decision(phase=phase if seen.merges is None else _saying(phase, None))


def is_refresh_asked(phase: Phase, inputs: Inputs) -> bool:
    """Return whether people's request for a refresh is pending."""
    return inputs.spec.refresh > phase.tries.refresh


def held_by(inputs: Inputs, final: PullRequest) -> str | None:
    """Return why a pull request is not refreshed, as a sentence; None: nobody wants that."""
    if HOLD_LABEL in final.labels:
        return f"{final.url} has the label `{HOLD_LABEL}`."
    return (
        "Somebody asked to hold it: `spec.hold` of the Sync is set." if inputs.spec.hold else None
    )


def put_off(phase: Finished, why: str, *, until: str | None = None) -> Finished:
    """Return a sync whose refresh must wait.

    Args:
        phase: the present phase, with the cause of the refresh.
        why: the reason, as a sentence.
        until: the time of the next try, RFC 3339 in UTC; None: as soon as there is room.
    """
    cause = phase.freshness.why.message if phase.freshness.why else ""
    said = Why(reason=REFRESH_DUE, message=f"{cause} {why}".strip())
    at = until or phase.freshness.next_try
    return replace(phase, freshness=replace(phase.freshness, why=said, next_try=at))


def seconds_to_refresh(phase: Phase, now: str, refresh_seconds: float) -> float | None:
    """Return the seconds until the next look at a waiting refresh; None: none waits."""
    if not isinstance(phase, Finished) or phase.freshness.why is None:
        return None
    waits = phase.freshness.why.reason == REFRESH_DUE or phase.freshness.next_try is not None
    if not waits:
        return None
    due = _due(phase, refresh_seconds)
    wait = datetime.fromisoformat(due) - datetime.fromisoformat(now) if due else timedelta()
    return wait.total_seconds() if wait > timedelta() else LOOK_AGAIN_SECONDS


def _cause(phase: Finished, inputs: Inputs, seen: BaseView, final: PullRequest) -> str | None:
    """Return why to refresh the pull request, as a clause; None: no refresh."""
    if is_refresh_asked(phase, inputs):
        return f"Somebody asked to make {final.url} again"
    if names := inputs.chosen.changed(phase):
        return f"{final.url} does not have the new value of {names}"
    if phase.freshness.next_try is not None:
        # Whatever the reason of this refresh, the last run had a temporary problem.
        return f"{final.url} is still to be made again"
    if seen.merges is False:
        return f"{final.url} does not merge any more"
    is_moved = inputs.refresh == "BaseMoved" and seen.is_behind
    return f"The branch moved on under {final.url}" if is_moved else None


def _made_again(phase: Finished, inputs: Inputs, seen: BaseView, cause: str) -> Decision:
    if seen.foreign is not None:
        message = f"{cause}, but its branch has the commit {seen.foreign[:12]}, which resync-argo did not make: it stays as it is."
        known = Freshness(
            base=phase.freshness.base, why=Why(reason=FOREIGN_COMMIT, message=message)
        )
        heard = replace(phase.tries, refresh=inputs.spec.refresh)
        return Decision(phase=replace(phase, tries=heard, freshness=known))
    begun = _saying(phase, Why(reason=REFRESH_DUE, message=f"{cause}."))
    if is_refresh_asked(phase, inputs) or inputs.chosen.changed(phase):
        return _begun(begun, inputs, seen)
    due, is_repeated = _due(phase, inputs.refresh_seconds), phase.freshness.next_try is not None
    if seen.tip == phase.freshness.base and not is_repeated:
        message = f"{cause}, though it was made again on {seen.tip[:12]}."
        return Decision(phase=_saying(phase, Why(reason=STILL_STALE, message=message)))
    if due is None or due <= inputs.now:
        return _begun(begun, inputs, seen)
    if is_repeated:
        return Decision(phase=phase)  # the phase says when
    message = f"{cause}; it is made again at {due} at the earliest."
    return Decision(phase=_saying(phase, Why(reason=REFRESH_DUE, message=message)))


def _begun(phase: Finished, inputs: Inputs, seen: BaseView) -> Decision:
    standing, tries = inputs.standing, next_tries(phase)
    if not standing.may_refresh:
        return Decision(phase=put_off(phase, standing.message))
    if inputs.chosen.trouble is not None:
        return Decision(phase=put_off(phase, inputs.chosen.trouble.message))
    is_repeated = phase.freshness.next_try is not None
    tries = replace(
        tries, refresh=inputs.spec.refresh, failures=tries.failures if is_repeated else 0
    )
    act = Submit(
        tries=tries,
        force=standing.force,
        values=inputs.chosen.values,
        refreshed=phase.review,
        base=seen.tip,
    )
    return Decision(phase=phase, act=act)


def _has_failed_here(phase: Finished, seen: BaseView) -> bool:
    """Return whether a run for exactly this tip of the branch failed, and would fail again."""
    known = phase.freshness
    is_failed = known.why is not None and known.why.reason in (REFRESH_FAILED, FOREIGN_COMMIT)
    return is_failed and known.next_try is None and known.base == seen.tip


def _due(phase: Finished, refresh_seconds: float) -> str | None:
    """Return when an automatic refresh may begin; None: at once."""
    if phase.freshness.next_try is not None:
        return phase.freshness.next_try
    return later(phase.ended, timedelta(seconds=refresh_seconds)) if phase.ended else None


def _saying(phase: Finished, why: Why | None) -> Finished:
    return replace(phase, freshness=replace(phase.freshness, why=why))
