"""Checks how a final pull request was merged: a squash or a rebase drops upstream's history.

For git, a branch contains the ancestors of its commits. If the merge left out the release's commit,
a record for future syncs names the commit that brought in the release, and the pull request gets
one comment about it.
"""

import enum
import logging
from dataclasses import dataclass

from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.forge.records import Records
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.errors import Stalled
from resync_argo.forge.grafts import Brought
from resync_argo.forge.merge_history import keeps_history
from resync_argo.names import brought_ref

LOG = logging.getLogger(__name__)

_MARK = "<!-- resync: squash-merged -->"


class History(enum.Enum):
    """Whether a merge kept upstream's history or dropped it, with or without a record."""

    KEPT = enum.auto()
    RECORDED = enum.auto()
    LOST = enum.auto()


@dataclass(frozen=True, kw_only=True)
class MergedPullRequest:
    """A final pull request that was merged.

    Attributes:
        access: how the Plan reaches its repository.
        number: of the pull request.
        merged_commit: the commit that the merge made.
        head_commit: the tip of its branch.
        tag_commit: the release's commit.
        version: the release's version; `repository` is the upstream.
    """

    access: ForgeAccess
    number: int
    merged_commit: str
    head_commit: str
    tag_commit: str
    version: str
    repository: str


@dataclass(frozen=True, kw_only=True)
class Merges:
    """Checks merges, one at a time."""

    forges: Forges
    remotes: Remotes
    records: Records

    def look(self, _key: object, merged: MergedPullRequest) -> History:
        """Return whether the branch's history has the release; if not, record it and comment once.

        Raises:
            ResyncError: the repository cannot be read, or refuses the comment; or a host does not answer.
        """
        remote = self.remotes.final(merged.access)
        if keeps_history(remote, merged.merged_commit, {merged.tag_commit, merged.head_commit}):
            return History.KEPT
        history = self._record(merged)
        forge = self.forges.final(merged.access)
        if not any(_MARK in comment.body for comment in forge.list_comments(merged.number)):
            forge.comment(merged.number, _text(merged, history))
        return history

    def _record(self, merged: MergedPullRequest) -> History:
        brought = Brought(merged=merged.merged_commit, release=merged.tag_commit)
        try:
            self.records.write(merged.access, brought)
        except Stalled as error:
            LOG.warning("#%s was squashed, and nothing can record it: %s", merged.number, error)
            return History.LOST
        return History.RECORDED


def _text(merged: MergedPullRequest, history: History) -> str:
    begin = (
        f"{_MARK}\nThis pull request was squashed or rebased. The branch has the changes of"
        f" {merged.version} but not its history, so git does not know that `{merged.tag_commit}` is in"
        " it."
    )
    if history is History.RECORDED:
        ref = brought_ref(merged.access.branch, merged.merged_commit)
        return (
            f"{begin}\n\nresync-argo keeps a record of it, in the ref `{ref}` of"
            f" {merged.access.branches_in}. Later syncs, `resync-argo preview` and `resync-argo run` take"
            " the release for merged, so nothing that you resolved here comes back. A `git merge` by hand"
            " does not use it: a merge commit is still the better way to merge these pull requests.\n"
        )
    return (
        f"{begin} No record of it could be written: resync-argo may not push to"
        f" {merged.access.branches_in}. The sync of the next release will meet every difference between the two sides again, and"
        " each conflict that you resolved here.\n\nMerge these pull requests with a merge commit. To"
        " repair this one, record the merge, which changes no file. Push it, or merge it as a pull"
        f" request with a merge commit:\n\n```sh\ngit fetch https://{merged.repository}"
        f" {merged.tag_commit}\ngit merge -s ours FETCH_HEAD\n```\n"
    )
