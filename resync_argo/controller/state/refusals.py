"""Records which of Plans' objects the API server refused, so that the Plans can report it.

A Sync whose status is refused cannot report that itself.
"""

import threading
from collections.abc import Mapping
from typing import Literal

from resync_argo.api.conditions import Condition, Finding
from resync_argo.api.meta import ObjectKey
from resync_argo.errors import ResyncError
from resync_argo.reasons import sections as at

Kind = Literal["Tag", "Sync", "Status of Sync"]


class Refusals:
    """The objects of each Plan that were refused at the last attempt to write them; safe to use from many threads."""

    def __init__(self) -> None:
        """Start empty."""
        self._known: dict[tuple[ObjectKey, Kind], dict[str, ResyncError]] = {}
        self._lock = threading.Lock()

    def replace(self, plan: ObjectKey, kind: Kind, refused: Mapping[str, ResyncError]) -> bool:
        """Record the refusals of this reconcile, by name; return whether the Plan's message changes."""
        with self._lock:
            before = self._known.pop((plan, kind), {})
            if refused:
                self._known[plan, kind] = dict(refused)
        return {name: str(error) for name, error in before.items()} != {
            name: str(error) for name, error in refused.items()
        }

    def note_status(self, plan: ObjectKey, sync: str, error: ResyncError | None) -> bool:
        """Record the result of writing a Sync's status; return whether the Plan's message changes."""
        with self._lock:
            known = dict(self._known.get((plan, "Status of Sync"), {}))
        known.pop(sync, None)
        return self.replace(plan, "Status of Sync", known | ({sync: error} if error else {}))

    def condition(self, plan: ObjectKey) -> Condition | None:
        """Return the Plan's message: the first refused object, and how many more there are."""
        with self._lock:
            refused = [
                (f"{kind} {name}", error)
                for (key, kind), known in self._known.items()
                if key == plan
                for name, error in known.items()
            ]
        if not refused:
            return None
        what, error = min(refused, key=lambda it: it[0])
        more = f" and {len(refused) - 1} more" if len(refused) > 1 else ""
        finding = Finding(status="False", reason=error.reason, message=f"{what}{more}: {error}")
        return Condition.of(at.OBJECTS_CREATED, finding)

    def forget_sync(self, sync: ObjectKey) -> None:
        """Forget the status of a deleted Sync."""
        with self._lock:
            for (plan, kind), known in self._known.items():
                if (plan.namespace, kind) == (sync.namespace, "Status of Sync"):
                    known.pop(sync.name, None)

    def forget(self, plan: ObjectKey) -> None:
        """Forget a deleted Plan."""
        with self._lock:
            for key in [key for key in self._known if key[0] == plan]:
                del self._known[key]
