"""The ranges of versions that Plans write; pure.

A range is one of: `*`, `1.x`, `1.21.x`, a full version, or comparators that must all hold:
`>=1.21.2 <1.22.0`, `~1.21`, `^1.2`. After `>=` and `<`, missing parts count as 0. With the
versioning Loose, any version may have fewer or more parts, and leading zeros.

A range admits the prereleases of its releases: `1.22.0-rc.1` counts as `1.22.0`, so it is in
`1.22.x` but not in `<1.22.0`. A comparator that names a prerelease compares by precedence. npm's
rule, which admits prereleases only if a comparator names one with the same numbers, surprises
people; here `enablePrereleases` decides.
"""

import re
from dataclasses import dataclass
from itertools import chain
from typing import Literal, TypeAlias

from resync_argo.api.plan import Versioning
from resync_argo.errors import Stalled
from resync_argo.reasons.plan import INVALID_RANGE
from resync_argo.upstream.scheme import Scheme
from resync_argo.upstream.versions import Precedence, Refusal, Version, precedence

Operator: TypeAlias = Literal["=", ">", ">=", "<", "<="]

_COMPARATOR = re.compile(r"(?P<operator>>=|<=|>|<|=|~|\^)?(?P<operand>[0-9A-Za-z.+*-]{1,100})\Z")
_NUMBERS = {
    "Semver": re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))?", re.A),
    "Loose": re.compile(r"\d+(\.\d+)*", re.A),
}
"""Numbers that stand for all versions which begin with them."""
_FULL = 3
"""So many numbers are a full version: `~` and `^` then let only smaller parts change."""


@dataclass(frozen=True, kw_only=True)
class Comparator:
    """One comparison with a version."""

    operator: Operator
    operand: Version

    def holds(self, version: Version) -> bool:
        """Return whether the version is within this bound."""
        match self.operator:
            case "=":
                return precedence(version.without_build) == precedence(self.operand)
            case ">":
                return self._judged(version) > precedence(self.operand)
            case ">=":
                return self._judged(version) >= precedence(self.operand)
            case "<":
                return self._judged(version) < precedence(self.operand)
            case "<=":
                return self._judged(version) <= precedence(self.operand)

    def _judged(self, version: Version) -> Precedence:
        # A bound has no build metadata, so that of the version is ignored.
        return precedence(version.without_build if self.operand.prerelease else version.release)


@dataclass(frozen=True, kw_only=True)
class VersionRange:
    """The versions for which all comparators hold."""

    comparators: tuple[Comparator, ...]

    @classmethod
    def parse(cls, text: str, versioning: Versioning = "Semver") -> "VersionRange":
        """Read a range.

        Args:
            text: from the Plan.
            versioning: the syntax of versions in it.

        Raises:
            Stalled: reason `InvalidRange`; the message says what is wrong, and what is allowed.
        """
        words = text.split()
        if not words:
            raise _invalid(text, "it is empty")
        if words == ["*"]:
            return cls(comparators=())
        reader = _Reader(text=text, versioning=versioning)
        return cls(comparators=tuple(c for word in words for c in reader.comparators(word)))

    def __contains__(self, version: object) -> bool:
        """Return whether the range contains the version."""
        return isinstance(version, Version) and all(c.holds(version) for c in self.comparators)

    def overlaps(self, other: "VersionRange") -> bool:
        """Return whether a version can be in both ranges."""
        # The intersection begins at the very first version, or at or right after a bound.
        bounds = [it.operand for it in (*self.comparators, *other.comparators)]
        firsts = [(it, it.release, _after(it)) for it in bounds]
        lowest = (Version.of(0), *chain.from_iterable(firsts))
        return any(version in self and version in other for version in lowest)


@dataclass(frozen=True, kw_only=True)
class _Reader:
    """Parses the words of one range; `text` is the whole range."""

    text: str
    versioning: Versioning

    def comparators(self, word: str) -> tuple[Comparator, ...]:
        found = _COMPARATOR.match(word)
        if found is None:
            raise _invalid(self.text, f"`{word}` is not a comparison")
        operator, operand = found["operator"], found["operand"]
        match operator:
            case "~" | "^":
                return self._shorthand(operator, operand)
            case ">=" | "<":
                return (Comparator(operator=operator, operand=self._filled(operand)),)
            case ">" | "<=" | "=":
                return (Comparator(operator=operator, operand=self._full(operand)),)
            case _:
                series = self._series(operand)
                if series is None:
                    return (Comparator(operator="=", operand=self._full(operand)),)
                return _between(Version.of(*series), len(series))

    def _shorthand(self, operator: str, operand: str) -> tuple[Comparator, ...]:
        low, partial = self._filled(operand), self._partial(operand)
        given = len(partial) if partial is not None else len(low.numbers)
        if operator == "~":
            return _between(low, min(given, _FULL - 1))
        # Below 1.0.0, the leftmost number other than zero must not change.
        fixed = next((at for at, number in enumerate(low.numbers, start=1) if number), given)
        return _between(low, min(fixed, given))

    def _series(self, operand: str) -> tuple[int, ...] | None:
        """Return the numbers before an `x`; None if there is no `x`."""
        numbers, _, last = operand.rpartition(".")
        return self._partial(numbers) if last in ("x", "X", "*") else None

    def _partial(self, operand: str) -> tuple[int, ...] | None:
        if not _NUMBERS[self.versioning].fullmatch(operand):
            return None
        return tuple(int(number) for number in operand.split("."))

    def _filled(self, operand: str) -> Version:
        partial = self._partial(operand)
        return self._full(operand) if partial is None else Version.of(*partial)

    def _full(self, operand: str) -> Version:
        version = Scheme(versioning=self.versioning).read(operand)
        if isinstance(version, Refusal):
            if self._partial(operand) is not None and operand == self.text.strip():
                raise Stalled(
                    INVALID_RANGE,
                    f"`{operand}` in `config.upstream.matchedVersions` is not a full version: write"
                    f" `{operand}.x` for all versions that begin with {operand}.",
                )
            kind = "a full version" if self.versioning == "Semver" else "a version"
            raise _invalid(self.text, f"`{operand}` is not {kind} such as `1.21.2`")
        if version.build is not None:
            raise _invalid(
                self.text, f"`{operand}` has build metadata, which has no order; leave it out"
            )
        return version


def _after(version: Version) -> Version:
    """Return the next version with as many numbers, three at least."""
    *numbers, last = (*version.numbers, *[0] * (_FULL - len(version.numbers)))
    return Version.of(*numbers, last + 1)


def _between(low: Version, fixed: int) -> tuple[Comparator, ...]:
    """Return the comparators for the versions from `low` on that share its first `fixed` numbers."""
    numbers = (*low.numbers, *[0] * fixed)[:fixed]
    high = Version.of(*numbers[:-1], numbers[-1] + 1)
    return Comparator(operator=">=", operand=low), Comparator(operator="<", operand=high)


def _invalid(text: str, why: str) -> Stalled:
    return Stalled(
        INVALID_RANGE,
        f"`{text}` in `config.upstream.matchedVersions` is not a range of versions: {why}. Write for"
        " example `1.21.x`, `1.x`, `*`, `1.21.2`, `>=1.21.2 <1.22.0`, `~1.21` or `^1.2`.",
    )
