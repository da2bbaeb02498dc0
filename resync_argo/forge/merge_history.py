"""Checks whether a merge kept the merged history: a squash or a rebase drops it.

For git, a branch contains the ancestors of its commits. So this fetches a few commits before the
merge, without trees (git's "Partial Clone", `tree:0`). The controller calls it once, after the
final pull request is merged.
"""

from collections.abc import Collection

from resync_argo.budget import Budget
from resync_argo.git import LOOK, Remote, scratch_repository
from resync_argo.hosts.refusals import explained

DEPTH = 100
"""How far back from the merge a commit is looked for: more than the commits of a pull request's branch,
and little to fetch also from a repository with a long history."""

_REF = "refs/look/merged"
_FETCH = ("fetch", "--quiet", "--no-tags", "--filter=tree:0", f"--depth={DEPTH}", "--stdin")


def keeps_history(
    remote: Remote, merged: str, wanted: Collection[str], *, budget: Budget = LOOK
) -> bool:
    """Return whether one of the wanted commits is near the end of the history of `merged`.

    Args:
        remote: the repository.
        merged: id of the commit that the merge created.
        wanted: ids of commits.
        budget: the limits.

    Raises:
        Stalled: the repository or the commit does not exist, or a person must act for another
            reason.
        Transient: they cannot be read within the budget.
    """
    with scratch_repository(remote, budget) as git:
        with explained(remote, merged):
            git.run(*_FETCH, "origin", stdin=f"+{merged}:{_REF}\n".encode(), remote=remote)
        return not set(git.text("rev-list", _REF).split()).isdisjoint(wanted)
