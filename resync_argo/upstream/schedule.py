"""Computes when an upstream branch is read next, from `config.upstream.every`; pure."""

from datetime import datetime

from cronsim import CronSim, CronSimError

from resync_argo.api.durations import parse_duration
from resync_argo.errors import Stalled
from resync_argo.reasons.plan import INVALID_SCHEDULE

FIELDS = 5
"""Fields of a cron line."""


def next_time(every: str, last: datetime) -> datetime:
    """Return the next time at which the branch's newest commit is due.

    Args:
        every: a duration such as `1d`, or a cron line such as `0 12 * * Mon,Thu`, in UTC.
        last: the last time that a commit was taken, with its time zone.

    Raises:
        Stalled: reason `InvalidSchedule`; the text is neither.
    """
    try:
        if len(every.split()) == FIELDS:
            return next(CronSim(every, last))
        return last + parse_duration(every)
    except StopIteration:
        why = "it never occurs"
    except (CronSimError, ValueError) as error:
        why = str(error).rstrip(".")
    raise Stalled(
        INVALID_SCHEDULE,
        f"`{every}` in `config.upstream.every` is neither a duration such as `1d` nor a time that cron knows"
        f" and that comes, such as `0 12 * * Mon,Thu`: {why}.",
    )
