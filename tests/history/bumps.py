"""Finds where a downstream merged its upstream: releases, and on demand what upstream's branches held."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from resync_argo.git import Git
from resync_argo.upstream.branches import Tip
from resync_argo.upstream.eligibility import read_releases
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.scheme import Scheme
from tests.history.ends import Ends

BRANCHES = ("--branches", "--remotes")
"""Not all refs: those of pull requests of upstream's host hold what downstream made, too."""


@dataclass(frozen=True, kw_only=True)
class Bump:
    """One merge of upstream.

    Attributes:
        version: the release, or the commit's pseudo-version.
        tag: the git tag's name; of a commit that is no release, a name made from its version.
        tag_commit: upstream's commit.
        parent: the downstream commit that it was merged into.
        merge: what the maintainers made of it.
        end: the commit that their pull request ended with; the merge itself where there was none.
    """

    version: str
    tag: str
    tag_commit: str
    parent: str
    merge: str
    end: str


@dataclass(frozen=True)
class _Upstream:
    clone: Path

    @cached_property
    def releases(self) -> dict[str, tuple[str, str]]:
        """Commit → version and git tag."""
        found = read_releases(_tags(self.clone), Scheme()).releases
        return {it.tag.commit: (str(it.version), it.tag.name) for it in found}

    @cached_property
    def commits(self) -> frozenset[str]:
        """All that its branches and tags hold."""
        git = Git(directory=self.clone)
        return frozenset(git.text("rev-list", *BRANCHES, "--tags").split())

    def name(self, commit: str) -> tuple[str, str]:
        """Return version and tag of a commit of a branch."""
        seconds = int(Git(directory=self.clone).text("log", "-1", "--format=%ct", commit))
        tip = Tip(branch="", commit=commit, time=datetime.fromtimestamp(seconds, UTC))
        return str(tip.version), f"v{tip.version}"


def find_bumps(upstream: Path, downstream: Path, *, branches: bool = False) -> list[Bump]:
    """Return the bumps on all of a downstream's branches, oldest first, those with the same trees once.

    People merge the release into their branch, or their branch into the release. What upstream itself merged and
    the downstream inherited is no bump.

    Args:
        upstream: a clone.
        downstream: a clone.
        branches: whether merges of upstream's commits that are no release count as well.
    """
    source, git = _Upstream(upstream), Git(directory=downstream)
    ends = Ends(git)
    found: dict[tuple[str, str, str], Bump] = {}
    for merge, *parents in _merges(git):
        if merge in source.commits or len(parents) != 2:
            continue
        merged = _merged(source, *parents, branches=branches)
        if merged is None:
            continue
        commit, parent = merged
        version, tag = source.releases.get(commit) or source.name(commit)
        bump = Bump(
            version=version,
            tag=tag,
            tag_commit=commit,
            parent=parent,
            merge=merge,
            end=ends.of(merge),
        )
        trees = git.text("rev-parse", f"{parent}^{{tree}}", f"{merge}^{{tree}}").split()
        found.setdefault((commit, trees[0], trees[1]), bump)
    return list(found.values())


def _merged(
    source: _Upstream, first: str, second: str, *, branches: bool
) -> tuple[str, str] | None:
    """Return upstream's commit and downstream's; None where a merge is no bump."""
    if second in source.releases:
        return second, first
    if first in source.releases and second not in source.commits:
        return first, second
    if branches and second in source.commits and first not in source.commits:
        return second, first
    return None


def with_predecessors(downstream: Path, bumps: Sequence[Bump]) -> Iterator[tuple[Bump, Bump]]:
    """Yield each bump with the newest one that its branch had before, where there is one.

    Args:
        downstream: the clone.
        bumps: oldest first.
    """
    for bump in bumps:
        history = set(Git(directory=downstream).text("rev-list", bump.parent).split())
        before = [it for it in bumps if it.merge in history]
        if before:
            yield bump, before[-1]


def _tags(upstream: Path) -> Iterator[GitTag]:
    layout = "--format=%(refname:lstrip=2)%09%(objectname)%09%(*objectname)"
    for line in Git(directory=upstream).text("for-each-ref", layout, "refs/tags/").splitlines():
        name, commit, peeled = line.split("\t")
        yield GitTag(name=name, commit=peeled or commit)


def _merges(git: Git) -> Iterator[list[str]]:
    order = ("--merges", "--parents", "--topo-order", "--reverse")
    listing = git.text("rev-list", *order, *BRANCHES, "HEAD")
    yield from (line.split() for line in listing.splitlines())
