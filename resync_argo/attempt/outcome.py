"""Main: the last container of an attempt, which always runs and whose exit code is the outcome.

It waits for the others, then decides: nothing to do, synced, a conflict to publish, or a failure.
Any step could forge the exit codes of steps; they only show where to look. The controller notifies
people, since it knows what they have read before.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from resync_argo.attempt.conflict.pull_request import publish_conflict
from resync_argo.attempt.conflict.stop import read_conflict
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.publish.notification import pull_request_address
from resync_argo.attempt.results import RESOLVER, Result, failure, load_result, missing_object
from resync_argo.attempt.retrying import retrying
from resync_argo.attempt.steps.barrier import KILLED, Barrier
from resync_argo.attempt.steps.control import Control, Untrustworthy, read
from resync_argo.contract import CHECKOUT, STEP_CONFLICT, Outcome, StepContract
from resync_argo.errors import ResyncError
from resync_argo.reasons.attempt import STEP_FAILED

ARGO_CODES = (64, 143)
"""Argo's exit codes for a container whose dependency failed, and for one that was stopped."""

MAX_LINE = 300

MAX_MESSAGE = 4 * 1024
MAX_MESSAGES = 12 * 1024
"""Bytes that Kubernetes keeps of one container's termination message, and of a whole pod's."""

_OTHER_CONTAINERS = 4
"""Checkout, main, and Argo's init and wait."""

_REASON = 20
"""Bytes for the reason, which comes before the sentence."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A failed step, and its exit code."""

    step: StepContract
    code: int

    @property
    def title(self) -> str:
        """Return what messages call it."""
        return f"step `{self.step.title}`"


def conclude(attempt: Attempt) -> Result:
    """Wait for everything, and report how the attempt ended."""
    barrier = Barrier(attempt=attempt)
    barrier.wait_for(CHECKOUT)
    checkout = load_result(attempt, CHECKOUT)
    if checkout is None:
        return _failed("checkout was killed")
    if checkout.outcome is not Outcome.SYNCED:
        return checkout
    if attempt.replay_input().asks_at_once:
        return _conflict(attempt, "checkout")
    ended = [
        Ended(step=step, code=barrier.wait_for(step.container)) for step in attempt.contract.steps
    ]
    bad = [it for it in ended if it.code]
    first = next((it for it in bad if it.code not in ARGO_CODES), bad[0] if bad else None)
    return _went_well(attempt) if first is None else _went_badly(attempt, first)


def _went_well(attempt: Attempt) -> Result:
    results = (load_result(attempt, step.container) for step in attempt.contract.steps)
    nothing_new = next((it for it in results if it and it.outcome is not Outcome.SYNCED), None)
    return nothing_new or Result(pull_request=pull_request_address(attempt))


def _went_badly(attempt: Attempt, ended: Ended) -> Result:
    if ended.step.action is not None:
        result = load_result(attempt, ended.step.container)
        return result or _failed(f"{ended.title} was killed")
    if ended.code == STEP_CONFLICT:
        return _conflict(attempt, ended.title)
    lines = _last_lines(attempt, ended)
    sentence = _sentence(ended, lines)
    if os.path.lexists(Control(directory=attempt.layout.control).missing_object):
        return missing_object(sentence)
    return _failed(sentence, lines=_fitting(lines, sentence, attempt))


def _conflict(attempt: Attempt, title: str) -> Result:
    try:
        stop = read_conflict(attempt)
        if stop is None:
            untold = Untrustworthy(f"{title} reported a conflict but asked nobody about it")
            return load_result(attempt, RESOLVER) or failure(untold)
        return retrying(attempt, lambda: publish_conflict(attempt, stop))
    except ResyncError as error:
        return failure(error)


def _sentence(ended: Ended, lines: Sequence[str]) -> str:
    if ended.code == KILLED:
        return (
            f"{ended.title} was killed, most likely because it ran out of memory: raise"
            " `config.resources.limits.memory` in the Plan"
        )
    last = f": {lines[-1]}" if lines else ", and printed nothing"
    return f"{ended.title} ended with exit code {ended.code}{last}"


def _last_lines(attempt: Attempt, ended: Ended) -> list[str]:
    try:
        text = read(Control(directory=attempt.layout.control).output(ended.step.container))
    except Untrustworthy:
        return []
    printable = re.sub(r"[^\x20-\x7e\n]", "", (text or b"").decode(errors="replace"))
    return [line[:MAX_LINE] for line in printable.splitlines() if line.strip()]


def _fitting(lines: Sequence[str], sentence: str, attempt: Attempt) -> tuple[str, ...]:
    """Return the last lines that fit into the termination message after the sentence."""
    containers = len(attempt.contract.steps) + _OTHER_CONTAINERS
    room = min(MAX_MESSAGE, MAX_MESSAGES // containers) - len(sentence) - _REASON
    kept: list[str] = []
    for line in reversed(lines):
        room -= len(line) + 1
        if room < 0:
            break
        kept.insert(0, line)
    return tuple(kept)


def _failed(sentence: str, *, lines: tuple[str, ...] = ()) -> Result:
    return Result(outcome=Outcome.FAILED, reason=STEP_FAILED, message=sentence, lines=lines)
