"""Versions and their order; pure.

`parse_version` reads every text that some Plan can call a version: those of Semantic Versioning
2.0.0 (semver.org), and looser ones with any count of numbers, leading zeros, or a date. `scheme`
decides which of them a Plan accepts, and which version a git tag's name stands for. How an accepted
version was parsed does not matter to comparisons.
"""

import functools
import re
from dataclasses import dataclass, replace
from typing import Self, TypeAlias

from resync_argo.reasons.reason import Reason
from resync_argo.reasons.turn import NOT_A_VERSION

MAX_VERSION = 100

_WORDS = r"[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*"
_VERSION = re.compile(
    r"(?P<numbers>[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:\.[0-9]+)*|[0-9]+(?:\.[0-9]+)*)"
    rf"(?:-(?P<marked>{_WORDS})|(?P<separator>[._])?(?P<word>[A-Za-z](?:[0-9A-Za-z_-]*(?:\.[0-9A-Za-z_-]+)*)))?"
    r"(?:\+(?P<build>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?",
    re.ASCII,
)
_FINAL = re.compile(r"final|ga|release", re.IGNORECASE)
"""What some projects end the version of a release with, behind a dot."""
_LETTER = re.compile(r"[a-z]")
"""A letter alone right behind the numbers, as OpenSSL's `1.1.1w` and tzdata's `2024b` have it."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Why a tag or version is left out: a reason, and a sentence for people."""

    reason: Reason
    message: str


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version.

    Attributes:
        text: as written.
        numbers: from the left; missing ones count as 0.
        prerelease: the identifiers of a prerelease; None for a release.
        build: build metadata; None without.
    """

    text: str
    numbers: tuple[int, ...]
    prerelease: str | None = None
    build: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a version of any scheme.

        Raises:
            ValueError: it is not a version.
        """
        found = _VERSION.fullmatch(text) if len(text) <= MAX_VERSION else None
        if found is None:
            raise ValueError(f"{text!r} is not a version.")
        numbers = tuple(int(number) for number in re.split(r"[.-]", found["numbers"]))
        word = found["word"]
        if word and not found["separator"] and _LETTER.fullmatch(word):
            numbers, word = (*numbers, ord(word) - ord("a") + 1), None
        if word and _FINAL.fullmatch(word):
            word = None
        return cls(
            text=text, numbers=numbers, prerelease=found["marked"] or word, build=found["build"]
        )

    @classmethod
    def of(cls, *numbers: int) -> Self:
        """Return the release with these numbers."""
        return cls(text=".".join(map(str, numbers)), numbers=numbers)

    def __str__(self) -> str:
        """Return the version as written."""
        return self.text

    @property
    def release(self) -> Self:
        """Return the release of a prerelease; for a release, that without build metadata."""
        is_release = self.prerelease is None and self.build is None
        return self if is_release else replace(self, prerelease=None, build=None)

    @property
    def without_build(self) -> Self:
        """Return the version without build metadata."""
        return self if self.build is None else replace(self, build=None)


@functools.lru_cache(maxsize=100_000)
def parse_version(text: str) -> Version | Refusal:
    """Parse a version of any scheme, or return why the text is not one."""
    if len(text) > MAX_VERSION:
        return Refusal(reason=NOT_A_VERSION, message=f"It has more than {MAX_VERSION} characters.")
    try:
        return Version.parse(text)
    except ValueError:
        return Refusal(reason=NOT_A_VERSION, message=f"`{text}` is not a version.")


Identifiers: TypeAlias = tuple[tuple[int, tuple[tuple[int, int, str], ...], str], ...]
"""Dot separated identifiers as a sort key."""

Precedence: TypeAlias = tuple[tuple[int, ...], bool, Identifiers, Identifiers]

FIRST: Precedence = ((), False, (), ())
"""Before every version."""


@functools.lru_cache(maxsize=5_000)
def precedence(version: Version) -> Precedence:
    """Return a sort key: Semantic Versioning's precedence, then the build metadata.

    This goes beyond the standard in three points, as people expect: digits within an identifier
    count as a number (`rc9` comes before `rc10`), builds are ordered (`17.0.1+9` before
    `17.0.1+12`), and missing numbers are zeros (`1.2` is `1.2.0`).
    """
    return (
        significant(version.numbers),
        version.prerelease is None,
        _identifiers(version.prerelease),
        _identifiers(version.build),
    )


def significant(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Return the numbers without trailing zeros."""
    end = next((at for at in range(len(numbers), 0, -1) if numbers[at - 1]), 0)
    return numbers[:end]


def _identifiers(text: str | None) -> Identifiers:
    # A number comes before a word (semver.org, 11.4.3); the text itself breaks the tie of `rc1` and
    # `rc01`.
    words = text.split(".") if text else ()
    return tuple((int(not it.isdigit()), _pieces(it), it) for it in words)


def _pieces(identifier: str) -> tuple[tuple[int, int, str], ...]:
    return tuple(
        (0, int(piece), "") if piece.isdigit() else (1, 0, piece)
        for piece in re.findall(r"\d+|\D+", identifier)
    )
