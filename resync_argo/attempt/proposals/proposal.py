"""A request to a tool, and the tool: as data. Pure."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_SHOWN = re.compile(r"[^\w.+@-]")
_MAX_NAME = 40


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A request to a tool about one file.

    Attributes:
        number: of its files in the folder that steps share, from 1.
        path: the file.
        tool: its name for people, one word.
    """

    number: int
    path: bytes
    tool: str


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The tools' answers.

    Attributes:
        contents: the proposals, by path.
        refused: why there is none, by path, in a few words.
    """

    contents: Mapping[bytes, bytes] = field(default_factory=dict)
    refused: Mapping[bytes, str] = field(default_factory=dict)


def tool_of(command: str) -> str:
    """Return a command's name for people: the program that it begins with."""
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        words = []
    first = next((it for it in words if not _ASSIGNMENT.match(it)), "")
    return _SHOWN.sub("", first.rpartition("/")[2])[:_MAX_NAME] or "a tool"
