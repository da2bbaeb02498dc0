"""Which tags an upstream repository has, asked with one `git ls-remote`.

A `Git` and a `Remote` go in, `GitTag`s come out; the controller shares one answer between all
Plans of an upstream, and checkout asks for a tag that was submitted by hand. What the other side
sends is bounded in time and size, and only names that git itself would allow are let through.
"""

import re
from dataclasses import dataclass, replace

from resync_argo.budget import Budget
from resync_argo.errors import Transient
from resync_argo.git import LOOK, Git, GitError, Remote

BUDGET = replace(LOOK, disk_bytes=None)
"""The folder does not count: in a pod it holds the clone, and `ls-remote` writes nothing."""

MAX_NAME = 244
"""Characters in a tag's name: with `refs/tags/` and `.lock` it is still a file name."""

_TAGS = "refs/tags/"
_PEELED = "^{}"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
# What git-check-ref-format refuses, and any character that is not printable ASCII.
_REFUSED = re.compile(r"[^!-~]|[~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)|[./]\Z|\A[-./]")


@dataclass(frozen=True, kw_only=True)
class GitTag:
    """A tag of a repository.

    Attributes:
        name: without `refs/tags/`.
        commit: what it points to, through annotated tags, in hex.
    """

    name: str
    commit: str

    @property
    def ref(self) -> str:
        """Return the full name of the ref."""
        return _TAGS + self.name


def is_safe_name(name: str) -> bool:
    """Tell whether the name is one that git allows, printable, and does not look like an option."""
    return 0 < len(name) <= MAX_NAME and not _REFUSED.search(name) and name != "@"


def list_tags(git: Git, remote: Remote, *, budget: Budget = BUDGET) -> tuple[GitTag, ...]:
    """Return the repository's tags by name, annotated ones with the commit they point to.

    Args:
        git: in any folder.
        remote: the repository.
        budget: what it may cost.

    Raises:
        Transient: the repository cannot be reached or read; says what git said.
    """
    git = git.within(budget)
    try:
        listing = git.run("ls-remote", "--tags", "--", remote.url, remote=remote)
    except GitError as error:
        raise Transient(_unreachable(remote, error)) from error
    return read_listing(listing)


def read_listing(listing: bytes) -> tuple[GitTag, ...]:
    """Return the tags in the output of `git ls-remote --tags`, leaving out names that are not safe."""
    commits: dict[str, str] = {}
    peeled: dict[str, str] = {}
    for line in listing.decode(errors="replace").split("\n"):
        commit, _, ref = line.partition("\t")
        if not _COMMIT.match(commit) or not ref.startswith(_TAGS):
            continue
        name = ref.removeprefix(_TAGS)
        found = peeled if name.endswith(_PEELED) else commits
        found[name.removesuffix(_PEELED)] = commit
    names = sorted(name for name in commits if is_safe_name(name))
    return tuple(GitTag(name=name, commit=peeled.get(name, commits[name])) for name in names)


def _unreachable(remote: Remote, error: GitError) -> str:
    said = error.stderr.strip().splitlines()
    last = next((line for line in said if line.startswith(("fatal:", "error:"))), "")
    return f"The tags of {remote.url} cannot be read: {last or 'git said nothing'}."
