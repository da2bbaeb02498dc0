"""Finds what a pull request ended with: after the merge people often add what a complete bump needs."""

from dataclasses import dataclass
from functools import cached_property

from resync_argo.git import Git

LINES = ("--first-parent", "--branches", "--remotes", "HEAD")
"""What branches were at, one after another, if pull requests are merged into them."""


@dataclass(frozen=True)
class Ends:
    """The ends of a repository's pull requests, which were merged with merge commits and whose branches are gone."""

    git: Git

    @cached_property
    def _line(self) -> frozenset[str]:
        return frozenset(self.git.text("rev-list", *LINES).split())

    def of(self, commit: str) -> str:
        """Return the last commit of the pull request that brought a commit; itself where none did."""
        if commit in self._line:
            return commit
        after = self.git.text(
            "rev-list",
            "--ancestry-path",
            "--topo-order",
            "--reverse",
            "--parents",
            f"^{commit}",
            "--branches",
            "--remotes",
            "HEAD",
        )
        inside = {commit}
        for line in after.splitlines():
            merge, *parents = line.split()
            inside.add(merge)
            if merge in self._line and parents[0] not in inside:
                return next(it for it in parents if it in inside)
        return commit
