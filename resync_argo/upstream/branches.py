"""Chooses the upstream branch that a Plan follows, and makes pseudo-versions of its commits; pure.

Pseudo-versions are Go's (go.dev/ref/mod, "Pseudo-versions"), and sort by the commit's time.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from resync_argo.errors import Stalled
from resync_argo.reasons.forge import BRANCH_NOT_FOUND
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.versions import Version, significant

_NUMBERS = re.compile(r"[0-9]{1,9}(?:[._-][0-9]{1,9}){0,9}", re.ASCII)
"""What `*` in a pattern stands for: a version's numbers."""
_PSEUDO = re.compile(r"0\.0\.0-(?P<time>[0-9]{14})-[0-9a-f]{12}", re.ASCII)
_TIME = "%Y%m%d%H%M%S"


@dataclass(frozen=True, kw_only=True)
class Head:
    """A branch of a repository, and its newest commit."""

    branch: str
    commit: str


@dataclass(frozen=True, kw_only=True)
class Tip:
    """A commit of a branch, and its time."""

    branch: str
    commit: str
    time: datetime

    @property
    def version(self) -> Version:
        """Return the commit's pseudo-version."""
        stamp = self.time.astimezone(UTC).strftime(_TIME)
        return Version.parse(f"0.0.0-{stamp}-{self.commit[:12]}")

    @property
    def tag(self) -> GitTag:
        """Return a tag, as if upstream had tagged the commit."""
        return GitTag(name=str(self.version), commit=self.commit, branch=self.branch)

    def after(self, versions: Iterable[str]) -> "Tip":
        """Return the tip with a time later than those of some versions, since a commit can carry any date."""
        times = [time for text in versions if (time := time_of(text)) is not None]
        latest = max(times, default=self.time - timedelta(seconds=1))
        return replace(self, time=max(self.time, latest + timedelta(seconds=1)))


def time_of(version: str) -> datetime | None:
    """Return the time in a pseudo-version; None for any other text."""
    found = _PSEUDO.fullmatch(version)
    try:
        return datetime.strptime(found["time"], _TIME).replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


def choose(branches: Iterable[str], wanted: str) -> str | None:
    """Return the branch that a Plan follows; None if it does not exist.

    Args:
        branches: names without `refs/heads/`.
        wanted: a name, or a pattern whose `*` stands for a version's numbers; the highest version
            wins.
    """
    if "*" not in wanted:
        return wanted if wanted in set(branches) else None
    places = {name: place for name in branches if (place := _place(name, wanted)) is not None}
    return max(places, key=lambda name: (places[name], name), default=None)


def _place(name: str, wanted: str) -> tuple[int, ...] | None:
    """Return the numbers that a pattern's `*` matches in a name; None if the name does not match."""
    before, _, after = wanted.partition("*")
    rest = name.removeprefix(before)
    numbers = rest.removesuffix(after)
    if before + numbers + after != name or not _NUMBERS.fullmatch(numbers):
        return None
    return significant(tuple(int(number) for number in re.split(r"[._-]", numbers)))


def missing(wanted: str) -> Stalled:
    """Return the error for a Plan whose upstream branch does not exist."""
    return Stalled(
        BRANCH_NOT_FOUND,
        f"Upstream has no branch `{wanted}`: correct `config.upstream.branch`. A `*` in it stands for a version's"
        " numbers, as in `release-*`.",
    )
