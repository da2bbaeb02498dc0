"""Markdown that holds names from outside: quoted, on one line, within GitHub's limits. Pure."""

import re

MAX_BODY = 65_536
"""Characters that GitHub takes in a body."""

MAX_TITLE = 256
MAX_NAME = 200

_ACTIVE = re.compile(r"[\\`*\[\]()>&|~]|^[#+=]|(?<=\d)\.(?=\s|$)|(?<![^\W_])_|_(?![^\W_])")
"""Characters that Markdown takes for its own; a `_` within a word is none."""
_LINKING = re.compile(r"[#@](?=\w)|\bGH-(?=\d)", re.IGNORECASE)
CLOSING = re.compile(r"\b(?=(?:close|fix|resolve)(?:[sd]|es|ed)?:?\s)(\w)", re.IGNORECASE)
"""GitHub closes what follows such a word ("Linking a pull request to an issue")."""
INVISIBLE = "\u200b"


def code(text: str, *, limit: int = MAX_NAME) -> str:
    """Return words from outside, such as a name, as inline code, on one line of so many characters at most."""
    plain = text.encode("utf-8", "backslashreplace").decode()
    plain = re.sub(r"[\x00-\x1f\x7f]", "?", plain).replace("`", "'")
    return f"`{plain if len(plain) <= limit else plain[:limit] + '…'}`"


def inert(text: str) -> str:
    """Return words from outside that mention nobody, link to no issue and close none, such as for a title."""
    return CLOSING.sub(rf"\1{INVISIBLE}", _LINKING.sub(rf"\g<0>{INVISIBLE}", text))


def literal(text: str) -> str:
    """Return words from outside, on one line, that Markdown shows as they are."""
    escaped = _ACTIVE.sub(r"\\\g<0>", text)
    # Not by a backslash: who looks for one of our hidden marks looks at the text itself.
    return inert(escaped.replace("<", "&lt;"))


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
