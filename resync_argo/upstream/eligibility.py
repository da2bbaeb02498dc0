"""Selects the releases that a Plan wants from an upstream's tags: a chain of pure checks.

In: `GitTag`s and a Plan's `config`. Out: releases, oldest first, and every refused tag with its
reason. The controller creates Tags for the releases, and explains refused ones on request.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from resync_argo.api.naming import Naming
from resync_argo.api.plan import Config, Upstream
from resync_argo.reasons.turn import DUPLICATE_VERSION, OUT_OF_RANGE, PRERELEASE
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.ranges import VersionRange
from resync_argo.upstream.schedule import next_time
from resync_argo.upstream.scheme import Scheme
from resync_argo.upstream.versions import Precedence, Refusal, Version, precedence

STRICT = Scheme()
"""Semantic Versioning, with an optional `v`."""

Check = Callable[[Version], Refusal | None]


@dataclass(frozen=True, kw_only=True)
class Release:
    """A git tag that stands for a version."""

    version: Version
    tag: GitTag


@dataclass(frozen=True, kw_only=True)
class RefusedTag:
    """A git tag that was left out, and why."""

    tag: GitTag
    refusal: Refusal


@dataclass(frozen=True, kw_only=True)
class Selection:
    """An upstream's tags as a Plan selects them; `releases` are sorted, oldest first."""

    releases: tuple[Release, ...]
    refused: tuple[RefusedTag, ...]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A Plan's rules about versions, parsed once."""

    scheme: Scheme
    ranges: tuple[VersionRange, ...]
    prereleases: bool
    branch: str | None = None

    @classmethod
    def of(cls, config: Config) -> "Policy":
        """Read the Plan's scheme and ranges.

        Raises:
            Stalled: reason `InvalidRange`, `InvalidPattern` or `InvalidSchedule`; the message says
                what is wrong.
        """
        upstream = config.upstream
        if upstream.branch is not None:
            next_time(upstream.interval, datetime.now(UTC))
        ranges = (VersionRange.parse(it, upstream.versioning) for it in upstream.matched_versions)
        return cls(
            scheme=Scheme.of(upstream),
            ranges=tuple(ranges),
            prereleases=config.enable_prereleases,
            branch=upstream.branch,
        )

    def refusal(self, version: Version) -> Refusal | None:
        """Return why the Plan does not want the version; None if it does, as always when it follows a branch."""
        if self.branch is not None:
            return None
        checks: tuple[Check, ...] = (self._prerelease, self._range)
        return next((found for check in checks if (found := check(version))), None)

    def _prerelease(self, version: Version) -> Refusal | None:
        if version.prerelease is None or self.prereleases:
            return None
        return Refusal(
            reason=PRERELEASE,
            message=f"{version} is a prerelease, and `config.enablePrereleases` is not set.",
        )

    def _range(self, version: Version) -> Refusal | None:
        if any(version in wanted for wanted in self.ranges):
            return None
        return Refusal(
            reason=OUT_OF_RANGE,
            message=f"{version} is in none of `config.upstream.matchedVersions`.",
        )


def read_releases(tags: Iterable[GitTag], scheme: Scheme) -> Selection:
    """Separate the tags that stand for a version from the others.

    If two names stand for the same version (`v1.2.3` and `1.2.3`, or `1.2.0` and `1.2`), take one
    that Semantic Versioning accepts, and among those the one with `v`.
    """
    found: list[Release] = []
    refused: list[RefusedTag] = []
    for tag in tags:
        version = scheme.version_of(tag.name)
        if isinstance(version, Refusal):
            refused.append(RefusedTag(tag=tag, refusal=version))
        else:
            found.append(Release(version=version, tag=tag))
    releases: dict[Precedence, Release] = {}
    for release in sorted(found, key=_rank):
        first = releases.setdefault(precedence(release.version), release)
        if first is not release:
            refused.append(RefusedTag(tag=release.tag, refusal=_duplicate(first)))
    ordered = tuple(releases[place] for place in sorted(releases))
    return Selection(releases=ordered, refused=tuple(sorted(refused, key=lambda it: it.tag.name)))


def _rank(release: Release) -> tuple[bool, bool, str]:
    """Return a sort key for the names of one version: the one to take comes first."""
    is_strict = isinstance(STRICT.read(str(release.version)), Version)
    return not is_strict, not release.tag.name.startswith("v"), release.tag.name


def select(tags: Iterable[GitTag], config: Config) -> Selection:
    """Return the releases that a Plan wants, oldest first, and why it refuses each other tag.

    Raises:
        Stalled: reason `InvalidRange` or `InvalidPattern`; a field of the Plan cannot be parsed.
    """
    policy = Policy.of(config)
    known = read_releases(tags, policy.scheme)
    wanted: list[Release] = []
    refused = list(known.refused)
    for release in known.releases:
        refusal = policy.refusal(release.version)
        if refusal is None:
            wanted.append(release)
        else:
            refused.append(RefusedTag(tag=release.tag, refusal=refusal))
    return Selection(releases=tuple(wanted), refused=tuple(refused))


def follows(upstream: Upstream, *, repository: str, naming: Naming) -> bool:
    """Return whether a Tag came from an upstream."""
    return (upstream.name, upstream.naming) == (repository, naming)


def _duplicate(release: Release) -> Refusal:
    return Refusal(
        reason=DUPLICATE_VERSION,
        message=f"The tag `{release.tag.name}` stands for {release.version} already.",
    )
