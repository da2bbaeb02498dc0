"""Markdown that holds names from outside: quoted, on one line, within GitHub's limits. Pure."""

import re

MAX_BODY = 65_536
"""Characters that GitHub takes in a body."""

MAX_TITLE = 256
MAX_NAME = 200


def code(text: str) -> str:
    """Return a name from outside as inline code, on one line of bounded length."""
    plain = text.encode("utf-8", "backslashreplace").decode()
    plain = re.sub(r"[\x00-\x1f\x7f]", "?", plain).replace("`", "'")
    return f"`{plain if len(plain) <= MAX_NAME else plain[:MAX_NAME] + '…'}`"


def count(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
