"""Lists a host's refs, and does not mistake a strange answer for a repository without any.

Git takes a page of HTML, such as a gateway's, for a plain web server's empty list of refs.
"""

from fnmatch import fnmatchcase

from resync_argo.git import Git, Remote
from resync_argo.hosts.listing import read_refs
from resync_argo.hosts.refusals import explained, refuse_emptiness

_ALL = ("refs/heads/*", "refs/tags/*")


def list_refs(git: Git, remote: Remote, *patterns: str) -> dict[str, str]:
    """Return the refs that match the patterns, with their commits.

    Args:
        git: runs in any folder.
        remote: the host's repository.
        patterns: names that begin with `refs/`; `*` stands for anything.

    Raises:
        Stalled: the repository or a permission is missing.
        Transient: the host cannot be reached, or shows no ref at all.
    """
    refs = _list(git, remote, *patterns, "HEAD") or _list(git, remote, *patterns, *_ALL)
    if not refs:
        refuse_emptiness(remote)
    return {
        name: commit
        for name, commit in refs.items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    }


def _list(git: Git, remote: Remote, *patterns: str) -> dict[str, str]:
    with explained(remote):
        return read_refs(git.run("ls-remote", "--", remote.url, *patterns, remote=remote))
