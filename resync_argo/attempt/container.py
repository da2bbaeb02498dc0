"""The entry point of our own containers: `resync-argo attempt checkout|action|main CONTAINER`.

It builds an `Attempt` from the environment, signals that the container is ready, and waits for its
turn. Then it does its part, and leaves its result, an exit code and one line in the termination
message. A local run calls the same parts in order, without waiting.
"""

import os
import resource
import signal
import sys
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from resync_argo.attempt.checkout.checkout import checkout
from resync_argo.attempt.connections import (
    connect_forge,
    connect_notifier,
    mounted_credentials,
    with_token,
)
from resync_argo.attempt.context import Attempt, Parameters
from resync_argo.attempt.outcome import conclude
from resync_argo.attempt.publish.actions import require_action, run_action
from resync_argo.attempt.resolve.resolver import Resolver
from resync_argo.attempt.results import (
    Result,
    disk_full,
    failure,
    is_disk_full,
    save_result,
    skipped,
)
from resync_argo.attempt.retrying import retrying
from resync_argo.attempt.steps.barrier import Barrier
from resync_argo.attempt.steps.turns import Turns, await_turn
from resync_argo.contract import (
    CHECKOUT,
    CONTRACT_VARIABLE,
    MAIN,
    MIRROR_VARIABLE,
    STEP_CONFLICT,
    Contract,
    Layout,
    Outcome,
)
from resync_argo.errors import ResyncError, Stalled
from resync_argo.reasons.attempt import INTERNAL_ERROR, VERSION_MISMATCH
from resync_argo.reasons.turn import ALREADY_SYNCED

RETRY_FOR_SECONDS = 60.0
"""For a short interruption. A longer one ends the attempt, so that no pod waits; the controller retries.

It is also less than the pod's grace period, since Kubernetes may already have asked `main` to end.
"""

TOKEN_SECONDS = 15.0
"""How long `main` waits for a forge that mints no token; the rest of the time is for a conflict's pull request."""


def run(role: str, container: str, environ: Mapping[str, str], layout: Layout | None = None) -> int:
    """Run one of our containers and return its exit code.

    Args:
        role: `checkout`, `action` or `main`.
        container: its name.
        environ: holds the contract and the Workflow's parameters.
        layout: the paths, outside of a pod.
    """
    mirror = environ.get(MIRROR_VARIABLE)
    layout = layout or Layout(mirror=Path(mirror) if mirror else None)
    if role in ("main", "action"):
        # When one container fails, Argo asks all others to end, down to their last process. But
        # `main` must still report the reason or publish the conflict, and an action must still
        # report that it had no turn. SIGTERM is blocked, not ignored, since git would handle an
        # ignored signal and end its own children.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    result = _guarded(role, container, environ, layout)
    if result.report is not None:
        # Printed first, so that an unwritable termination message does not hide the reason.
        print(result.report, file=sys.stderr, flush=True)  # noqa: T201 - the container's log
        if result.exit_code or role == "main":
            _write_termination(layout.termination, result.report.whole)
    if not result.skipped:
        _tell_peak_memory()
    return int(result.outcome) if role == "main" else result.exit_code


def _guarded(role: str, container: str, environ: Mapping[str, str], layout: Layout) -> Result:
    try:
        attempt = build_attempt(environ, layout)
        alive = Barrier(attempt=attempt).announce(container)
    except ResyncError as error:
        return failure(error)
    try:
        result = _do(role, container, attempt)
    except ResyncError as error:
        result = failure(error)
    except Exception as error:
        # Whatever the error is, the other containers wait for a result.
        traceback.print_exc()
        result = _unforeseen(error)
    if role != "main":
        _leave(attempt, container, result)
    os.close(alive)
    return result


def _unforeseen(error: Exception) -> Result:
    if is_disk_full(error):
        return disk_full(error)
    kind = type(error).__name__
    return Result(outcome=Outcome.FAILED, reason=INTERNAL_ERROR, message=f"{kind}; see log")


def _leave(attempt: Attempt, container: str, result: Result) -> None:
    try:
        save_result(attempt, container, result)
    except OSError as error:
        # The others see that this container ended without a result.
        print(f"The result cannot be written: {error}", file=sys.stderr)  # noqa: T201 - the log


def _do(role: str, container: str, attempt: Attempt) -> Result:
    match role:
        case "checkout":
            return _checkout(attempt)
        case "action":
            return _action(attempt, container)
        case _:
            return _main(attempt)


def _checkout(attempt: Attempt) -> Result:
    replay = retrying(attempt, lambda: checkout(with_token(attempt, CHECKOUT)))
    if replay.asks_at_once:
        print(replay.skip, flush=True)  # noqa: T201 - the container's log
    if replay.already_synced is None:
        return Result()
    return Result(
        outcome=Outcome.ALREADY_SYNCED, reason=ALREADY_SYNCED, message=replay.already_synced
    )


def _action(attempt: Attempt, container: str) -> Result:
    require_action(attempt, container)
    code = await_turn(attempt, container)
    if code is None:
        return skipped("the attempt ended before its turn")
    return retrying(
        attempt, lambda: run_action(with_token(attempt, container), container, code_before=code)
    )


def _main(attempt: Attempt) -> Result:
    resolver = Resolver(attempt=attempt)
    barrier = Barrier(attempt=attempt, meanwhile=resolver.look)
    asks = barrier.wait_for(CHECKOUT) == 0 and attempt.replay_input().asks_at_once
    asked = _conclude_conflict(attempt) if asks else None
    # Argo ends all other containers when this one ends, so they first report that they have nothing to do.
    codes = Turns(barrier=barrier).give()
    resolver.close()
    if asked is not None:
        return asked
    return _conclude_conflict(attempt) if STEP_CONFLICT in codes else conclude(attempt)


def _conclude_conflict(attempt: Attempt) -> Result:
    brief = replace(attempt, retry_for_seconds=min(attempt.retry_for_seconds, TOKEN_SECONDS))
    return conclude(retrying(brief, lambda: with_token(attempt, MAIN)))


def build_attempt(environ: Mapping[str, str], layout: Layout) -> Attempt:
    """Return the attempt that the environment describes; nothing is connected yet.

    Raises:
        ResyncError: the contract or a parameter is missing or cannot be read.
    """
    try:
        contract = Contract.from_json(environ.get(CONTRACT_VARIABLE, ""))
    except ValidationError as error:
        raise Stalled(
            VERSION_MISMATCH,
            f"{CONTRACT_VARIABLE} does not hold a contract of this version; the controller and the"
            " image of the pods must be of the same release.",
        ) from error
    return Attempt(
        contract=contract,
        layout=layout,
        parameters=Parameters.from_environment(environ),
        retry_for_seconds=RETRY_FOR_SECONDS,
        connect_forge=lambda: connect_forge(contract, mounted_credentials(contract, layout)),
        connect_conflict_forge=lambda: connect_forge(
            contract, mounted_credentials(contract, layout, in_fork=True), in_fork=True
        ),
        connect_notifier=lambda: connect_notifier(contract, layout),
    )


def _tell_peak_memory() -> None:
    # Helps to choose limits: memory of this process, and of the largest git that it ran.
    ours, git = (
        resource.getrusage(who).ru_maxrss // 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"peak memory: {ours} MiB, git {git} MiB", flush=True)  # noqa: T201 - as above


def _write_termination(path: Path, text: str) -> None:
    try:
        path.write_text(f"{text}\n")
    except OSError as error:
        print(f"{path} cannot be written: {error.strerror}", file=sys.stderr)  # noqa: T201 - as above
