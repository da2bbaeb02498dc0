"""Markdown that holds names from outside: quoted, on one line, within GitHub's limits. Pure."""

import re

MAX_BODY = 65_536
"""Characters that GitHub takes in a body."""

MAX_TITLE = 256
MAX_NAME = 200


def code(text: str, *, limit: int = MAX_NAME) -> str:
    """Return words from outside, such as a name, as inline code, on one line of so many characters at most."""
    plain = text.encode("utf-8", "backslashreplace").decode()
    plain = re.sub(r"[\x00-\x1f\x7f]", "?", plain).replace("`", "'")
    return f"`{plain if len(plain) <= limit else plain[:limit] + '…'}`"


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
