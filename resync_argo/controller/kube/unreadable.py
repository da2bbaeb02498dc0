"""Objects that exist but that this version cannot read, for example after a downgrade.

They are not reconciled, and do not count as deleted: code that misses an object checks here first.
The object's own conditions report the problem; the rest of its status stays unchanged.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pydantic

from resync_argo.api.conditions import Condition, Finding, merge
from resync_argo.api.meta import Json, ObjectMeta
from resync_argo.reasons import sections as at
from resync_argo.reasons.cluster import UNREADABLE


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """An object that cannot be read; `why` is the reason."""

    metadata: ObjectMeta
    why: str

    @classmethod
    def of(cls, item: Json, error: Exception) -> "Unreadable":
        """Return the record of an object that raised an error."""
        meta = item["metadata"]
        bare = {name: meta.get(name, "") for name in ("name", "namespace", "uid")}
        metadata = ObjectMeta(**bare, resource_version=meta["resourceVersion"])
        return cls(metadata=metadata, why=_described(error))


def unreadable_status(item: Json, why: str, now: str, *, summary: str | None) -> Json:
    """Return the status of an object whose conditions say that it cannot be read.

    Args:
        item: the object from the API server.
        why: the reason.
        now: RFC 3339 in UTC.
        summary: the type of the object's summary condition, if it has one.
    """
    status, generation = item.get("status") or {}, item["metadata"].get("generation", 0)
    message = f"This version of resync-argo cannot read it, so nothing happens to it or to what belongs to it: {why}"
    said = [Condition(type=at.STALLED, status="True", reason=UNREADABLE, message=message)]
    if summary is not None:
        finding = Finding(status="False", reason=UNREADABLE, message=message)
        said.append(Condition.of(summary, finding))
    old = [it for it in status.get("conditions", ()) if isinstance(it, dict)]
    merged = merge(_readable(old), said, now, generation=generation)
    replaced = {at.RECONCILING, *(it.type for it in said)}
    others = [it for it in old if it.get("type") not in replaced]
    conditions = sorted([*others, *(it.dump() for it in merged)], key=lambda it: str(it["type"]))
    return {**status, "observedGeneration": generation, "conditions": conditions}


def _readable(conditions: Iterable[Json]) -> list[Condition]:
    found = []
    for item in conditions:
        try:
            found.append(Condition.parse(item))
        except pydantic.ValidationError:  # Conditions of another version are only repeated.
            continue
    return found


def _described(error: Exception) -> str:
    """Return one line about the first problem."""
    if not isinstance(error, pydantic.ValidationError):
        return " ".join(f"{type(error).__name__}: {error}".split())[:400]
    first, *others = error.errors(include_url=False, include_input=False, include_context=False)
    place = ".".join(map(str, first["loc"]))
    more = f" ({len(others)} more)" if others else ""
    return f"{place}: {first['msg']}{more}."[:400]
