"""The ways of settling a conflict that a rule of a Plan offers, each tried by the rules' own code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from resync_argo.api.plan import ConflictRule
from resync_argo.attempt.merge.conflicts import pick_entries
from resync_argo.attempt.merge.logical import Logical
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.resolve.rules import Rules
from resync_argo.conflicts.record import Entries, Entry
from resync_argo.git import Git
from resync_argo.local.history.bumps import Bump

Way = Literal["keepDeleted", "Upstream", "UpstreamHunks", "Downstream", "Delete"]
WAYS: tuple[Way, ...] = ("keepDeleted", "UpstreamHunks", "Upstream", "Downstream", "Delete")
"""Of two that fit alike the first one counts: what says less about other files, and what keeps more of downstream's."""

_EVERYTHING = ("**",)


@dataclass(frozen=True, kw_only=True)
class Ended:
    """People's result of a bump: in the merge, and at the end of their pull request.

    Attributes:
        trees: what both have at the paths in question.
    """

    trees: tuple[Mapping[bytes, Entry], ...]

    @classmethod
    def of(cls, git: Git, bump: Bump, conflicts: Sequence[Logical]) -> "Ended":
        """Read it.

        Raises:
            GitError: a tree is missing.
        """
        names = {name for it in conflicts for name in it.path.names}
        commits = dict.fromkeys([bump.merge, bump.end])
        return cls(trees=tuple(pick_entries(git, it, names) for it in commits))

    def has(self, result: Entries) -> bool:
        """Return whether people decided the same in the merge, or by the end of their pull request."""
        return any(all(tree.get(name) == it for name, it in result.items()) for tree in self.trees)


def rule(way: Way, *paths: str) -> ConflictRule:
    """Return the rule that settles paths in this way."""
    if way == "keepDeleted":
        return ConflictRule(paths=paths, keep_deleted=True)
    return ConflictRule(paths=paths, resolve=way)


def results(
    git: Git, conflicts: Sequence[Logical], options: MergeOptions, tree: str
) -> dict[Way, dict[bytes, Entries]]:
    """Return the result of each conflict under a rule for all paths, by way and path.

    Args:
        git: the clone.
        conflicts: the conflicted files.
        options: how the Plan merges.
        tree: what git could merge by itself.

    Raises:
        GitError: an object is missing.
    """
    found: dict[Way, dict[bytes, Entries]] = {}
    for way in WAYS:
        rules = Rules(git=git, rules=[rule(way, *_EVERYTHING)], options=options, tree=tree)
        ruled = rules.decide(conflicts).ruled
        found[way] = {it.conflict.path.path: it.result for it in ruled}
    return found
