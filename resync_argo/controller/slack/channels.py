"""The result of the last message to each Plan's channel."""

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
    """Slack's last answer, by Plan; safe to use from many threads."""

    def __init__(self) -> None:
        """Start empty."""
        self._last: LRUCache[tuple[str, str], Finding] = LRUCache(MAX_PLANS)
        self._lock = threading.Lock()

    def last(self, plan: Plan) -> Finding | None:
        """Return Slack's last answer; None if nothing was posted since the start."""
        with self._lock:
            return self._last.get((plan.metadata.namespace, plan.metadata.uid))

    def note(self, plan: Plan, finding: Finding) -> bool:
        """Save Slack's answer; return whether it differs from the one before."""
        key = plan.metadata.namespace, plan.metadata.uid
        with self._lock:
            is_news = self._last.get(key) != finding
            self._last[key] = finding
            return is_news
