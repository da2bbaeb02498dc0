"""Lists what waits for a person, and what proceeds without one; pure."""

from resync_argo.api.conditions import find
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.controller.page.facts import Need, Subject, Work
from resync_argo.controller.page.library import Library, subject_of
from resync_argo.controller.state.orders import (
    asked_since,
    plan_asked_since,
    plan_question,
    question_of,
)
from resync_argo.reasons import sections as at
from resync_argo.reasons.catalogue import REASONS

MAX_FILES = 20
"""How many files of a conflict to keep; a page shows fewer."""

PLAN = "Plan"


def need_of(sync: Sync, library: Library) -> Need:
    """Return the question to a person about a release."""
    status = sync.status
    state = question_of(sync) or ""
    asked = status.conflict if state == "Conflict" else None
    files = asked.files if asked is not None else ()
    return Need(
        subject=library.subject(sync),
        state=state,
        since=asked_since(sync) or None,
        reason=status.reason,
        message=status.message,
        action=action_of(status.reason),
        files=files[:MAX_FILES],
        file_count=len(files),
        downstream_authors=asked.downstream_authors if asked is not None else (),
        upstream_authors=asked.upstream_authors if asked is not None else (),
        pull_request=asked.pull_request if asked is not None else status.pull_request,
        number=asked.number if asked is not None else status.number,
        run=run_of(sync, library),
    )


def need_of_plan(plan: Plan) -> Need:
    """Return the question to a person about a Plan."""
    reason = plan_question(plan) or ""
    return Need(
        subject=subject_of(plan),
        state=PLAN,
        since=plan_asked_since(plan) or None,
        reason=reason,
        message=_message(plan, reason),
        action=action_of(reason),
    )


def work_of(sync: Sync, library: Library) -> Work:
    """Return the progress of something that needs nobody."""
    status = sync.status
    return Work(
        subject=library.subject(sync),
        phase=status.phase or "",
        reason=status.reason,
        message=status.message,
        since=status.start_time or sync.metadata.creation_timestamp,
        attempt=status.attempt,
        next_try_time=status.next_try_time,
        run=run_of(sync, library),
    )


def run_of(sync: Sync, library: Library) -> str | None:
    """Return the address of a sync's newest run in the Argo UI, if known."""
    runs = library.runs_url(sync.metadata.namespace)
    return f"{runs}/{sync.status.workflow}" if runs and sync.status.workflow else None


def action_of(reason: str) -> str:
    """Return what people should do about a reason; "" if unknown."""
    known = REASONS.get(reason)
    return known.action if known is not None else ""


def pull_request_of(sync: Sync) -> tuple[str | None, int | None]:
    """Return the address and number of the pull request to open next."""
    status = sync.status
    if question_of(sync) == "Conflict" and status.conflict is not None:
        return status.conflict.pull_request, status.conflict.number
    return status.pull_request, status.number


def _message(plan: Plan, reason: str) -> str:
    ready, following = find(plan.status.conditions, at.READY), plan.status.next
    if ready is not None and ready.reason == reason:
        return ready.message
    return f"{following.version}: {following.message}" if following is not None else ""


def subject_title(subject: Subject) -> str:
    """Return a subject in a few words."""
    upstream = subject.upstream.rpartition("/")[2]
    what = f"{upstream} {subject.version}".strip() or subject.tag or subject.plan
    return f"{what} → {subject.branch}" if subject.branch else what
