"""Regular expressions of a Plan. They use RE2, whose time is linear in the length of the text."""

import functools
from typing import Any, TypeAlias

import re2

Pattern: TypeAlias = Any
"""A compiled RE2 expression; the `re2` package has no types."""


@functools.lru_cache(maxsize=1000)
def compile_pattern(text: str) -> Pattern:
    """Return a regular expression, compiled.

    Raises:
        ValueError: RE2 rejects it; the message says why.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        said = error.args[0] if error.args else "it cannot be read"
        why = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise ValueError(why) from None
