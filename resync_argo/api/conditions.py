"""Conditions, as the Kubernetes API conventions describe them ("Typical status properties").

Every reconcile computes all conditions from scratch. `merge` keeps the transition time of those
that did not change, so an unchanged object is not written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

from resync_argo.api.meta import Model

Status = Literal["True", "False", "Unknown"]

MAX_MESSAGE = 1024


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check found, before it becomes a condition."""

    status: Status
    reason: str
    message: str


class Condition(Model):
    """One observation of an object: its reason as one CamelCase word, and as a sentence."""

    type: str
    status: Status
    reason: str
    message: str = ""
    observed_generation: int | None = None
    last_transition_time: str | None = None

    def repeated_as(self, kind: str) -> Self:
        """Return a condition of another type with the same reason and message, and status True."""
        return type(self)(type=kind, status="True", reason=self.reason, message=self.message)

    @classmethod
    def of(cls, kind: str, finding: Finding) -> Self:
        """Return a condition of this type from a finding."""
        return cls(type=kind, status=finding.status, reason=finding.reason, message=finding.message)


def find(conditions: Iterable[Condition], kind: str) -> Condition | None:
    """Return the condition of a type."""
    return next((condition for condition in conditions if condition.type == kind), None)


def merge(
    old: Iterable[Condition], new: Iterable[Condition], now: str, *, generation: int
) -> list[Condition]:
    """Return the new conditions, sorted, each with the time when its status last changed.

    Args:
        old: the conditions that the status has now.
        new: what this reconcile observed; replaces all of `old`.
        now: the time of this reconcile, RFC 3339 in UTC.
        generation: of the observed object; a condition that names another one keeps it.
    """
    before = {condition.type: condition for condition in old}
    dated = (_dated(c, before.get(c.type), now, generation) for c in new)
    return sorted(dated, key=lambda c: c.type)


def _dated(condition: Condition, old: Condition | None, now: str, generation: int) -> Condition:
    is_unchanged = old is not None and old.status == condition.status
    return Condition(
        type=condition.type,
        status=condition.status,
        reason=condition.reason,
        message=shorten(condition.message),
        observed_generation=condition.observed_generation or generation,
        last_transition_time=old.last_transition_time if is_unchanged and old else now,
    )


def shorten(message: str, limit: int = MAX_MESSAGE) -> str:
    """Return the message within the limit; the reader can see where it was cut."""
    return message if len(message) <= limit else message[: limit - 1] + "…"
