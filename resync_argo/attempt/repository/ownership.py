"""Whose a release's branches are: Plans of one name in two namespaces or clusters leave each other's alone.

The first push claims the branches by a ref beside them, in the same atomic push. It points to an empty
commit that is the same for the same owner, so a lease on the ref settles who was first. Branches that
an earlier version pushed have no such ref: the next push claims them.
"""

from collections.abc import Mapping

from resync_argo.attempt.context import Attempt
from resync_argo.errors import Stalled
from resync_argo.hosts.claims import claim_commit
from resync_argo.hosts.refs import list_refs
from resync_argo.reasons.attempt import OWNED_ELSEWHERE


def claim(attempt: Attempt) -> dict[str, str]:
    """Return the ref that claims the branches, with its commit; empty for a run that nobody owns."""
    owner = attempt.parameters.owner
    if not owner:
        return {}
    return {attempt.owner_ref: claim_commit(attempt.repository, owner, write=True)}


def look_for_others(attempt: Attempt) -> str | None:
    """Return the commit of the ref that claims the branches; None where there is none.

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
    """Refuse to go on where branches are there that somebody else has claimed.

    Args:
        attempt: who asks.
        there: refs of the repository that branches are pushed to, with their commits.

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
