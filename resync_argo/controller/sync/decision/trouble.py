"""Handles a failed run, by the kind of its reason; pure.

After a temporary problem, the sync is Pending without a pod, and is retried with growing waits for
as long as it takes. After a bug in this program, it is first retried in the same way; then it is
Failed, is retried slowly, and does not block newer releases. If a person must act, it is Failed
until the Plan, its Secrets or the forge's permissions change.
"""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from resync_argo.controller.state.workflow import Run as Workflow
from resync_argo.controller.sync.decision.inputs import Decision, Inputs, Stop
from resync_argo.controller.sync.decision.phases import (
    Failed,
    Phase,
    Queued,
    UnderWay,
    Why,
    fail,
    freshness_of,
    queue_again,
)
from resync_argo.reasons.catalogue import ACCESS_REASONS, kind_of
from resync_argo.reasons.reason import Kind
from resync_argo.reasons.sync import ACCESS_GRANTED, POD_LOST, SECRET_CHANGED, TRIED_AGAIN

LONGEST_BACK_OFF = 30
"""The longest wait between two tries, in multiples of the first, unless the other side asks for more."""

REFUSED_WAIT = timedelta(minutes=5)
"""Seconds until a Workflow that the API server refused is submitted again."""

BUG_TRIES = 3
"""How many tries in a row may end with a bug of the program before the sync is Failed."""

BUG_WAIT = timedelta(hours=6)
"""Seconds between tries after that."""


def end_badly(phase: UnderWay, why: Why, inputs: Inputs, *, least_wait: float = 0.0) -> Phase:
    """Return a sync after a failed run.

    Args:
        phase: the previous phase.
        why: how the run ended.
        inputs: the present facts.
        least_wait: the least wait in seconds that the other side asked for.
    """
    kind, failures = kind_of(why.reason), phase.tries.failures + 1
    counted = replace(phase, tries=replace(phase.tries, failures=failures))
    if kind is Kind.PASSING or (kind is Kind.OURS and failures < BUG_TRIES):
        wait = max(_back_off(counted, inputs.retry_seconds), timedelta(seconds=least_wait))
        return queue_later(counted, why, later(inputs.now, wait))
    if kind is Kind.OURS:
        at = later(inputs.now, max(BUG_WAIT, timedelta(seconds=least_wait)))
        return replace(fail(counted, _with_time(why, at), inputs.now), next_try=at)
    secrets = inputs.secrets if why.reason in ACCESS_REASONS else ""
    return fail(phase, why, inputs.now, secrets=secrets)


def lose_pod(phase: UnderWay, run: Workflow, inputs: Inputs) -> Decision:
    """Return a sync whose pod is gone while its Workflow continues: the Workflow is stopped."""
    why = Why(reason=POD_LOST, message=f"Pod {run.pod} is gone, and Argo still waits for it.")
    stop = Stop(run=run, reason=why.reason, message=why.message)
    return Decision(phase=end_badly(phase, why, inputs), act=stop)


def queue_later(phase: Phase, why: Why, at: str) -> Queued:
    """Return the sync as queued for a retry at a time (RFC 3339 in UTC), not before."""
    return replace(queue_again(phase, _with_time(why, at)), next_try=at)


def seconds_to_next_try(phase: Phase, now: str) -> float | None:
    """Return the seconds until a sync is retried automatically; None: not by time alone."""
    at = phase.next_try if isinstance(phase, Queued | Failed) else freshness_of(phase).next_try
    if at is None:
        return None
    return max((datetime.fromisoformat(at) - datetime.fromisoformat(now)).total_seconds(), 0.0)


def must_wait(phase: Phase, inputs: Inputs) -> bool:
    """Return whether it is too early for another try; people's requests and changes need not wait."""
    if not seconds_to_next_try(phase, inputs.now) or is_asked_again(phase, inputs):
        return False
    return not inputs.has_other_template(phase)


def is_asked_again(phase: Phase, inputs: Inputs) -> bool:
    """Return whether people's request for another try is pending."""
    tries, spec = phase.tries, inputs.spec
    return spec.retry > tries.retry or spec.rebuild > tries.rebuild


def tried_again(phase: Failed, inputs: Inputs) -> Queued | None:
    """Return a failed sync as queued again; None while it must not be retried."""
    if phase.next_try is not None and not must_wait(phase, inputs):
        return queue_again(phase, Why(reason=TRIED_AGAIN, message=f"Again: {phase.why.message}"))
    if phase.why.reason not in ACCESS_REASONS:
        return None
    if phase.secrets and inputs.secrets and phase.secrets != inputs.secrets:
        message = "A Secret of the Plan changed: the sync is tried again."
        return queue_again(phase, Why(reason=SECRET_CHANGED, message=message))
    # Times are whole seconds: an event in the same second may have come after.
    if inputs.granted_since is not None and inputs.granted_since >= phase.ended:
        message = "The forge grants the credentials what they lacked: the sync is tried again."
        return queue_again(phase, Why(reason=ACCESS_GRANTED, message=message))
    return None


def _back_off(phase: UnderWay, first_seconds: float) -> timedelta:
    """Return the wait after so many failures: it doubles, with a jitter specific to this run."""
    doubled = 2.0 ** min(phase.tries.failures - 1, 16)
    # Seed it with the Workflow's name, so that a reconcile of the same facts gives the same time.
    spread = random.Random(phase.run.workflow).uniform(0.8, 1.2)  # noqa: S311 - spreads load
    return timedelta(seconds=first_seconds * min(doubled, LONGEST_BACK_OFF) * spread)


def later(now: str, wait: timedelta) -> str:
    """Return the time some seconds later, both RFC 3339 in UTC."""
    return (datetime.fromisoformat(now) + wait).strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_time(why: Why, at: str) -> Why:
    sentence = why.message if why.message.endswith((".", "!", "?")) else f"{why.message}."
    return Why(reason=why.reason, message=f"{sentence} The next try begins at {at}.")
