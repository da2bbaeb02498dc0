"""Which of an upstream's tags are releases that a Plan wants: a chain of pure checks.

`GitTag`s and a Plan's `config` go in; releases, oldest first, and every refused tag with its reason
come out. The controller makes Tags of the releases and tells the refused ones when asked why.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from semver import Version

from resync_argo.api.plan import Config, Upstream
from resync_argo.errors import Stalled
from resync_argo.reasons.turn import DUPLICATE_VERSION, OUT_OF_RANGE, PRERELEASE
from resync_argo.upstream.git_tags import GitTag
from resync_argo.upstream.versions import (
    Refusal,
    VersionRange,
    parse_version,
    precedence,
    version_of,
)

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
    """What a Plan wants of an upstream's tags; `releases` are sorted, oldest first."""

    releases: tuple[Release, ...]
    refused: tuple[RefusedTag, ...]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What a Plan says about versions, read once."""

    ranges: tuple[VersionRange, ...]
    prereleases: bool

    @classmethod
    def of(cls, config: Config) -> "Policy":
        """Read the Plan's ranges.

        Raises:
            Stalled: reason `InvalidRange`; says which range is wrong and why.
        """
        ranges = tuple(VersionRange.parse(text) for text in config.upstream.matched_versions)
        return cls(ranges=ranges, prereleases=config.enable_prereleases)

    def refusal(self, version: Version) -> Refusal | None:
        """Return why the Plan does not want the version; None when it does."""
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


def read_releases(tags: Iterable[GitTag], prefix: str | None) -> Selection:
    """Tell the tags that stand for a version from those that do not.

    Where two names stand for the same version (`v1.2.3` and `1.2.3`), the one with `v` is the release.
    """
    releases: dict[str, Release] = {}
    refused: list[RefusedTag] = []
    for tag in sorted(tags, key=lambda tag: (not tag.name.startswith("v"), tag.name)):
        version = version_of(tag.name, prefix)
        if isinstance(version, Refusal):
            refused.append(RefusedTag(tag=tag, refusal=version))
        elif str(version) in releases:
            refused.append(RefusedTag(tag=tag, refusal=_duplicate(releases[str(version)])))
        else:
            releases[str(version)] = Release(version=version, tag=tag)
    ordered = sorted(releases.values(), key=lambda release: precedence(release.version))
    return Selection(releases=tuple(ordered), refused=tuple(refused))


def select(tags: Iterable[GitTag], config: Config) -> Selection:
    """Return the releases that a Plan wants, oldest first, and why it wants no other tag.

    Raises:
        Stalled: reason `InvalidRange`; one of the Plan's ranges cannot be read.
    """
    policy = Policy.of(config)
    known = read_releases(tags, config.upstream.tag_prefix)
    wanted: list[Release] = []
    refused = list(known.refused)
    for release in known.releases:
        refusal = policy.refusal(release.version)
        if refusal is None:
            wanted.append(release)
        else:
            refused.append(RefusedTag(tag=release.tag, refusal=refusal))
    return Selection(releases=tuple(wanted), refused=tuple(refused))


def wants(config: Config, *, repository: str, tag_prefix: str | None, version: str) -> bool:
    """Tell whether a Plan wants a Tag, by the Tag's identity.

    A Plan whose range cannot be read wants nothing: its own condition says so.
    """
    if not follows(config.upstream, repository=repository, tag_prefix=tag_prefix):
        return False
    parsed = parse_version(version)
    try:
        return isinstance(parsed, Version) and Policy.of(config).refusal(parsed) is None
    except Stalled:
        return False


def follows(upstream: Upstream, *, repository: str, tag_prefix: str | None) -> bool:
    """Tell whether an upstream is the one that a Tag came from."""
    return (upstream.name, upstream.tag_prefix) == (repository, tag_prefix)


def _duplicate(release: Release) -> Refusal:
    return Refusal(
        reason=DUPLICATE_VERSION,
        message=f"The tag `{release.tag.name}` stands for {release.version} already.",
    )
