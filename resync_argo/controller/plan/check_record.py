"""Records a Plan's permission check in its status, so that a restart does not repeat it; pure.

The answer itself is in the conditions. The record adds a hash of the question, and the time of the
next check.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from resync_argo import __version__
from resync_argo.api.conditions import find
from resync_argo.api.plan import PermissionCheck, Plan
from resync_argo.controller.plan.permissions import DAY_SECONDS, PermissionQuestion, Permissions
from resync_argo.controller.polling.poller import Seen
from resync_argo.names import short_hash
from resync_argo.reasons import sections as at

TOLERANCE = timedelta(minutes=1)
"""How much later than the next check a recorded time may be: clocks are read twice, and rounded."""


def hash_of(question: PermissionQuestion, secrets: str) -> str:
    """Return 16 hex digits that depend on the question and on this program's release.

    Args:
        question: without its hashes of Secrets' data, since more people can read statuses than
            Secrets.
        secrets: the version of the Secrets instead.
    """
    told = replace(question, credentials=("", ""))
    return short_hash(__version__, repr(told), secrets, length=16)


def seconds_to_check(plan: Plan, asked: str, now: str) -> float:
    """Return how long a Plan's status still answers a question; 0.0 if it does not.

    Args:
        plan: the current one.
        asked: the question's hash.
        now: RFC 3339 in UTC.
    """
    record = plan.status.permission_check
    is_said = find(plan.status.conditions, at.PERMISSIONS_GRANTED) is not None
    if record is None or record.question != asked or not is_said:
        return 0.0
    left = datetime.fromisoformat(record.due_time) - datetime.fromisoformat(now)
    return min(max(left.total_seconds(), 0.0), DAY_SECONDS)


def record_of(
    plan: Plan, asked: str, seen: Seen[Permissions] | None, *, clock: float, now: str
) -> PermissionCheck | None:
    """Return the record for the status; unchanged where possible, since each change is a write.

    Args:
        plan: the current one.
        asked: the hash of its current question.
        seen: the last check for this question; None: this process has not checked yet.
        clock: the time, in the seconds of `seen`.
        now: the same time, RFC 3339 in UTC.
    """
    before = plan.status.permission_check
    if seen is None:
        return before if seconds_to_check(plan, asked, now) > 0 else None
    if seen.error is not None or seen.value is None:
        return None
    again = seen.value.again_seconds
    due = datetime.fromisoformat(now) + timedelta(seconds=seen.at + again - clock)
    if before is not None and before.question == asked:
        known = datetime.fromisoformat(before.due_time)
        # Checks every ten minutes must not cause writes every ten minutes.
        is_over = known <= datetime.fromisoformat(now) and again >= DAY_SECONDS
        is_wrong = known > due + TOLERANCE or (is_over and known + TOLERANCE < due)
        if not is_wrong:
            return before
    return PermissionCheck(question=asked, due_time=due.strftime("%Y-%m-%dT%H:%M:%SZ"))
