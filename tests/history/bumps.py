"""Finds the bumps of a downstream in two clones, on all of its branches, with parts of resync-argo."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from resync_argo.git import Git
from resync_argo.local.history.bumps import Bump, bumps_in
from resync_argo.local.history.own import Own
from resync_argo.upstream.eligibility import read_releases
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.scheme import Scheme

BRANCHES = ("--branches", "--remotes", "HEAD")
"""Not all refs: those of upstream's pull requests hold commits of downstream, too."""


def find_bumps(upstream: Path, downstream: Path, *, branches: bool = False) -> list[Bump]:
    """Return the bumps on all of a downstream's branches, oldest first; several with the same trees count once.

    Args:
        upstream: a clone.
        downstream: a clone.
        branches: whether merges of upstream's commits that are not releases count as well.
    """
    source = Git(directory=upstream)
    objects = source.text("rev-parse", "--path-format=absolute", "--git-path", "objects")
    both = Git(directory=downstream, environment={"GIT_ALTERNATE_OBJECT_DIRECTORIES": objects})
    heads = source.text("for-each-ref", "--format=%(objectname)", "refs/heads/", "refs/remotes/")
    tags = list(_tags(source))
    own = Own.read(both, BRANCHES, [*heads.split(), *(it.commit for it in tags)])
    releases = {
        it.tag.commit: (str(it.version), it.tag.name)
        for it in read_releases(tags, Scheme()).releases
    }
    return bumps_in(both, own, releases, branches=branches)


def with_predecessors(downstream: Path, bumps: Sequence[Bump]) -> Iterator[tuple[Bump, Bump]]:
    """Yield each bump that has an earlier one on its branch, with the newest of these.

    Args:
        downstream: the clone.
        bumps: oldest first.
    """
    for bump in bumps:
        history = set(Git(directory=downstream).text("rev-list", bump.parent).split())
        before = [it for it in bumps if it.merge in history]
        if before:
            yield bump, before[-1]


def _tags(git: Git) -> Iterator[GitTag]:
    layout = "--format=%(refname:lstrip=2)%09%(objectname)%09%(*objectname)"
    for line in git.text("for-each-ref", layout, "refs/tags/").splitlines():
        name, commit, peeled = line.split("\t")
        yield GitTag(name=name, commit=peeled or commit)
