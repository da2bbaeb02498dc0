"""The errors that decide what happens next.

Each of our errors has one sentence that says what is wrong and what to do. It appears verbatim in
conditions, events, logs and on the terminal, so it never holds a secret.
"""

from resync_argo.reasons.attempt import INTERNAL_ERROR
from resync_argo.reasons.forge import UNREACHABLE


class ResyncError(Exception):
    """An error for people; the message is one sentence with what to do.

    Attributes:
        reason: the word for conditions and reports, a constant of `resync_argo.reasons`; a subclass
            sets its own.
    """

    reason: str = INTERNAL_ERROR


class Transient(ResyncError):
    """It may work later by itself: try again with back-off.

    Attributes:
        retry_after: seconds to wait at least, where the other side said so; else None.
    """

    reason = UNREACHABLE

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """Keep the sentence and the wait."""
        super().__init__(message)
        self.retry_after = retry_after


def requested_wait(error: ResyncError) -> float:
    """Return the least seconds to wait, if the other side asked for that; else 0."""
    return (error.retry_after or 0.0) if isinstance(error, Transient) else 0.0


class Stalled(ResyncError):
    """A person must change something first: do not retry until an object changes."""

    def __init__(self, reason: str, message: str) -> None:
        """Keep the reason and the sentence."""
        super().__init__(message)
        self.reason = reason


class UsageError(ResyncError):
    """What a person asked of the command line cannot be done as asked; exit code 2."""
