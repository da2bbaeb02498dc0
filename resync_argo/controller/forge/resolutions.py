"""Shows how much of an open conflict pull request is resolved: the status `resync/resolution`.

In: a pull request's head as seen on the forge. Out: a commit status on that head, once per head.
"""

from dataclasses import dataclass

from resync_argo.conflicts.observe import observe_resolution
from resync_argo.conflicts.resolution import STATUS_CONTEXT, Resolution
from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.forge.interface import CommitState, CommitStatus

REWRITTEN = "The base branch was rewritten: what is left is unknown"


@dataclass(frozen=True, kw_only=True)
class ConflictHead:
    """The head of an open conflict pull request.

    Attributes:
        access: how the Plan reaches its repository.
        base: the base branch.
        branch: the head branch.
        commit: the head's tip according to the forge; the branch itself may be ahead of it, or
            behind.
        run_url: the status's link; None: no link.
    """

    access: ForgeAccess
    base: str
    branch: str
    commit: str
    run_url: str | None

    @property
    def key(self) -> str:
        """Return the conflict's short name, which is part of the branch."""
        return self.branch.split("/")[-2]


@dataclass(frozen=True, kw_only=True)
class Resolutions:
    """Judges heads, one at a time."""

    forges: Forges
    remotes: Remotes

    def look(self, _key: object, head: ConflictHead) -> str:
        """Set the status; return its description.

        Raises:
            ResyncError: the branches cannot be read, or the status cannot be set.
        """
        resolution = observe_resolution(
            self.remotes.conflict(head.access), base=head.base, head=head.commit, key=head.key
        )
        status = _status(resolution, head.run_url)
        self.forges.conflict(head.access).set_commit_status(head.commit, status)
        return status.description


def _status(resolution: Resolution | None, url: str | None) -> CommitStatus:
    state, description = CommitState.ERROR, REWRITTEN
    if resolution is not None:
        state = CommitState.SUCCESS if resolution.is_complete else CommitState.FAILURE
        description = resolution.description
    return CommitStatus(context=STATUS_CONTEXT, state=state, description=description, url=url)
