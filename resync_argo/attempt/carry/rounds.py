"""Finds the last rebase: everything that downstream added after it is carried.

A rebase records upstream by a merge whose files are all upstream's (`git commit-tree
UPSTREAM^{tree} -p DOWNSTREAM -p UPSTREAM`), and picks the carried patches on top of it. For a fork
without such a merge, everything since the merge base is carried.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.attempt.merge.raw import Sides, merge
from resync_argo.attempt.repository.step_objects import descends_from
from resync_argo.errors import Stalled
from resync_argo.git import Git, GitError
from resync_argo.reasons.attempt import UNCLEAR_CARRY


@dataclass(frozen=True, kw_only=True)
class Round:
    """The ends of a rebase.

    Attributes:
        head: downstream's commit.
        upstream: the new commit of upstream.
        last: the merge that last recorded upstream; None for the first rebase.
        base: upstream's commit that the carried patches are based on; None for the merge bases.
        since: commits whose history is excluded.
        included: downstream's commit with the included pull requests on top; None without any.
        compared: git's arguments for the upstream commits to compare the patches with; () for the
            new ones.
    """

    head: str
    upstream: str
    last: str | None
    base: str | None
    since: tuple[str, ...]
    included: str | None = None
    compared: tuple[str, ...] = ()

    @property
    def tip(self) -> str:
        """Return the last commit to carry."""
        return self.included or self.head

    @property
    def span(self) -> tuple[str, ...]:
        """Return git's arguments for the commits to carry."""
        return (self.tip, *(f"^{it}" for it in (*self.since, self.upstream)))


@dataclass(frozen=True, kw_only=True)
class _Merge:
    id: str
    downstream: str
    upstream: str


def find_round(git: Git, head: str, upstream: str, given: str | None = None) -> Round:
    """Find the last rebase.

    Args:
        git: a repository with both histories.
        head: downstream's commit.
        upstream: the new commit of upstream.
        given: the merge of the last rebase, if a person named it.

    Raises:
        Stalled: reason `UnclearCarry`: the last rebase is uncertain.
        GitError: an object is missing.
    """
    found = _candidates(git, head, upstream)
    if given is not None:
        named = [it for it in found if it.id.startswith(given)]
        if len(named) != 1:
            raise Stalled(
                UNCLEAR_CARRY,
                f"`git carry --since {given[:64]}` does not name a merge on the branch that took "
                "all files from its second parent.",
            )
        return _switched(git, head, upstream, named[0])
    known = [it for it in found if descends_from(git, upstream, it.upstream)]
    last = known[0] if known else None
    others = [it for it in found if it not in known and (last is None or _is_newer(git, it, last))]
    newer = [it for it in others if not _is_ordinary(git, it, last)]
    if newer:
        return _after_switch(git, head, upstream, newer[0], last)
    if last is None:
        return Round(head=head, upstream=upstream, last=None, base=None, since=())
    _refuse_two(git, known)
    base = last.upstream if _is_base(git, head, upstream, last.upstream) else None
    since = (last.downstream, last.upstream)
    return Round(head=head, upstream=upstream, last=last.id, base=base, since=since)


def _is_base(git: Git, head: str, upstream: str, commit: str) -> bool:
    """Return whether both histories part at a commit: neither merged the other since."""
    return git.attempt("merge-base", "--all", head, upstream).stdout.decode().split() == [commit]


def _candidates(git: Git, head: str, upstream: str) -> list[_Merge]:
    """Return the merges that could be rebases, newest first.

    Their files are exactly the second parent's, although that lacks commits of the first.
    """
    log = ("log", "--topo-order", "--merges", "--format=%H %T %P", head, f"^{upstream}", "--")
    lines = [line.split() for line in git.text(*log).splitlines()]
    pairs = [it for it in lines if len(it) == len(("merge", "tree", "first", "second"))]
    trees = trees_of(git, [it[3] for it in pairs])
    return [
        _Merge(id=merge, downstream=first, upstream=second)
        for merge, tree, first, second in pairs
        if trees[second] == tree and not descends_from(git, second, first)
    ]


def trees_of(git: Git, commits: Sequence[str]) -> dict[str, str]:
    """Return the trees of commits, by commit."""
    if not commits:
        return {}
    stdin = "".join(f"{it}\n" for it in commits).encode()
    output = git.run("log", "--no-walk=unsorted", "--format=%H %T", "--stdin", stdin=stdin)
    pairs = (line.split(" ") for line in output.decode().splitlines())
    return {it[0]: it[1] for it in pairs}


def _is_newer(git: Git, one: _Merge, other: _Merge) -> bool:
    return descends_from(git, one.id, other.id)


def _is_ordinary(git: Git, one: _Merge, last: _Merge | None) -> bool:
    """Return whether a merge is of one of the fork's own branches, such as an up-to-date pull request.

    If git merges the same two commits, it then gets the same files. For a rebase it does not, since
    it keeps downstream's patches.
    """
    if last is not None and descends_from(git, one.upstream, last.id):
        return True
    try:
        made = merge(git, Sides(ours=one.downstream, theirs=one.upstream), MergeOptions())
    except GitError as error:
        if error.lacks_object:
            # Nobody knows what git would make of it, so do not take it for a rebase.
            raise
        return False
    return made.clean and made.tree == git.text("rev-parse", f"{one.id}^{{tree}}")


def _refuse_two(git: Git, known: Sequence[_Merge]) -> None:
    """Refuse parallel rebases, since the commits of both would be carried."""
    beside = next((it for it in known[1:] if not descends_from(git, known[0].id, it.id)), None)
    if beside is not None:
        raise Stalled(
            UNCLEAR_CARRY,
            f"The branch holds two parallel rebases, {known[0].id[:12]} and {beside.id[:12]}:"
            " name the one that its patches were picked on with `git carry --since COMMIT`.",
        )


def _after_switch(git: Git, head: str, upstream: str, newest: _Merge, last: _Merge | None) -> Round:
    """Return the round if the last rebase recorded a commit that upstream's new one does not contain.

    It is certain that the recorded commit is upstream's only if the rebase replaced an earlier one.
    """
    if last is None or not descends_from(git, newest.downstream, last.id):
        raise Stalled(
            UNCLEAR_CARRY,
            f"The merge {newest.id[:12]} took over all files of {newest.upstream[:12]}, which {upstream[:12]} does not"
            " contain. If it is the last rebase, on another branch of upstream, say so with `git "
            f"carry --since {newest.id[:12]}`: from the merge base on, all patches would come twice.",
        )
    return _switched(git, head, upstream, newest)


def _switched(git: Git, head: str, upstream: str, last: _Merge) -> Round:
    if not git.succeeds("merge-base", last.upstream, upstream):
        raise Stalled(
            UNCLEAR_CARRY,
            f"{last.upstream[:12]}, which the last rebase recorded, and {upstream[:12]} have no common history.",
        )
    since = (last.downstream, last.upstream)
    return Round(head=head, upstream=upstream, last=last.id, base=last.upstream, since=since)
