"""Deletes what nobody needs once a sync's final pull request is merged or closed: conflict branches.

They live until then, because a replay takes people's resolutions from them. Called by `tag` before
the status says that it is over, so that a crash in between only repeats it.
"""

from resync_argo.api.plan import Plan
from resync_argo.api.tag import Sync, Tag
from resync_argo.controller.wanted import ABANDONED
from resync_argo.controller.world import World
from resync_argo.names import sync_branch


def tidy_up(world: World, plan: Plan, tag: Tag, old: Sync | None, sync: Sync) -> None:
    """Delete the conflict branches, if the sync had a conflict and has just been settled."""
    settled = _is_settled(sync) and not (old is not None and _is_settled(old))
    if not settled or sync.conflict is None or world.settings.keep_conflict_branches:
        return
    forge = world.forges.conflict(plan)
    stem = sync_branch(f"{plan.metadata.name}/conflicts", tag.version)
    for branch in forge.list_branches(f"{stem}/"):
        forge.delete_branch(branch)


def _is_settled(sync: Sync) -> bool:
    """Tell whether a person merged or closed the final pull request."""
    return bool(sync.merged) or (sync.reason == ABANDONED and sync.number is not None)
