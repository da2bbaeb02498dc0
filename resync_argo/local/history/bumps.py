"""Finds where a fork merged its upstream: releases, and on demand other commits of upstream's branches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from resync_argo.git import Git, commit_time
from resync_argo.local.history.own import Own
from resync_argo.upstream.branches import Tip

_BOTH = 2
"""Parents of a merge of two."""

Name = tuple[str, str]
"""A version, and the git tag of it."""


@dataclass(frozen=True, kw_only=True)
class Bump:
    """One merge of upstream.

    Attributes:
        version: the release, or the commit's pseudo-version.
        tag: the git tag's name; for a commit that is not a release, a name made from its version.
        tag_commit: upstream's commit.
        parent: the downstream commit that it was merged into.
        merge: the maintainers' merge commit.
        end: the last commit of their pull request; the merge itself if there was none.
    """

    version: str
    tag: str
    tag_commit: str
    parent: str
    merge: str
    end: str


def bumps_in(git: Git, own: Own, releases: Mapping[str, Name], *, branches: bool) -> list[Bump]:
    """Return the bumps among a fork's own commits, oldest first; those with equal trees only once.

    People merge the release into their branch, or their branch into the release. What upstream itself merged and
    the fork inherited is not a bump, nor is a merge of a release that the branch already had.

    Args:
        git: a repository with the commits of both.
        own: the fork's commits.
        releases: version and git tag, by commit.
        branches: whether merges of other upstream commits than releases count, too.

    Raises:
        GitError: a commit is missing.
    """
    found: dict[tuple[str, str, str], Bump] = {}
    for merge, commit, parent in _merged(own, releases, branches=branches):
        if git.succeeds("merge-base", "--is-ancestor", commit, parent):
            continue
        version, tag = releases.get(commit) or _name(git, commit)
        bump = Bump(
            version=version,
            tag=tag,
            tag_commit=commit,
            parent=parent,
            merge=merge,
            end=own.end_of(merge),
        )
        trees = git.text("rev-parse", f"{parent}^{{tree}}", f"{merge}^{{tree}}").split()
        found.setdefault((commit, trees[0], trees[1]), bump)
    return list(found.values())


def _merged(
    own: Own, releases: Mapping[str, Name], *, branches: bool
) -> Iterator[tuple[str, str, str]]:
    """Yield merges with upstream's commit and downstream's."""
    for merge, parents in own.parents.items():
        if len(parents) != _BOTH:
            continue
        first, second = parents
        if second in releases:
            yield merge, second, first
        elif first in releases and second in own.parents:
            yield merge, first, second
        elif branches and first in own.parents and second not in own.parents:
            yield merge, second, first


def _name(git: Git, commit: str) -> Name:
    """Return the version and tag for a commit of a branch."""
    tip = Tip(branch="", commit=commit, time=datetime.fromtimestamp(commit_time(git, commit), UTC))
    return str(tip.version), f"v{tip.version}"
