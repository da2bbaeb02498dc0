"""Decides which versions a Plan accepts, and which version a git tag's name stands for; pure.

Code that has a Plan parses all versions with its `Scheme`: of git tags, of Tags, and in people's
input.
"""

import functools
import re
from dataclasses import dataclass

import semver

from resync_argo.api.patterns import Pattern, compile_pattern
from resync_argo.api.plan import Upstream, Versioning
from resync_argo.errors import Stalled
from resync_argo.reasons.plan import INVALID_PATTERN
from resync_argo.reasons.turn import NOT_A_VERSION, OTHER_PREFIX, PATTERN_NOT_MATCHED
from resync_argo.upstream.versions import Refusal, Version, parse_version

WHOLE = "version"
"""The group of a pattern that holds a version; without it the groups of `NUMBERS` do."""
NUMBERS = ("major", "minor", "patch")
GROUPS = (WHOLE, *NUMBERS, "prerelease", "build")

_DIGITS = re.compile(r"[0-9]*", re.ASCII)
_GROUP = re.compile(r"\(\?P?<(\w+)>", re.ASCII)
"""The beginning of a group that has a name."""


@dataclass(frozen=True, kw_only=True)
class Scheme:
    """How a Plan reads versions.

    Attributes:
        versioning: the syntax of versions.
        prefix: the beginning of every release's name, such as `kustomize/v`; None: an optional `v`.
        pattern: instead of a prefix, a regular expression for a release's whole name.
    """

    versioning: Versioning = "Semver"
    prefix: str | None = None
    pattern: str | None = None

    @classmethod
    def of(cls, upstream: Upstream) -> "Scheme":
        """Return the scheme of a Plan's upstream.

        Raises:
            Stalled: reason `InvalidPattern`; the message says what is wrong with its
                `versionPattern`.
        """
        if upstream.version_pattern is not None:
            _compiled(upstream.version_pattern)
        return cls(
            versioning=upstream.versioning,
            prefix=upstream.tag_prefix,
            pattern=upstream.version_pattern,
        )

    def version_of(self, tag: str) -> Version | Refusal:
        """Return the version that a git tag's name stands for.

        Args:
            tag: the name without `refs/tags/`.
        """
        if self.pattern is not None:
            return self._by_pattern(tag, self.pattern)
        if self.prefix is None:
            return self.read(tag.removeprefix("v"))
        if not tag.startswith(self.prefix):
            message = f"Its name does not begin with `{self.prefix}`."
            return Refusal(reason=OTHER_PREFIX, message=message)
        return self.read(tag.removeprefix(self.prefix))

    def read(self, text: str) -> Version | Refusal:
        """Parse a version, such as a Tag's or one that a person typed."""
        version = parse_version(text)
        if isinstance(version, Refusal) or self.versioning == "Loose":
            return version
        if semver.Version.is_valid(text):
            return version
        message = f"`{text}` is not a version as Semantic Versioning writes it."
        return Refusal(reason=NOT_A_VERSION, message=message)

    def _by_pattern(self, tag: str, pattern: str) -> Version | Refusal:
        found = _compiled(pattern).fullmatch(tag)
        if found is None:
            message = f"Its name does not match `{pattern}`."
            return Refusal(reason=PATTERN_NOT_MATCHED, message=message)
        groups = found.groupdict()
        if WHOLE in groups:
            return self.read(groups[WHOLE] or "")
        for name in NUMBERS:
            text = groups.get(name) or ""
            if not _DIGITS.fullmatch(text):
                message = f"`{text}`, its `{name}` by `{pattern}`, is not a number."
                return Refusal(reason=NOT_A_VERSION, message=message)
        return self.read(_assembled(groups))


def _assembled(groups: dict[str, str | None]) -> str:
    """Assemble the version from the parts of a name; a missing number is 0."""
    numbers = ((groups.get(name) or "0").lstrip("0") or "0" for name in NUMBERS)
    marks = (("-", groups.get("prerelease")), ("+", groups.get("build")))
    return ".".join(numbers) + "".join(f"{sign}{mark}" for sign, mark in marks if mark)


@functools.lru_cache(maxsize=1000)
def _compiled(text: str) -> Pattern:
    try:
        pattern = compile_pattern(text)
    except ValueError as error:
        raise _invalid(text, str(error)) from None
    names = pattern.groupindex
    if WHOLE not in names and NUMBERS[0] not in names:
        raise _invalid(text, "it has neither a group `version` nor a group `major`")
    if WHOLE in names and len(names) > 1:
        raise _invalid(text, "it has other groups beside `version`")
    if double := [name for name in names if _GROUP.findall(text).count(name) > 1]:
        raise _invalid(text, f"it has two groups `{double[0]}`")
    if unknown := [name for name in names if name not in GROUPS]:
        raise _invalid(text, f"its group `{unknown[0]}` means nothing")
    return pattern


def _invalid(text: str, why: str) -> Stalled:
    return Stalled(
        INVALID_PATTERN,
        f"`{text}` in `config.upstream.versionPattern` cannot be used: {why}. Write a regular expression of RE2"
        " that whole names of tags match, such as `release-(?P<version>.+)` or"
        " `REL_(?P<major>[0-9]+)_(?P<minor>[0-9]+)`; there may be groups `patch`, `prerelease` and `build`, too.",
    )
