"""The commit that names the owner of a release's branches; a ref next to them points to it.

It is empty, and the same for the same owner: the pod pushes it, and the controller recognizes it.
"""

from resync_argo.git import Git
from resync_argo.hosts.empty_commit import empty_commit


def claim_commit(git: Git, owner: str, *, write: bool = False) -> str:
    """Return the id of the commit with which an owner claims branches.

    Args:
        git: in the repository that gets the commit, else in any folder.
        owner: what distinguishes the Plan from others of its name.
        write: whether the repository gets it.
    """
    return empty_commit(git, f"Owned by {owner}.\n", write=write)
