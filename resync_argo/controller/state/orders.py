"""The order of objects in views, and whom they wait for; pure.

The caches keep these orders as objects change, so that a page costs only what it shows.
"""

from collections.abc import Hashable
from typing import Literal

from resync_argo.api.conditions import find
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.ordered import Order
from resync_argo.reasons import sections as at
from resync_argo.reasons.catalogue import kind_of
from resync_argo.reasons.reason import Kind
from resync_argo.reasons.sync import LOOKING_FOR_PULL_REQUEST, RESOLVED
from resync_argo.reasons.turn import BLOCKED_BY_FAILURE, EARLIER_PULL_REQUEST_OPEN
from resync_argo.upstream.versions import FIRST, Precedence, Refusal, parse_version, precedence

ASKS, WORKS, ENDED, RELEASES = "asks", "works", "ended", "releases"
"""Names of orders: waiting for a person, in progress, finished, and an upstream's Tags."""

EVERYWHERE = ""
"""The value of all objects in an order."""

Question = Literal["Conflict", "Review", "Failed", "Held"]

_ANOTHERS = (EARLIER_PULL_REQUEST_OPEN, BLOCKED_BY_FAILURE)
"""Reasons to wait for a person's work on another release, which is listed itself."""

_NOT_ASKING = (LOOKING_FOR_PULL_REQUEST, RESOLVED)


def question_of(sync: Sync) -> Question | None:
    """Return the question to a person; None without one."""
    status = sync.status
    match status.phase:
        case "Conflict":
            return None if status.reason in _NOT_ASKING else "Conflict"
        case "Failed":
            return "Failed"
        case "Pending":
            return "Held" if status.reason and needs_person(status.reason) else None
        case _:
            return "Review" if sync.is_in_review else None


def needs_person(reason: str) -> bool:
    """Return whether a person must first do something about exactly this object."""
    return kind_of(reason) is Kind.PERSON and reason not in _ANOTHERS


def asked_since(sync: Sync) -> str:
    """Return since when a person has been asked (RFC 3339 in UTC); "" if unknown."""
    status, times = sync.status, sync.status.times
    told = {
        "Conflict": times.asked_time if times else None,
        "Review": times.opened_time if times else None,
    }
    since = told.get(question_of(sync) or "") or status.finish_time or status.start_time
    return since or sync.metadata.creation_timestamp or ""


def ended_at(sync: Sync) -> str:
    """Return when a sync ended; "" before that."""
    status = sync.status
    is_over = status.phase == "Skipped" or (status.phase == "Finished" and not sync.is_in_review)
    if not is_over:
        return ""
    merged = status.times.merged_time if status.times else None
    return merged or status.finish_time or sync.metadata.creation_timestamp or ""


def plan_question(plan: Plan) -> str | None:
    """Return why a Plan waits for a person; None if it does not."""
    ready, following = find(plan.status.conditions, at.READY), plan.status.next
    if ready is not None and ready.status == "False" and needs_person(ready.reason):
        return ready.reason
    is_held = following is not None and needs_person(following.reason)
    return following.reason if following is not None and is_held else None


def plan_asked_since(plan: Plan) -> str:
    """Return since when a Plan has been in its state (RFC 3339 in UTC)."""
    ready = find(plan.status.conditions, at.READY)
    since = ready.last_transition_time if ready is not None else None
    return since or plan.metadata.creation_timestamp or ""


def place_of(version: str) -> Precedence:
    """Return a version's position among others; texts that are not versions come first."""
    parsed = parse_version(version)
    return FIRST if isinstance(parsed, Refusal) else precedence(parsed)


def _lists(namespace: str, plan: str) -> list[Hashable]:
    return [EVERYWHERE, namespace, (namespace, plan)]


def _sync_lists(sync: Sync, *, belongs: bool) -> list[Hashable]:
    return _lists(sync.metadata.namespace, sync.spec.plan) if belongs else []


def _plan_lists(plan: Plan) -> list[Hashable]:
    is_asking = plan_question(plan) is not None
    return _lists(plan.metadata.namespace, plan.metadata.name) if is_asking else []


def _works(sync: Sync) -> bool:
    is_begun = sync.status.phase is not None and not ended_at(sync)
    return is_begun and question_of(sync) is None


def _began_at(sync: Sync) -> str:
    return sync.status.start_time or sync.metadata.creation_timestamp or ""


SYNC_ORDERS: dict[str, Order[Sync]] = {
    ASKS: Order(
        values=lambda sync: _sync_lists(sync, belongs=question_of(sync) is not None),
        place=asked_since,
    ),
    WORKS: Order(values=lambda sync: _sync_lists(sync, belongs=_works(sync)), place=_began_at),
    ENDED: Order(
        values=lambda sync: _sync_lists(sync, belongs=bool(ended_at(sync))), place=ended_at
    ),
}
PLAN_ORDERS: dict[str, Order[Plan]] = {ASKS: Order(values=_plan_lists, place=plan_asked_since)}
TAG_ORDERS: dict[str, Order[Tag]] = {
    RELEASES: Order(
        values=lambda tag: [(tag.metadata.namespace, tag.spec.repository)],
        place=lambda tag: place_of(tag.version),
    )
}
