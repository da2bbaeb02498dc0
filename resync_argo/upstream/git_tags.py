"""Parses the tags in the output of `git ls-remote --tags`, and leaves out unsafe names; pure."""

import re
from dataclasses import dataclass

MAX_NAME = 244
"""How long a tag's name may be: git can still add `refs/tags/` and `.lock` and use it as a file name."""

_TAGS = "refs/tags/"
_PEELED = "^{}"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
# Everything that git-check-ref-format refuses, anything but printable ASCII, and braces, which Argo
# expands.
_REFUSED = re.compile(r"[^!-~]|[~^:?*\[\\{}]|\.\.|//|/\.|\.lock(?:/|\Z)|[./]\Z|\A[-./]")


@dataclass(frozen=True, kw_only=True)
class GitTag:
    """A tag of a repository.

    Attributes:
        name: without `refs/tags/`.
        commit: id of the commit that it points to, also through annotated tags.
        branch: the branch, if this is a commit of one rather than a tag; `name` is then the
            commit's version.
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
        """Return what to fetch: the ref, or the commit's id for a branch, which moves."""
        return self.ref if self.branch is None else self.commit

    @property
    def refspec(self) -> str:
        """Return the refspec that fetches it as a git tag."""
        return f"+{self.source}:{_TAGS}{self.name}"


def is_safe_name(name: str) -> bool:
    """Return whether git allows the name, and it is printable and does not look like an option."""
    return 0 < len(name) <= MAX_NAME and not _REFUSED.search(name) and name != "@"


def read_listing(listing: bytes) -> tuple[GitTag, ...]:
    """Return the tags in the output of `git ls-remote --tags`, without unsafe names."""
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
