"""All reasons by word, to look up one that was read from a status or a report, and for the docs."""

from collections.abc import Mapping
from types import MappingProxyType

from resync_argo.reasons import attempt, chat, cluster, forge, parameters, plan, refresh, sync, turn
from resync_argo.reasons.reason import Kind, Reason

REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        str(found): found
        for module in (plan, cluster, turn, sync, parameters, refresh, attempt, forge, chat)
        for found in vars(module).values()
        if isinstance(found, Reason)
    }
)
"""In the order of docs/conditions.md."""

ACCESS_REASONS = frozenset(
    str(found)
    for module in (forge, chat)
    for found in vars(module).values()
    if isinstance(found, Reason) and found.kind is Kind.PERSON
)
"""Problems that other credentials, or more permissions for them, may solve."""


def kind_of(word: str) -> Kind:
    """Return the kind of a reason; an unknown one, such as another release's, needs a person."""
    found = REASONS.get(word)
    return found.kind if found is not None else Kind.PERSON
