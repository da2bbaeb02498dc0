"""Checks, with the permissions, whether people can merge a sync's pull request with a merge commit.

If they cannot, the branch gets a release's changes without its history, which causes conflicts in
later syncs. This is only a warning and blocks nothing.
"""

from resync_argo.api.conditions import Finding
from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.forge.interface import Access, Forge
from resync_argo.reasons.plan import (
    LINEAR_HISTORY_REQUIRED,
    MERGE_COMMITS_DISABLED,
    MERGE_COMMITS_POSSIBLE,
    MERGE_METHODS_NOT_TOLD,
)

_FOLLOWS = (
    "so a sync's pull request can only be squashed or rebased. The branch then has the release's changes"
    " without its history. A record in the repository lets later syncs count it; a merge by hand meets the"
    " same conflicts again."
)


def look_at_merges(forge: Forge, access: ForgeAccess, target: Access) -> Finding:
    """Return the finding from settings and rules.

    Args:
        forge: the downstream's.
        access: names the downstream and its branch.
        target: the forge's answer about the repository.

    Raises:
        ForgeError: the forge does not answer, or refuses.
    """
    name, branch = access.downstream, access.branch
    if target.merge_commits is False:
        message = f"The settings of {name} do not allow merge commits, {_FOLLOWS}"
        return Finding(status="False", reason=MERGE_COMMITS_DISABLED, message=message)
    is_linear = forge.has_linear_history(branch)
    if is_linear:
        message = f"A rule keeps merge commits out of {branch} in {name}, {_FOLLOWS}"
        return Finding(status="False", reason=LINEAR_HISTORY_REQUIRED, message=message)
    if is_linear is None or target.merge_commits is None:
        what = "rules of the branch" if is_linear is None else "settings of the repository"
        message = f"The forge does not show these credentials all {what}: {name}, {branch}."
        return Finding(status="Unknown", reason=MERGE_METHODS_NOT_TOLD, message=message)
    message = f"Pull requests into {branch} can be merged with a merge commit."
    return Finding(status="True", reason=MERGE_COMMITS_POSSIBLE, message=message)
