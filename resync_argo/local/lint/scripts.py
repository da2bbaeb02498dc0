"""Finds variables and simple commands in a step's shell script without running it.

This is not a shell parser: it understands quotes, comments and separators as far as warnings need
them, and ignores everything else.
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
_CONTINUED = "\\\n"
_LOADING = {".", "source", "eval"}
"""Commands that may define any variable."""
_ESCAPED = re.compile(r"\\.", re.DOTALL)
# POSIX' "Quoting", "Token Recognition" and "Here-Document".
_QUOTED = re.compile(
    r"""(?P<escaped>\\.)
    |(?P<single>'[^']*'?)
    |(?P<double>"(?:[^"\\]|\\.)*"?)
    |(?P<comment>(?<![^\s;&|()])\#[^\n]*)
    |(?P<document>(?P<head>(?<!<)<<-?[ \t]*(?P<fixed>['"\\]?)(?P<end>[\w.-]+)[^\n]*)\n
      (?:.*\n)*?\t*(?P=end)(?=\n|\Z))""",
    re.VERBOSE,
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in a script: line and column, from 0."""

    row: int
    column: int

    @classmethod
    def of(cls, script: str, position: int) -> "Place":
        """Return the place of a position."""
        begin = script.rfind("\n", 0, position) + 1
        return cls(row=script.count("\n", 0, position), column=position - begin)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The use of a variable, and its place."""

    name: str
    place: Place


@dataclass(frozen=True, kw_only=True)
class Command:
    """A simple command.

    Attributes:
        words: its words, without quotes.
        place: where it begins.
        before: the separator before it; `` at the beginning.
        after: the separator after it, likewise.
    """

    words: tuple[str, ...]
    place: Place
    before: str
    after: str


def references(script: str) -> Iterator[Reference]:
    """Yield the variables that a script uses without giving them a value or a default."""
    if any(command.words[0] in _LOADING for command in commands(script)):
        return
    shown = _without(script, "single", "fixed", "comment", "escaped")
    own = {found["name"] for pattern in (_ASSIGNED, _LOOPED) for found in pattern.finditer(shown)}
    own |= {name for found in _READ.finditer(shown) for name in found["names"].split()}
    used = list(_REFERENCE.finditer(shown))
    own |= {found["braced"] for found in used if found["operator"] in ("=", ":=")}
    for found in used:
        name = found["plain"] or found["braced"]
        if name not in own and found["operator"] is None:
            yield Reference(name=name, place=Place.of(script, found.start()))


def commands(script: str) -> Iterator[Command]:
    """Yield a script's simple commands, in order."""
    joined = script.replace(_CONTINUED, " " * len(_CONTINUED))
    text = _without(joined, "comment", "document", "fixed")
    hidden = _without(text, "single", "double", "escaped")
    start, before = 0, ""
    for found in [*_SEPARATOR.finditer(hidden), None]:
        end, after = (found.start(), found[0]) if found else (len(text), "")
        words = _words(text[start:end])
        if words:
            begin = end - len(text[start:end].lstrip())
            yield Command(words=words, place=Place.of(script, begin), before=before, after=after)
        if found:
            start, before = found.end(), after


def _words(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return ()


def _without(script: str, *kinds: str) -> str:
    """Return the script with some kinds of quoted text blanked, but with its line ends.

    Kinds: `single`, `double`, `comment`, `document` (all here-documents) or `fixed` (those without
    expansion), and `escaped` characters, including those in double quotes and here-documents.
    """

    def shown(found: re.Match[str]) -> str:
        text, head = found[0], found["head"] or ""
        kind = "fixed" if found["fixed"] else str(found.lastgroup)
        if kind in kinds:
            return head + _blank(text[len(head) :])
        return _ESCAPED.sub(lambda it: _blank(it[0]), text) if "escaped" in kinds else text

    return _QUOTED.sub(shown, script)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)
