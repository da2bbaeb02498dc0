"""All reasons, by word: for what reads a word back from a status or a report, and for the docs."""

from collections.abc import Mapping
from types import MappingProxyType

from resync_argo.reasons import attempt, chat, cluster, forge, plan, sync, turn
from resync_argo.reasons.reason import Reason

REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        str(found): found
        for module in (plan, cluster, turn, sync, attempt, forge, chat)
        for found in vars(module).values()
        if isinstance(found, Reason)
    }
)
"""In the order of docs/conditions.md."""
