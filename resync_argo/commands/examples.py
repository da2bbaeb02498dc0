"""Examples in the help of a command, each on a line of its own."""

from collections.abc import Callable
from typing import TypeVar

_Command = TypeVar("_Command", bound=Callable[..., None])

_AS_WRITTEN = "\b"
"""Begins a paragraph that click does not rewrap ("Preventing Rewrapping")."""


def examples(*lines: str) -> Callable[[_Command], _Command]:
    """Return a decorator that adds examples to the help of a command.

    Args:
        lines: commands, as people type them.
    """

    def added(command: _Command) -> _Command:
        shown = "".join(f"\n      {line}" for line in lines)
        said = (command.__doc__ or "").rstrip()
        command.__doc__ = f"{said}\n\n    {_AS_WRITTEN}\n    Examples:{shown}\n"
        return command

    return added
