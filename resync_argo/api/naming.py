"""How an upstream names its releases. Plans that describe the names alike share Tags."""

from typing import NamedTuple


class Naming(NamedTuple):
    """What distinguishes one series of an upstream's releases from its others.

    Attributes:
        tag_prefix: the prefix of git tag names; None: an optional `v`.
        version_pattern: a regular expression that the names match; None: any name.
        branch: the branch whose commits are the releases, or a pattern for it; None: git tags are
            the releases.
    """

    tag_prefix: str | None = None
    version_pattern: str | None = None
    branch: str | None = None

    def __str__(self) -> str:
        """Return the fields that are set; "" if none is."""
        return self.branch or self.version_pattern or self.tag_prefix or ""
