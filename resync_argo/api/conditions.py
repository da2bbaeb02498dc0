"""Conditions, as the Kubernetes API conventions describe them ("Typical status properties").

`merge` keeps the transition time of what did not change, so that computing all conditions afresh
at every pass writes nothing when nothing changed.
"""

from collections.abc import Iterable
from typing import Literal

from resync_argo.api.meta import Model

Status = Literal["True", "False", "Unknown"]

MAX_MESSAGE = 1024


class Condition(Model):
    """One observation of an object, with its reason in one CamelCase word and in a sentence."""

    type: str
    status: Status
    reason: str
    message: str = ""
    observed_generation: int | None = None
    last_transition_time: str | None = None


def merge(old: Iterable[Condition], new: Iterable[Condition], now: str) -> list[Condition]:
    """Return the new conditions, sorted, each with the time when its status last changed.

    Args:
        old: what the object's status says now.
        new: what was observed in this pass; replaces all of `old`.
        now: the time of this pass, RFC 3339 in UTC.
    """
    before = {condition.type: condition for condition in old}
    return sorted((_dated(c, before.get(c.type), now) for c in new), key=lambda c: c.type)


def _dated(condition: Condition, old: Condition | None, now: str) -> Condition:
    unchanged = old is not None and old.status == condition.status
    return condition.model_copy(
        update={
            "message": shorten(condition.message),
            "last_transition_time": old.last_transition_time if unchanged and old else now,
        }
    )


def shorten(message: str, limit: int = MAX_MESSAGE) -> str:
    """Return the message within the limit, cut where a reader sees that it was cut."""
    return message if len(message) <= limit else message[: limit - 1] + "…"
