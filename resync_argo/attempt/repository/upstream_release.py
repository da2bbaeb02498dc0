"""Finds a run's git tag, and the upstream releases in the downstream branch.

`checkout` calls it; upstream's listing, the Plan's range and the branch's history decide.
"""

from bisect import bisect
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from resync_argo.api.plan import Config
from resync_argo.attempt.context import Attempt
from resync_argo.attempt.repository.reverted import find_revert
from resync_argo.attempt.repository.upstream_branch import find_commit
from resync_argo.errors import Stalled, Transient
from resync_argo.git import Git
from resync_argo.reasons.forge import REPOSITORY_NOT_FOUND
from resync_argo.reasons.sync import TAG_GONE, TAG_MOVED
from resync_argo.upstream.eligibility import Release, read_releases, select
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.remote import list_tags
from resync_argo.upstream.scheme import Scheme
from resync_argo.upstream.versions import Refusal, precedence


@dataclass(frozen=True, kw_only=True)
class Listing:
    """Upstream's tags.

    Attributes:
        wanted: this run's release.
        tags: all tags by name.
    """

    wanted: Release
    tags: tuple[GitTag, ...]


def find_release(attempt: Attempt) -> Listing:
    """Find the run's tag upstream.

    Raises:
        Stalled: reason `TagGone` or `TagMoved`.
        Transient: upstream cannot be read.
    """
    tags = _tags(attempt)
    upstream = attempt.contract.config.upstream
    if upstream.branch is not None:
        return Listing(wanted=find_commit(attempt, upstream.branch), tags=tags)
    releases = read_releases(tags, Scheme.of(upstream)).releases
    wanted = next((release for release in releases if _is_wanted(release, attempt)), None)
    if wanted is None:
        raise Stalled(
            TAG_GONE,
            f"{upstream.name} has no tag for version {attempt.version}{_instead(attempt, releases)}.",
        )
    _refuse_moved(wanted.tag, attempt)
    return Listing(wanted=wanted, tags=tags)


def _instead(attempt: Attempt, releases: Sequence[Release]) -> str:
    """Return the message about a missing version; if a person typed it, with the nearest versions."""
    if attempt.parameters.ref is not None:
        return " any more"
    version = Scheme.of(attempt.contract.config.upstream).read(attempt.version)
    if isinstance(version, Refusal) or not releases:
        return ""
    at = bisect([precedence(it.version) for it in releases], precedence(version))
    near = " and ".join(f"`{it.version}`" for it in releases[max(at - 1, 0) : at + 1])
    verb = "are" if " and " in near else "is"
    return f"; the nearest {verb} {near}, and `resync-argo preview` lists those that are due"


def _tags(attempt: Attempt) -> tuple[GitTag, ...]:
    try:
        return list_tags(attempt.git_in(attempt.layout.trusted), attempt.upstream)
    except Stalled as error:
        if error.reason != REPOSITORY_NOT_FOUND:
            raise
        # The controller saw its tags a moment ago; if upstream stays away, the Plan's condition reports it.
        raise Transient(str(error)) from error


def _is_wanted(release: Release, attempt: Attempt) -> bool:
    ref = attempt.parameters.ref
    return str(release.version) == attempt.version and ref in (None, release.tag.ref)


def _refuse_moved(tag: GitTag, attempt: Attempt) -> None:
    expected = attempt.parameters.commit
    if expected is not None and tag.commit != expected:
        raise Stalled(
            TAG_MOVED,
            f"Upstream moved {tag.name} from {expected[:12]} to {tag.commit[:12]} since it was first"
            " seen; delete the Tag object to sync what it names now.",
        )


def newest_contained(config: Config, tags: Iterable[GitTag], history: Set[bytes]) -> Release | None:
    """Return the newest release of the Plan's range that the branch contains.

    Args:
        config: the Plan's.
        tags: upstream's.
        history: ids of the branch's commits, as `reachable` returns them.
    """
    contained = [
        release
        for release in select(tags, config).releases
        if release.tag.commit.encode() in history
    ]
    return contained[-1] if contained else None


def already_synced(
    attempt: Attempt, wanted: Release, previous: Release | None, *, head: str, contained: bool
) -> str | None:
    """Return why there is nothing to do, beginning with the version that the branch contains.

    Args:
        attempt: the run; a forced one always has work.
        wanted: the run's release.
        previous: the newest release of the Plan's range that the branch contains.
        head: the branch's tip.
        contained: the branch contains the run's release itself.
    """
    if attempt.parameters.force:
        return None
    # For a followed branch, versions are only times: what counts is the branch's history.
    is_tag = wanted.tag.branch is None
    is_older = (
        previous is not None
        and is_tag
        and precedence(previous.version) >= precedence(wanted.version)
    )
    if not contained and not is_older:
        return None
    newest = previous if previous is not None else wanted
    if newest.version == wanted.version:
        return contained_sentence(attempt, str(wanted.version), head, wanted.tag.commit)
    branch = attempt.contract.config.downstream.branch
    return f"{newest.version} is contained in the branch {branch}; {wanted.version} needs no sync."


def contained_sentence(attempt: Attempt, version: str, head: str, release: str) -> str:
    """Return that the branch contains a release, beginning with its version, and whether it was reverted.

    Args:
        attempt: whose clone.
        version: the release's.
        head: the branch's tip.
        release: the release's commit.
    """
    branch = attempt.contract.config.downstream.branch
    revert = find_revert(attempt.repository, head, release)
    if revert is None:
        return f"{version} is contained in the branch {branch}; {version} needs no sync."
    return (
        f"{version} is contained in the history of the branch {branch}, but {revert.commit[:12]} reverted its"
        f" merge {revert.merge[:12]}, and merging it again would do nothing. If you want it after all, revert"
        f" the revert: `git revert {revert.commit[:12]}`, in a pull request."
    )


def reachable(git: Git, commit: str) -> set[bytes]:
    """Return the ids of a commit and all its ancestors, in hex."""
    return set(git.run("rev-list", commit).split())
