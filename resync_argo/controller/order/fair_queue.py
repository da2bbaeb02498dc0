"""Runs that wait for a place, in the order in which they may go; no lock of its own.

Namespaces take turns, and within one its tokens do, so that nobody's thousand Plans keep a neighbour
waiting. Within one token who came first goes first.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from resync_argo.api.meta import ObjectKey


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What a run needs.

    Attributes:
        namespace: of its Plan.
        token: stands for the credentials that its requests are counted for; "" where there are none.
        writes: how many requests that make content a run to the final pull request takes.
        conflict_writes: how many one to a conflict takes.
    """

    namespace: str
    token: str = ""
    writes: int = 0
    conflict_writes: int = 0

    @property
    def most_writes(self) -> int:
        """Return what has to be reserved for it, since nobody knows how it will end."""
        return max(self.writes, self.conflict_writes)


class FairQueue:
    """The Syncs that wait, each with its claim."""

    def __init__(self) -> None:
        """Begin empty."""
        self._claims: dict[ObjectKey, Claim] = {}
        self._lanes: OrderedDict[str, OrderedDict[str, OrderedDict[ObjectKey, None]]] = (
            OrderedDict()
        )

    def add(self, key: ObjectKey, claim: Claim) -> None:
        """Let a Sync wait; one that waits already with the same claim keeps its place."""
        if self._claims.get(key) == claim:
            return
        self.remove(key)
        self._claims[key] = claim
        tokens = self._lanes.setdefault(claim.namespace, OrderedDict())
        tokens.setdefault(claim.token, OrderedDict())[key] = None

    def remove(self, key: ObjectKey) -> None:
        """Let a Sync wait no longer."""
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
        """Take a Sync out whose turn it is; its namespace and its token go to the end of the row."""
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
        """Return whether a Sync waits."""
        return key in self._claims
