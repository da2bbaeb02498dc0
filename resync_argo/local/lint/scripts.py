"""What can be seen in a step's shell script without running it: variables, and simple commands.

No parser of the shell: quotes, comments and separators are understood as far as warnings need it, and
where something is not understood nothing is said about it.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

_ASSIGNED = re.compile(
    r"(?:^|[\s;&|(])(?:(?:export|readonly|local)\s+)?(?P<name>[A-Za-z_]\w*)=", re.ASCII
)
_LOOPED = re.compile(r"\bfor\s+(?P<name>[A-Za-z_]\w*)", re.ASCII)
_READ = re.compile(r"\b(?:read|getopts\s+\S+)\s+(?:-\w+\s+)*(?P<names>[A-Za-z_][\w ]*)", re.ASCII)
_REFERENCE = re.compile(
    r"\$(?:(?P<plain>[A-Za-z_]\w*)|\{#?(?P<braced>[A-Za-z_]\w*)(?P<operator>:?[-+=?])?)", re.ASCII
)
_SEPARATOR = re.compile(r"\n|;|&&|\|\||(?<!>)&(?!>)|\||\(|\)|`")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A variable that is used, and the line of the script, from 0."""

    name: str
    row: int


@dataclass(frozen=True, kw_only=True)
class Command:
    """A simple command.

    Attributes:
        words: its words, quotes taken away.
        row: the line of the script, from 0.
        before: what separates it from the command before: `` at the beginning.
        after: what separates it from the one after, likewise.
    """

    words: tuple[str, ...]
    row: int
    before: str
    after: str


def references(script: str) -> Iterator[Reference]:
    """Yield the variables that a script uses without giving them a value or a default."""
    shown = _blanked(script, single=True)
    own = {found["name"] for pattern in (_ASSIGNED, _LOOPED) for found in pattern.finditer(shown)}
    own |= {name for found in _READ.finditer(shown) for name in found["names"].split()}
    for found in _REFERENCE.finditer(shown):
        name = found["plain"] or found["braced"]
        if name not in own and found["operator"] is None:
            yield Reference(name=name, row=shown.count("\n", 0, found.start()))


def commands(script: str) -> Iterator[Command]:
    """Yield a script's simple commands, in order."""
    joined = script.replace("\\\n", "  ")
    hidden = _blanked(joined, single=True, double=True)
    start, before = 0, ""
    for found in [*_SEPARATOR.finditer(hidden), None]:
        end, after = (found.start(), found[0]) if found else (len(joined), "")
        words = _words(joined[start:end])
        if words:
            yield Command(words=words, row=joined.count("\n", 0, start), before=before, after=after)
        if found:
            start, before = found.end(), after


def _words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text, comments=True))
    except ValueError:
        return ()


def _blanked(script: str, *, single: bool = False, double: bool = False) -> str:
    """Return the script with quoted text blanked, line ends kept."""
    shown = list(script)
    quote = ""
    position = 0
    while position < len(script):
        letter = script[position]
        if letter == "\\" and quote != "'":
            position += 1
            if position < len(script) and script[position] == "$":
                shown[position] = " "
        elif not quote and letter in "'\"":
            quote = letter
        elif letter == quote:
            quote = ""
        elif (quote == "'" and single) or (quote == '"' and double):
            shown[position] = "\n" if letter == "\n" else " "
        position += 1
    return "".join(shown)
