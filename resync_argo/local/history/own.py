"""The commits that only a fork has, as a graph in memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from resync_argo.git import Git


@dataclass(frozen=True, kw_only=True)
class Own:
    """A fork's own commits.

    Attributes:
        parents: of each commit, ancestors first.
        line: the successive tips of branches into which pull requests are merged.
    """

    parents: Mapping[str, tuple[str, ...]]
    line: frozenset[str]

    @classmethod
    def read(cls, git: Git, heads: Sequence[str], upstream: Iterable[str]) -> "Own":
        """Read a fork's own commits.

        Args:
            git: a repository with the commits of both.
            heads: refs or commits of the fork, or options of `git rev-list` that select refs.
            upstream: ids of upstream's branches and tags. Not of pull requests: those contain the
                forks' own work, too.

        Raises:
            GitError: a commit is missing.
        """
        stdin = "".join(f"^{it}\n" for it in upstream).encode()
        order = ("rev-list", "--topo-order", "--reverse", "--parents")
        listing = git.run(*order, *heads, "--stdin", stdin=stdin).decode().splitlines()
        line = git.run("rev-list", "--first-parent", *heads, "--stdin", stdin=stdin).decode()
        commits = (it.split() for it in listing)
        return cls(
            parents={commit: tuple(parents) for commit, *parents in commits},
            line=frozenset(line.split()),
        )

    def end_of(self, commit: str) -> str:
        """Return the last commit of a commit's pull request; the commit itself if it had none.

        People often add what a complete bump needs after the merge. Only pull requests that were
        merged with a merge commit are found.
        """
        if commit in self.line:
            return commit
        inside: set[str] = set()
        for later, parents in self.parents.items():
            brought = [it for it in parents if it in inside]
            if later != commit and not brought:
                continue
            if brought and later in self.line and parents[0] not in inside:
                return brought[0]
            inside.add(later)
        return commit
