"""Makes the commit that names the owner of a release's branches, for the ref beside them.

It is empty, and always the same for the same owner, so the controller recognizes what a pod pushed.
"""

from resync_argo.git import Git
from resync_argo.hosts.empty_commit import empty_commit


def owner_commit(git: Git, owner: str, *, write: bool = False) -> str:
    """Return the id of the commit with which an owner claims branches.

    Args:
        git: runs in the repository that stores the commit, or anywhere if it is not stored.
        owner: tells the Plan from others of the same name.
        write: store the commit.
    """
    return empty_commit(git, f"Owned by {owner}.\n", write=write)
