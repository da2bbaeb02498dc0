"""Finds the upstream releases in the downstream branch: its files are compared with the newest."""

from collections.abc import Iterable, Set

from resync_argo.api.plan import Config
from resync_argo.git import Git
from resync_argo.upstream.eligibility import Release, read_releases
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.scheme import Scheme


def contained_releases(
    config: Config, tags: Iterable[GitTag], history: Set[bytes]
) -> list[Release]:
    """Return the releases that the branch contains, of any range, prereleases too; oldest first.

    Args:
        config: the Plan's.
        tags: upstream's.
        history: ids of the branch's commits, from `reachable`.

    Raises:
        Stalled: reason `InvalidPattern`.
    """
    known = read_releases(tags, Scheme.of(config.upstream)).releases
    return [it for it in known if it.tag.commit.encode() in history]


def last_release(
    git: Git, config: Config, tags: Iterable[GitTag], *, head: str, history: Set[bytes]
) -> Release | None:
    """Return the newest release that the branch contains, of any range, prereleases too; None without one.

    A release inside another one is not the newest, whatever its version: `v1.22.0-alpha.0` may be
    the commit where the 1.21 branch begins.

    Args:
        git: the repository with the branch.
        config: the Plan's.
        tags: upstream's.
        head: the branch's tip.
        history: ids of the branch's commits, as `reachable` returns them.

    Raises:
        Stalled: reason `InvalidPattern`.
    """
    left = contained_releases(config, tags, history)
    newest = None
    while left:
        newest = left[-1]
        span = ("rev-list", "--ancestry-path", f"{newest.tag.commit}..{head}", "--")
        later = set(git.text(*span).split())
        left = [it for it in left if it.tag.commit in later]
    return newest
