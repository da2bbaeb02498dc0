"""Tracks who owns a release's branches: Plans of the same name in two namespaces or clusters do not collide.

The first push claims the branches by a ref next to them, in the same atomic push. It points to an
empty commit that is the same for the same owner, so a lease on the ref settles who was first.
Branches that an earlier version pushed have no such ref: the next push claims them.
"""

from collections.abc import Mapping

from resync_argo.attempt.context import Attempt
from resync_argo.errors import Stalled
from resync_argo.hosts.owner_commit import owner_commit
from resync_argo.hosts.refs import list_refs
from resync_argo.reasons.attempt import OWNED_ELSEWHERE


def claim(attempt: Attempt) -> dict[str, str]:
    """Return the ref that claims the branches, with its commit; empty for a run without an owner."""
    owner = attempt.parameters.owner
    if not owner:
        return {}
    return {attempt.owner_ref: owner_commit(attempt.repository, owner, write=True)}


def look_for_others(attempt: Attempt) -> str | None:
    """Return the commit of the ref that claims the branches; None without one.

    Raises:
        Stalled: reason `OwnedElsewhere`; or the repository or a permission is missing.
        Transient: the host cannot be reached.
    """
    conflicts = f"refs/heads/resync/{attempt.plan}/conflicts/{attempt.line}/*"
    branch = f"refs/heads/{attempt.sync_branch}"
    there = list_refs(attempt.repository, attempt.push, branch, conflicts, attempt.owner_ref)
    refuse_others(attempt, there)
    return there.get(attempt.owner_ref)


def refuse_others(attempt: Attempt, there: Mapping[str, str]) -> None:
    """Refuse to continue if somebody else has claimed existing branches.

    Args:
        attempt: the run.
        there: refs of the repository to push branches to, with their commits.

    Raises:
        Stalled: reason `OwnedElsewhere`.
    """
    own, claimed = claim(attempt), there.get(attempt.owner_ref)
    if not own or claimed is None or own[attempt.owner_ref] == claimed:
        return
    stem = f"refs/heads/resync/{attempt.plan}/"
    if any(name.startswith(stem) for name in there):
        raise Stalled(
            OWNED_ELSEWHERE,
            f"The branch {attempt.sync_branch} belongs to a Plan of the same name in another namespace or"
            f" cluster. Rename this Plan. If that one is gone for good, delete the ref {attempt.owner_ref}"
            f" in {attempt.pushed_to}, and retry.",
        )
