"""How the last message to each Plan's channel fared."""

import threading

from cachetools import LRUCache

from resync_argo.api.conditions import Finding
from resync_argo.api.plan import Plan
from resync_argo.reasons.chat import NOTHING_POSTED_YET

MAX_PLANS = 10_000

NOTHING_POSTED = Finding(
    status="Unknown", reason=NOTHING_POSTED_YET, message="Nothing has been posted yet."
)


class Channels:
    """What Slack said last, by Plan; safe to use from many threads."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._last: LRUCache[tuple[str, str], Finding] = LRUCache(MAX_PLANS)
        self._lock = threading.Lock()

    def last(self, plan: Plan) -> Finding | None:
        """Return what Slack said last; None where nothing was posted since the start."""
        with self._lock:
            return self._last.get((plan.metadata.namespace, plan.metadata.uid))

    def note(self, plan: Plan, finding: Finding) -> bool:
        """Remember what Slack said; return whether it is another thing than before."""
        key = plan.metadata.namespace, plan.metadata.uid
        with self._lock:
            is_news = self._last.get(key) != finding
            self._last[key] = finding
            return is_news
