"""From git's tag names to versions, their order, and the ranges that Plans write.

Versions are strict Semantic Versioning 2.0.0 (semver.org); names that are not are refused with a
reason, never repaired. Used by `eligibility`, `graph`, and wherever a version is compared.

A range is one of: `*`, `1.x`, `1.21.x`, a full version, or comparators that must all hold:
`>=1.21.2 <1.22.0`, `~1.21`, `^1.2`. `>=` and `<` may leave parts out, which then count as 0.

Prereleases: a range admits the prereleases of the releases that it spans, so `1.22.0-rc.1` is
judged as `1.22.0`: it belongs to `1.22.x` and not to `<1.22.0`. A comparator that itself names a
prerelease compares by precedence. npm's rule (prereleases only where a comparator names one with
the same numbers) is not followed: it surprises people, and `enablePrereleases` already asks them.
"""

import functools
import re
from dataclasses import dataclass
from itertools import chain
from typing import Literal, TypeAlias

from semver import Version

from resync_argo.errors import Stalled
from resync_argo.reasons.plan import INVALID_RANGE
from resync_argo.reasons.reason import Reason
from resync_argo.reasons.turn import NOT_A_VERSION, OTHER_PREFIX

MAX_VERSION = 100

Operator: TypeAlias = Literal["=", ">", ">=", "<", "<="]

_COMPARATOR = re.compile(r"(?P<operator>>=|<=|>|<|=|~|\^)?(?P<operand>[0-9A-Za-z.+*-]{1,100})\Z")
_SERIES = re.compile(r"(?P<major>0|[1-9]\d*)(?:\.(?P<minor>0|[1-9]\d*))?\.[xX*]\Z", re.A)
_PARTIAL = re.compile(r"(?P<major>0|[1-9]\d*)(?:\.(?P<minor>0|[1-9]\d*))?\Z", re.A)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why something is left out: a reason, and a sentence for people."""

    reason: Reason
    message: str


@functools.lru_cache(maxsize=100_000)
def parse_version(text: str) -> Version | Refusal:
    """Return the version that the text is, strictly as Semantic Versioning 2.0.0 writes it."""
    if len(text) > MAX_VERSION:
        return Refusal(reason=NOT_A_VERSION, message=f"It has more than {MAX_VERSION} characters.")
    try:
        # The package's `\d` also takes the digits of other scripts.
        return Version.parse(text) if text.isascii() else _not_a_version(text)
    except ValueError:
        return _not_a_version(text)


def version_of(tag: str, prefix: str | None) -> Version | Refusal:
    """Return the version that a git tag's name stands for.

    Args:
        tag: the name without `refs/tags/`.
        prefix: what every release's name begins with, such as `kustomize/v`; None: an optional `v`.
    """
    if prefix is None:
        return parse_version(tag.removeprefix("v"))
    if not tag.startswith(prefix):
        return Refusal(reason=OTHER_PREFIX, message=f"Its name does not begin with `{prefix}`.")
    return parse_version(tag.removeprefix(prefix))


Identifiers: TypeAlias = tuple[tuple[int, tuple[tuple[int, int, str], ...], str], ...]
"""Dot separated identifiers as a sort key."""

Precedence: TypeAlias = tuple[int, int, int, bool, Identifiers, Identifiers]


def precedence(version: Version) -> Precedence:
    """Return a sort key: Semantic Versioning's precedence, then the build metadata.

    Two things go beyond the standard, since people mean them: digits within an identifier count as a
    number (`rc9` comes before `rc10`), and builds are in order (`17.0.1+9` before `17.0.1+12`).
    """
    return (
        *(version.major, version.minor, version.patch, version.prerelease is None),
        _identifiers(version.prerelease),
        _identifiers(version.build),
    )


def _identifiers(text: str | None) -> Identifiers:
    # A number comes before a word (semver.org, 11.4.3); the text itself tells `rc1` from `rc01`.
    words = text.split(".") if text else ()
    return tuple((int(not it.isdigit()), _pieces(it), it) for it in words)


def _pieces(identifier: str) -> tuple[tuple[int, int, str], ...]:
    return tuple(
        (0, int(piece), "") if piece.isdigit() else (1, 0, piece)
        for piece in re.findall(r"\d+|\D+", identifier)
    )


@dataclass(frozen=True, kw_only=True)
class Comparator:
    """One comparison with a version."""

    operator: Operator
    operand: Version

    def holds(self, version: Version) -> bool:
        """Tell whether the version is within this bound."""
        match self.operator:
            case "=":
                return version == self.operand
            case ">":
                return self._judged(version) > precedence(self.operand)
            case ">=":
                return self._judged(version) >= precedence(self.operand)
            case "<":
                return self._judged(version) < precedence(self.operand)
            case "<=":
                return self._judged(version) <= precedence(self.operand)

    def _judged(self, version: Version) -> Precedence:
        # A bound has no build metadata, and says nothing about it.
        judged = version.replace(build=None)
        return precedence(judged if self.operand.prerelease else judged.finalize_version())


@dataclass(frozen=True, kw_only=True)
class VersionRange:
    """Versions for which all comparators hold."""

    comparators: tuple[Comparator, ...]

    @classmethod
    def parse(cls, text: str) -> "VersionRange":
        """Read a range.

        Raises:
            Stalled: reason `InvalidRange`; says what is wrong and what may be written.
        """
        words = text.split()
        if not words:
            raise _invalid(text, "it is empty")
        if words == ["*"]:
            return cls(comparators=())
        return cls(comparators=tuple(c for word in words for c in _comparators(word, text)))

    def __contains__(self, version: object) -> bool:
        """Tell whether the range spans the version."""
        return isinstance(version, Version) and all(c.holds(version) for c in self.comparators)

    def overlaps(self, other: "VersionRange") -> bool:
        """Tell whether there may be a version that both span."""
        # What both span begins at the very first version, or at or right after a bound of one.
        bounds = [it.operand for it in (*self.comparators, *other.comparators)]
        firsts = [(it, it.finalize_version(), _after(it)) for it in bounds]
        lowest = (Version(0, 0, 0), *chain.from_iterable(firsts))
        return any(version in self and version in other for version in lowest)


def _comparators(word: str, text: str) -> tuple[Comparator, ...]:
    found = _COMPARATOR.match(word)
    if found is None:
        raise _invalid(text, f"`{word}` is no comparison")
    operator, operand = found["operator"], found["operand"]
    match operator:
        case "~" | "^":
            return _shorthand(operator, operand, text)
        case ">=" | "<":
            return (Comparator(operator=operator, operand=_filled(operand, text)),)
        case ">" | "<=" | "=":
            return (Comparator(operator=operator, operand=_full(operand, text)),)
        case _:
            series = _SERIES.match(operand)
            if series is None:
                return (Comparator(operator="=", operand=_full(operand, text)),)
            return _spanning(*_numbers(series))


def _shorthand(operator: str, operand: str, text: str) -> tuple[Comparator, ...]:
    low = _filled(operand, text)
    partial = _PARTIAL.match(operand)
    minor = _numbers(partial)[1] if partial else low.minor
    if operator == "~":
        return _between(low, low.bump_major() if minor is None else low.bump_minor())
    if low.major or minor is None:
        return _between(low, low.bump_major())
    # Below 1.0.0 the leftmost number that is not zero is the one that may not change.
    return _between(low, low.bump_minor() if low.minor or partial else _after(low))


def _after(version: Version) -> Version:
    return Version(version.major, version.minor, version.patch + 1)


def _spanning(major: int, minor: int | None) -> tuple[Comparator, ...]:
    low = Version(major, minor or 0, 0)
    return _between(low, low.bump_major() if minor is None else low.bump_minor())


def _between(low: Version, high: Version) -> tuple[Comparator, ...]:
    return Comparator(operator=">=", operand=low), Comparator(operator="<", operand=high)


def _numbers(found: re.Match[str]) -> tuple[int, int | None]:
    return int(found["major"]), None if found["minor"] is None else int(found["minor"])


def _filled(operand: str, text: str) -> Version:
    partial = _PARTIAL.match(operand)
    if partial is None:
        return _full(operand, text)
    major, minor = _numbers(partial)
    return Version(major, minor or 0, 0)


def _full(operand: str, text: str) -> Version:
    version = parse_version(operand)
    if isinstance(version, Refusal):
        raise _invalid(text, f"`{operand}` is not a full version such as `1.21.2`")
    if version.build is not None:
        raise _invalid(text, f"`{operand}` has build metadata, which has no order; leave it out")
    return version


def _invalid(text: str, why: str) -> Stalled:
    return Stalled(
        INVALID_RANGE,
        f"`{text}` in `config.upstream.matchedVersions` is not a range of versions: {why}. Write for"
        " example `1.21.x`, `1.x`, `*`, `1.21.2`, `>=1.21.2 <1.22.0`, `~1.21` or `^1.2`.",
    )


def _not_a_version(text: str) -> Refusal:
    return Refusal(
        reason=NOT_A_VERSION, message=f"`{text}` is not a version as Semantic Versioning writes it."
    )
