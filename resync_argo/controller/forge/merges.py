"""Looks at how a final pull request was merged, once: a squash or a rebase drops upstream's history.

Git knows what a branch contains by ancestry. Where the merge left the release's commit out, later
syncs meet the same differences again, so that is told: reason `SquashMerged`, and one comment on the
pull request. Called by `tag` when a merge was seen, before it is written down: a crash in between
only repeats it.
"""

from resync_argo.api.conditions import shorten
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Sync, Tag
from resync_argo.controller.world import World
from resync_argo.errors import ResyncError
from resync_argo.forge.interface import PullRequest
from resync_argo.forge.merge_history import keeps_history

SQUASH_MERGED = "SquashMerged"

_MARK = "<!-- resync: squash-merged -->"


def observe_merge(
    world: World, plan: Plan, tag: Tag, sync: Sync, final: PullRequest | None
) -> Sync:
    """Return the entry, which tells it if the merge left the release's history out.

    The look is tried once: the next release does not wait for it.

    Args:
        world: the surroundings.
        plan: whose pull request it is.
        tag: the release.
        sync: the entry as it is now.
        final: the pull request, if it was looked at in this pass.
    """
    if final is None or final.merged_commit is None or tag.spec.commit is None:
        return sync
    try:
        remote = world.remotes.final(plan)
        if keeps_history(remote, final.merged_commit, {tag.spec.commit, final.head_commit}):
            return sync
        _comment(world, plan, tag, final)
    except ResyncError as error:
        message = f"{sync.message} Whether its history was kept cannot be seen: {error}"
        return sync.model_copy(update={"message": shorten(message)})
    message = (
        f"{final.url} was squashed or rebased: the branch does not contain {tag.spec.commit}, so "
        "later syncs will meet the same conflicts again."
    )
    return sync.model_copy(update={"reason": SQUASH_MERGED, "message": shorten(message)})


def _comment(world: World, plan: Plan, tag: Tag, final: PullRequest) -> None:
    forge = world.forges.final(plan)
    if any(_MARK in comment.body for comment in forge.list_comments(final.number)):
        return
    forge.comment(
        final.number,
        f"{_MARK}\nThis was squashed or rebased, so the branch has the changes of {tag.version} but "
        f"not its history: git does not know that `{tag.spec.commit}` is in it. The sync of the next "
        "release will meet every difference between the two sides again, and each conflict that "
        "was resolved here.\n\nMerge these pull requests with a merge commit. To mend this one, "
        f"record the merge, which changes no file, and push it or merge it as a pull request with a "
        f"merge commit:\n\n```sh\ngit fetch https://{tag.spec.repository} {tag.spec.commit}\n"
        "git merge -s ours FETCH_HEAD\n```\n",
    )
