"""The tags in the output of `git ls-remote --tags`; pure. Only names that git itself allows are let through."""

import re
from dataclasses import dataclass

MAX_NAME = 244
"""Characters in a tag's name: with `refs/tags/` and `.lock` it is still a file name."""

_TAGS = "refs/tags/"
_PEELED = "^{}"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
# What git-check-ref-format refuses, any character that is not printable ASCII, and braces, which Argo reads.
_REFUSED = re.compile(r"[^!-~]|[~^:?*\[\\{}]|\.\.|//|/\.|\.lock(?:/|\Z)|[./]\Z|\A[-./]")


@dataclass(frozen=True, kw_only=True)
class GitTag:
    """A tag of a repository.

    Attributes:
        name: without `refs/tags/`.
        commit: what it points to, through annotated tags, in hex.
        branch: the branch that the commit is of, where it is not a tag's: the name is then its version.
    """

    name: str
    commit: str
    branch: str | None = None

    @property
    def ref(self) -> str:
        """Return the full name of the ref."""
        return _TAGS + self.name if self.branch is None else f"refs/heads/{self.branch}"

    @property
    def source(self) -> str:
        """Return what it is fetched by: the ref, but its id where it is a branch's, which moves."""
        return self.ref if self.branch is None else self.commit

    @property
    def refspec(self) -> str:
        """Return what fetches it to where git tags are."""
        return f"+{self.source}:{_TAGS}{self.name}"


def is_safe_name(name: str) -> bool:
    """Return whether the name is one that git allows, printable, and does not look like an option."""
    return 0 < len(name) <= MAX_NAME and not _REFUSED.search(name) and name != "@"


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
