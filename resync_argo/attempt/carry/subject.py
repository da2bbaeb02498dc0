"""What the first line of a carried commit says about it. Pure.

Forks write `UPSTREAM: <carry>: …`, `UPSTREAM: <drop>: …`, `UPSTREAM: 123: …` for a pull request of
upstream that is picked early, and `UPSTREAM: revert: …`. People leave out or double blanks and
colons.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

MAX_SUBJECT = 1_000
"""How many characters to read."""

_BLANK = r"[ \t]{0,9}"
_KIND = re.compile(
    rf"{_BLANK}(?::{_BLANK})?(?:<{_BLANK}(?P<bracketed>carry|drop|revert){_BLANK}>{_BLANK}:?"
    rf"|(?P<plain>carry|drop|revert){_BLANK}:|[#]?(?P<number>\d{{1,9}}){_BLANK}:)",
    re.I,
)
_OTHER = re.compile(rf"{_BLANK}(?::|<)")
_UNDO = re.compile(r'Revert "|revert:', re.I)


class Kind(Enum):
    """What a subject asks for."""

    CARRY = "carry"
    DROP = "drop"
    NUMBER = "number"
    REVERT = "revert"
    UNKNOWN = "unknown"
    UNTAGGED = "untagged"
    UNDO = "untagged revert"
    """As `git revert` writes it, without the fork's own prefix."""


@dataclass(frozen=True, kw_only=True)
class Tag:
    """What a subject says.

    Attributes:
        kind: what it asks for.
        number: the pull request of upstream; None but for `NUMBER`.
    """

    kind: Kind
    number: int | None = None


def read_subject(subject: str, prefixes: Sequence[str]) -> Tag:
    """Return what a subject says.

    Args:
        subject: the commit's first line.
        prefixes: words that open the subject of a carry, such as `UPSTREAM`.
    """
    text = subject[:MAX_SUBJECT].strip()
    for prefix in prefixes:
        if text[: len(prefix)].lower() == prefix.lower():
            tag = _after(text[len(prefix) :])
            if tag is not None:
                return tag
    return Tag(kind=Kind.UNDO if _UNDO.match(text) else Kind.UNTAGGED)


def _after(rest: str) -> Tag | None:
    """Return the text after the prefix; None if the prefix was just a word of a sentence."""
    found = _KIND.match(rest)
    if found is None:
        return Tag(kind=Kind.UNKNOWN) if _OTHER.match(rest) else None
    if found["number"]:
        return Tag(kind=Kind.NUMBER, number=int(found["number"]))
    return Tag(kind=Kind((found["bracketed"] or found["plain"]).lower()))
