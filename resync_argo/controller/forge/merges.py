"""Looks at how a final pull request was merged: a squash or a rebase drops upstream's history.

Git knows what a branch contains by ancestry. Where the merge left the release's commit out, later syncs
meet the same differences again, so the pull request gets one comment that says so.
"""

from dataclasses import dataclass

from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.forge.forges import Forges
from resync_argo.controller.forge.remotes import Remotes
from resync_argo.forge.merge_history import keeps_history

_MARK = "<!-- resync: squash-merged -->"


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
    """Looks at one merge after another."""

    forges: Forges
    remotes: Remotes

    def look(self, _key: object, merged: MergedPullRequest) -> bool:
        """Tell whether the branch's history has the release; comment once where it has not.

        Raises:
            ResyncError: the repository cannot be read, or refuses the comment.
        """
        remote = self.remotes.final(merged.access)
        if keeps_history(remote, merged.merged_commit, {merged.tag_commit, merged.head_commit}):
            return True
        forge = self.forges.final(merged.access)
        if not any(_MARK in comment.body for comment in forge.list_comments(merged.number)):
            forge.comment(merged.number, _text(merged))
        return False


def _text(merged: MergedPullRequest) -> str:
    return (
        f"{_MARK}\nThis pull request was squashed or rebased. The branch has the changes of"
        f" {merged.version} but not its history, so git does not know that `{merged.tag_commit}` is in"
        " it. The sync of the next release will meet every difference between the two sides again, and"
        " each conflict that you resolved here.\n\nMerge these pull requests with a merge commit. To"
        " repair this one, record the merge, which changes no file. Push it, or merge it as a pull"
        f" request with a merge commit:\n\n```sh\ngit fetch https://{merged.repository}"
        f" {merged.tag_commit}\ngit merge -s ours FETCH_HEAD\n```\n"
    )
