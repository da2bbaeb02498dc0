"""What a tool is asked, and which tool: as data. Pure."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_SHOWN = re.compile(r"[^\w.+@-]")
_MAX_NAME = 40


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A file that a tool is asked about.

    Attributes:
        number: of its files in the folder that steps share, from 1.
        path: which file.
        tool: what people see, one word.
    """

    number: int
    path: bytes
    tool: str


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What came of it.

    Attributes:
        contents: what is proposed, by path.
        refused: why nothing is, by path, in a few words.
    """

    contents: Mapping[bytes, bytes] = field(default_factory=dict)
    refused: Mapping[bytes, str] = field(default_factory=dict)


def tool_of(command: str) -> str:
    """Return how people see a command: by the program that it begins with."""
    try:
        words = shlex.split(command, comments=True)
    except ValueError:
        words = []
    first = next((it for it in words if not _ASSIGNMENT.match(it)), "")
    return _SHOWN.sub("", first.rpartition("/")[2])[:_MAX_NAME] or "a tool"
