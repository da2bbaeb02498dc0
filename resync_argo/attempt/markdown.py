"""Untrusted text as Markdown: quoted, on one line, within GitHub's limits. Pure."""

import re

MAX_BODY = 65_536
"""Characters that GitHub accepts in a body."""

MAX_TITLE = 256
MAX_NAME = 200

_ACTIVE = re.compile(r"[\\`*\[\]()>&|~]|^[#+=]|(?<=\d)\.(?=\s|$)|(?<![^\W_])_|_(?![^\W_])")
"""Characters with a meaning in Markdown; a `_` within a word has none."""
_LINKING = re.compile(r"[#@](?=\w)|\bGH-(?=\d)", re.IGNORECASE)
CLOSING = re.compile(r"\b(?=(?:close|fix|resolve)(?:[sd]|es|ed)?:?\s)(\w)", re.IGNORECASE)
"""GitHub closes the issue that follows such a word ("Linking a pull request to an issue")."""
INVISIBLE = "\u200b"


def code(text: str, *, limit: int = MAX_NAME) -> str:
    """Return untrusted text, such as a name, as inline code, on one line of limited length."""
    plain = text.encode("utf-8", "backslashreplace").decode()
    plain = re.sub(r"[\x00-\x1f\x7f]", "?", plain).replace("`", "'")
    return f"`{plain if len(plain) <= limit else plain[:limit] + '…'}`"


def inert(text: str) -> str:
    """Return untrusted text, such as for a title, so that it mentions nobody and does not affect issues."""
    return CLOSING.sub(rf"\1{INVISIBLE}", _LINKING.sub(rf"\g<0>{INVISIBLE}", text))


def literal(text: str) -> str:
    """Return untrusted text, on one line, so that Markdown shows it verbatim."""
    escaped = _ACTIVE.sub(r"\\\g<0>", text)
    # Not by a backslash: code that looks for our hidden marks searches the text itself.
    return inert(escaped.replace("<", "&lt;"))


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
