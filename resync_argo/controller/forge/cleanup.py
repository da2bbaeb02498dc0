"""Deletes obsolete branches: those of conflicts, and one to rebuild.

Conflict branches live until the final pull request is merged or closed, because a replay takes
people's resolutions from them. If a pull request is still open then, it is closed with a label and
a comment. The cleanup is retried until it works, and only a rebuild waits for it. Branches that a
Plan of the same name elsewhere has claimed are left alone.
"""

from dataclasses import dataclass

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.controller.state.owners import Owners
from resync_argo.forge.interface import Forge, PullRequestState
from resync_argo.names import OBSOLETE_LABEL, sync_branch

_SETTLED = "The sync that asked this is over, so no answer is needed."
_REBUILT = (
    "Somebody asked to rebuild this branch: it will be deleted, and another pull request takes"
    " the place of this one."
)


@dataclass(frozen=True, kw_only=True)
class Branches:
    """Branches of one sync to delete.

    Attributes:
        access: how the Plan reaches their repository.
        plan: the Plan's name; `line` names the release's branches.
        rebuild: id of a person's request for a rebuild, which deletes the sync's own branch; None:
            delete the branches of its conflicts.
    """

    access: ForgeAccess
    plan: str
    line: str
    rebuild: int | None = None


@dataclass(frozen=True, kw_only=True)
class Cleanup:
    """Deletes branches, one sync at a time."""

    forges: Forges
    remotes: Remotes
    owners: Owners

    def look(self, _key: object, branches: Branches) -> Branches:
        """Delete the branches that exist and are ours; return the request.

        Raises:
            ResyncError: the forge cannot be asked, or refuses.
        """
        if self._are_claimed_elsewhere(branches):
            return branches
        if branches.rebuild is None:
            self._delete_conflicts(branches)
        else:
            self._make_way(branches)
        return branches

    def _are_claimed_elsewhere(self, branches: Branches) -> bool:
        plan = ObjectKey(branches.access.secret.namespace, branches.plan)
        where = self.remotes.conflict(branches.access)
        return self.owners.is_claimed_elsewhere(plan, branches.line, where)

    def _delete_conflicts(self, branches: Branches) -> None:
        forge = self.forges.conflict(branches.access)
        stem = sync_branch(f"{branches.plan}/conflicts", branches.line)
        for branch in forge.list_branches(f"{stem}/"):
            if branch.endswith("/head"):
                _close(forge, branch, _SETTLED)
            forge.delete_branch(branch)

    def _make_way(self, branches: Branches) -> None:
        """Delete the sync's branch, a person's commits included, and close its pull request."""
        branch = sync_branch(branches.plan, branches.line)
        _close(self.forges.final(branches.access), branch, _REBUILT)
        self.forges.conflict(branches.access).delete_branch(branch)


def _close(forge: Forge, branch: str, why: str) -> None:
    """Close a branch's open pull request with a comment, since the forge would close it without one."""
    found = forge.find_pull_request(branch)
    if found is None or found.state is not PullRequestState.OPEN:
        return
    forge.add_labels(found.number, [OBSOLETE_LABEL])
    forge.comment(found.number, why)
    forge.close_pull_request(found.number)
