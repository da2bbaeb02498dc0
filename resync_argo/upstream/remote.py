"""Which tags an upstream repository has, asked with one `git ls-remote`.

A `Git` and a `Remote` go in, `GitTag`s come out; the controller shares one answer between all
Plans of an upstream, and checkout asks for a tag that was submitted by hand. What the other side
sends is bounded in time and size.
"""

from dataclasses import replace

from resync_argo.budget import Budget
from resync_argo.git import LOOK, Git, Remote
from resync_argo.hosts.refusals import explained, refs_at_second_look
from resync_argo.upstream.git_tags import GitTag, read_listing

BUDGET = replace(LOOK, disk_bytes=None)
"""The folder does not count: in a pod it holds the clone, and `ls-remote` writes nothing."""


def list_tags(git: Git, remote: Remote, *, budget: Budget = BUDGET) -> tuple[GitTag, ...]:
    """Return the repository's tags by name, annotated ones with the commit they point to.

    Args:
        git: in any folder.
        remote: the repository.
        budget: what it may cost.

    Raises:
        Stalled: the repository is not there, or a person must act for another cause.
        Transient: it cannot be reached or read, or shows no branch either; says what git said.
    """
    with explained(remote):
        listing = git.within(budget).run("ls-remote", "--tags", "--", remote.url, remote=remote)
    return read_listing(listing or refs_at_second_look(remote))
