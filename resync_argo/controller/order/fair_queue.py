"""Queues runs in the order in which they may start; it has no lock of its own.

Namespaces take turns, and so do tokens within a namespace, so that a tenant's thousand Plans do not
block a neighbour. Within a token, first come, first served.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from resync_argo.api.meta import ObjectKey


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The needs of a run.

    Attributes:
        namespace: of its Plan.
        token: identifies the credentials whose quota its requests use; "" without any.
        writes: how many content-creating requests a run makes that ends with a pull request.
        conflict_writes: how many if it ends with a conflict.
    """

    namespace: str
    token: str = ""
    writes: int = 0
    conflict_writes: int = 0

    @property
    def most_writes(self) -> int:
        """Return how many requests to reserve while the outcome is unknown."""
        return max(self.writes, self.conflict_writes)


class FairQueue:
    """The queued Syncs, each with its claim."""

    def __init__(self) -> None:
        """Begin empty."""
        self._claims: dict[ObjectKey, Claim] = {}
        self._lanes: OrderedDict[str, OrderedDict[str, OrderedDict[ObjectKey, None]]] = (
            OrderedDict()
        )

    def add(self, key: ObjectKey, claim: Claim) -> None:
        """Queue a Sync; one already queued with the same claim keeps its place."""
        if self._claims.get(key) == claim:
            return
        self.remove(key)
        self._claims[key] = claim
        tokens = self._lanes.setdefault(claim.namespace, OrderedDict())
        tokens.setdefault(claim.token, OrderedDict())[key] = None

    def remove(self, key: ObjectKey) -> None:
        """Remove a Sync from the queue."""
        claim = self._claims.pop(key, None)
        if claim is None:
            return
        tokens = self._lanes[claim.namespace]
        del tokens[claim.token][key]
        if not tokens[claim.token]:
            del tokens[claim.token]
        if not tokens:
            del self._lanes[claim.namespace]

    def take(self, key: ObjectKey) -> Claim:
        """Take a Sync out of the queue; its namespace and its token go to the end."""
        claim = self._claims[key]
        self._lanes.move_to_end(claim.namespace)
        self._lanes[claim.namespace].move_to_end(claim.token)
        self.remove(key)
        return claim

    def first_of_each(self) -> Iterator[tuple[ObjectKey, Claim]]:
        """Yield the first Sync of each token, in the order of turns."""
        for tokens in self._lanes.values():
            for waiting in tokens.values():
                key = next(iter(waiting))
                yield key, self._claims[key]

    def __contains__(self, key: ObjectKey) -> bool:
        """Return whether a Sync is queued."""
        return key in self._claims
