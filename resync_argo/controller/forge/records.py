"""Writes and reads, with a Plan's credentials, the records of releases that a branch has without their history.

A record goes to the repository of the Plan's own branches, since its credentials may push there.
"""

from dataclasses import dataclass

from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.forge.grafts import Brought, fetch_records, write_record


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of all Plans' branches."""

    forges: Forges
    remotes: Remotes

    def write(self, access: ForgeAccess, brought: Brought) -> None:
        """Write a record.

        Raises:
            Stalled: the credentials may not push.
            Transient: the host does not answer.
        """
        write_record(self.remotes.conflict(access), access.branch, brought)

    def confirm(self, access: ForgeAccess, release: str) -> bool:
        """Return whether a record says that the branch has a release, and the branch contains the record's commit.

        Raises:
            ResyncError: the repository or the forge cannot be asked.
        """
        remotes = [self.remotes.final(access)]
        if access.fork is not None:
            remotes.append(self.remotes.conflict(access))
        forge = self.forges.final(access)
        return any(
            record.release == release and forge.contains(access.branch, record.merged)
            for remote in remotes
            for record in fetch_records(remote, access.branch)
        )
