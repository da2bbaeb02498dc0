"""Takes away what nobody needs any more: conflict branches, and a branch that is to be made anew.

Conflict branches live until the final pull request is merged or closed, because a replay takes people's
resolutions from them. A pull request that is still open then is closed with a label and a word. Called
by `tag` before the status says that it is over, so that a crash in between only repeats it.
"""

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Sync, Tag
from resync_argo.controller.sync.lookups import ABANDONED
from resync_argo.controller.world import World
from resync_argo.forge.interface import Forge, PullRequestState
from resync_argo.names import OBSOLETE_LABEL, sync_branch

_SETTLED = "The sync that asked this is over, so nobody needs an answer any more."
_REBUILT = (
    "This branch is made anew, as somebody asked; another pull request takes this one's place."
)


def tidy_up(world: World, plan: Plan, tag: Tag, old: Sync | None, sync: Sync) -> None:
    """Delete the conflict branches, if the sync may have had a conflict and has just been settled."""
    settled = _is_settled(sync) and not (old is not None and _is_settled(old))
    # A retry forgets the conflicts of the tries before it; their branches are still there.
    may_have_branches = sync.conflict is not None or sync.retry > 0
    if not settled or not may_have_branches or world.settings.keep_conflict_branches:
        return
    forge = world.forges.conflict(plan)
    stem = sync_branch(f"{plan.metadata.name}/conflicts", tag.version)
    for branch in forge.list_branches(f"{stem}/"):
        if branch.endswith("/head"):
            _close(forge, branch, _SETTLED)
        forge.delete_branch(branch)


def make_way(world: World, plan: Plan, tag: Tag) -> None:
    """Delete the sync's branch, a person's commits included, and close its pull request."""
    branch = sync_branch(plan.metadata.name, tag.version)
    _close(world.forges.final(plan), branch, _REBUILT)
    world.forges.conflict(plan).delete_branch(branch)


def _close(forge: Forge, branch: str, why: str) -> None:
    """Close a branch's open pull request; the forge would do so too, but say nothing."""
    found = forge.find_pull_request(branch)
    if found is None or found.state is not PullRequestState.OPEN:
        return
    forge.add_labels(found.number, [OBSOLETE_LABEL])
    forge.comment(found.number, why)
    forge.close_pull_request(found.number)


def _is_settled(sync: Sync) -> bool:
    """Tell whether a person merged or closed the final pull request."""
    return bool(sync.merged) or (sync.reason == ABANDONED and sync.number is not None)
