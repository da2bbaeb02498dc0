"""Downstream's files without the dropped commits: the side that is merged with upstream.

If nothing was dropped, it is the branch's own tree, with everything that its merges resolved. Files
of dropped commits are rebuilt by picking the kept commits on the upstream that they were made for.
If a kept commit builds on a dropped one, or all commits together do not produce the branch's file,
the right content is unknown and people are asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from resync_argo.attempt.carry.picking import changed_paths, differing, pick, put
from resync_argo.attempt.carry.policy import Carried
from resync_argo.attempt.carry.rounds import Round
from resync_argo.attempt.merge.conflicts import pick_entries
from resync_argo.attempt.merge.logical import Logical
from resync_argo.attempt.merge.options import MergeOptions
from resync_argo.conflicts.record import ConflictPath, Kind
from resync_argo.git import Git


@dataclass(frozen=True, kw_only=True)
class State:
    """Downstream's side.

    Attributes:
        tree: the files.
        base: the upstream commit that they were made for.
        unclear: the paths whose content without the dropped commits is uncertain.
    """

    tree: str
    base: str
    unclear: frozenset[bytes] = frozenset()


def find_state(
    git: Git,
    span: Round,
    *,
    commits: Sequence[Carried],
    kept: Sequence[Carried],
    dropped: Sequence[Carried],
    options: MergeOptions,
) -> State | None:
    """Return downstream's side; None where the histories are unrelated.

    Args:
        git: the trusted clone.
        span: the rebase.
        commits: all since the last rebase, in order.
        kept: the commits to pick, in order.
        dropped: the commits to remove.
        options: how to merge.

    Raises:
        GitError: an object is missing.
    """
    found = git.attempt("merge-base", span.head, span.upstream).stdout.decode().split()
    base = span.base or next(iter(found), None)
    if base is None:
        return None
    whole = git.text("rev-parse", f"{span.tip}^{{tree}}")
    touched = frozenset(path for it in dropped for path in changed_paths(git, it))
    if not touched:
        return State(tree=whole, base=base)
    picks = _Picks(git=git, start=git.text("rev-parse", f"{base}^{{tree}}"), options=options)
    while True:
        tree, unclear = picks.of(kept, touched)
        every, collided = picks.of(commits, touched)
        # A file that moved later has the dropped changes under its new name.
        more = differing(git, tree, every) - touched
        if not more:
            break
        touched |= more
    # Conflicts resolved in the branch's merges are in no single commit.
    unclear |= (collided | differing(git, every, whole)) & touched
    taken = touched - unclear
    return State(tree=put(git, whole, tree, taken), base=base, unclear=unclear)


@dataclass(frozen=True, kw_only=True)
class _Picks:
    git: Git
    start: str
    options: MergeOptions

    def of(
        self, commits: Sequence[Carried], touched: frozenset[bytes]
    ) -> tuple[str, frozenset[bytes]]:
        """Return what commits produce at some paths, and the paths where they collide."""
        tree, collided = self.start, frozenset[bytes]()
        for one in commits:
            if not touched.isdisjoint(changed_paths(self.git, one)):
                picked = pick(self.git, tree, one, self.options)
                tree, collided = picked.tree, collided | (picked.conflicts & touched)
        return tree, collided


def unclear_conflicts(git: Git, state: State, upstream: str) -> list[Logical]:
    """Return what is unclear as conflicts: downstream's file as it is, and upstream's."""
    paths = state.unclear
    trees = (state.base, state.tree, upstream)
    base, own, theirs = (pick_entries(git, it, paths) for it in trees)
    return [
        Logical(
            path=ConflictPath(
                path=path,
                ancestor=base.get(path),
                downstream={path: own[path]} if path in own else {},
                upstream={path: theirs[path]} if path in theirs else {},
                names=(path,),
                kind=Kind.UNDECIDED,
            ),
            raw=frozenset([path]),
        )
        for path in sorted(paths)
        if own.get(path) != theirs.get(path)
    ]
