"""What each trusted container leaves for the ones after it, in the volume that steps cannot write.

`checkout` and the actions save a `Result`. It shows `barrier` that they ended, `main` bases the
outcome on it, and `slack-notification` finds the pull request in it.
"""

import errno
import os
from pathlib import Path

from resync_argo.api.meta import Model
from resync_argo.attempt.context import Attempt
from resync_argo.contract import Outcome, Report
from resync_argo.errors import ResyncError, requested_wait
from resync_argo.git import GitError
from resync_argo.reasons.attempt import DISK_FULL, MISSING_OBJECT, SKIPPED

_NO_SPACE = os.strerror(errno.ENOSPC)

RESOLVER = "_resolver"
"""Name of the result with the reason why a step could not continue at a conflict; no container has an underscore."""


class Result(Model):
    """How a trusted container ended.

    Attributes:
        outcome: as `main` would report it.
        reason: one CamelCase word, unless the outcome is success.
        message: a sentence.
        lines: further lines of the report (contract.Report).
        pull_request: address of the pull request that it opened or updated.
        skipped: it did nothing because an earlier step failed or stopped.
        retry_after: the least seconds to wait, if the other side asked for that; else None.
    """

    outcome: Outcome = Outcome.SYNCED
    reason: str = ""
    message: str = ""
    lines: tuple[str, ...] = ()
    pull_request: str | None = None
    skipped: bool = False
    retry_after: float | None = None

    @property
    def exit_code(self) -> int:
        """Return the container's exit code; having nothing to do is not a failure."""
        idle = self.skipped or self.outcome is Outcome.ALREADY_SYNCED
        return 0 if idle else int(self.outcome)

    @property
    def report(self) -> Report | None:
        """Return the termination message; None if there is nothing to report."""
        if not self.reason:
            return None
        return Report(
            reason=self.reason,
            message=self.message,
            lines=self.lines,
            retry_after=self.retry_after,
        )


def skipped(why: str) -> Result:
    """Return the result of an action without work, and the clause with the reason."""
    return Result(outcome=Outcome.FAILED, reason=SKIPPED, message=why, skipped=True)


def failure(error: ResyncError) -> Result:
    """Return one of our errors as a result."""
    if is_disk_full(error):
        return disk_full(error)
    if isinstance(error, GitError) and error.lacks_object:
        return missing_object(str(error))
    return Result(
        outcome=Outcome.FAILED,
        reason=error.reason,
        message=str(error),
        retry_after=requested_wait(error) or None,
    )


def is_disk_full(error: Exception) -> bool:
    """Return whether a write failed for lack of space, ours or git's."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return _NO_SPACE in str(error)


def disk_full(error: Exception) -> Result:
    """Return the result for lack of space."""
    message = (
        f"The attempt's disk is full: {error}. What steps may write is bounded by"
        " RESYNC_WORKSPACE_SIZE, and by the node."
    )
    return Result(outcome=Outcome.FAILED, reason=DISK_FULL, message=message)


def missing_object(what: str) -> Result:
    """Return the result where a partial clone lacks an object; `what` says where, without a full stop."""
    message = f"{what}. The clone is partial: write `clone: Full` in `config` of the Plan."
    return Result(outcome=Outcome.FAILED, reason=MISSING_OBJECT, message=message)


def save_result(attempt: Attempt, container: str, result: Result) -> None:
    """Save a container's result; readers see all of it or nothing."""
    path = _path(attempt, container)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(result.model_dump_json(by_alias=True))
    partial.rename(path)


def load_result(attempt: Attempt, container: str) -> Result | None:
    """Return a container's result; None while it runs."""
    try:
        return Result.model_validate_json(_path(attempt, container).read_text())
    except FileNotFoundError:
        return None


def _path(attempt: Attempt, container: str) -> Path:
    return attempt.layout.trusted / "results" / f"{container}.json"
