"""How the releases of an upstream are named there: Plans that name them alike share their Tags."""

from typing import NamedTuple


class Naming(NamedTuple):
    """What tells the releases of one upstream from others of it.

    Attributes:
        tag_prefix: what the names of git tags begin with; None: an optional `v`.
        version_pattern: a regular expression that the names match; None: they need none.
        branch: the branch whose commits are taken, or a pattern for it; None: git tags are.
    """

    tag_prefix: str | None = None
    version_pattern: str | None = None
    branch: str | None = None

    def __str__(self) -> str:
        """Return what is named; "" where nothing is."""
        return self.branch or self.version_pattern or self.tag_prefix or ""
