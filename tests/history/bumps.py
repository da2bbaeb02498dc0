"""Finds the merges of upstream releases in a downstream's history."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from resync_argo.git import Git
from resync_argo.upstream.eligibility import read_releases
from resync_argo.upstream.git_tags import GitTag


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
    """Return the bumps in the downstream clone's HEAD, oldest first."""
    releases = {it.tag.commit: it for it in read_releases(_tags(upstream), None).releases}
    found = []
    for merge, first, *others in _merges(downstream):
        for other in others:
            if other in releases:
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
