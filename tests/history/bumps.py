"""Finds the merges of upstream releases in a downstream's history."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from resync_argo.git import Git
from resync_argo.upstream.eligibility import read_releases
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.scheme import Scheme


@dataclass(frozen=True, kw_only=True)
class Bump:
    """One merge of a release.

    Attributes:
        version: the release; `tag` is the git tag's name and `tag_commit` its commit.
        parent: the downstream commit that it was merged into.
        merge: what the maintainers made of it.
    """

    version: str
    tag: str
    tag_commit: str
    parent: str
    merge: str


def find_bumps(upstream: Path, downstream: Path) -> list[Bump]:
    """Return the bumps in the downstream clone's HEAD, oldest first.

    A merge of a release that upstream's branches and tags have is upstream's own. Other refs do not count: those of
    pull requests may have what downstream made.
    """
    releases = {it.tag.commit: it for it in read_releases(_tags(upstream), Scheme()).releases}
    merges = ("rev-list", "--merges", "--branches", "--tags")
    inherited = set(Git(directory=upstream).text(*merges).split())
    found = []
    for merge, first, *others in _merges(downstream):
        for other in others:
            if other in releases and merge not in inherited:
                release = releases[other]
                found.append(
                    Bump(
                        version=str(release.version),
                        tag=release.tag.name,
                        tag_commit=other,
                        parent=first,
                        merge=merge,
                    )
                )
    return found


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


def _merges(downstream: Path) -> Iterator[list[str]]:
    listing = Git(directory=downstream).text(
        "rev-list", "--merges", "--parents", "--topo-order", "--reverse", "HEAD"
    )
    yield from (line.split() for line in listing.splitlines())
