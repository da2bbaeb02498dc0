"""The files that a rule can be about: one path, a folder, or a class of files other than source. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from resync_argo.attempt.merge.untouched import ALWAYS_ASKED

_PLAIN = re.compile(r"[\w.@+=,~ -]+(?:/[\w.@+=,~ -]+)*")
"""Names that mean themselves in a pathspec, and need no thought in YAML."""

_SOURCE = frozenset(
    [
        "asm",
        "bash",
        "bat",
        "c",
        "cc",
        "clj",
        "cmake",
        "cpp",
        "cs",
        "css",
        "cxx",
        "dart",
        "el",
        "erl",
        "ex",
        "exs",
        "f90",
        "fs",
        "go",
        "groovy",
        "h",
        "hh",
        "hpp",
        "hs",
        "html",
        "hxx",
        "java",
        "jl",
        "js",
        "jsx",
        "kt",
        "kts",
        "less",
        "lua",
        "m",
        "mjs",
        "ml",
        "mm",
        "php",
        "pl",
        "pm",
        "ps1",
        "py",
        "pyx",
        "r",
        "rb",
        "rs",
        "s",
        "sass",
        "scala",
        "scss",
        "sh",
        "sol",
        "sql",
        "svelte",
        "swift",
        "tcl",
        "ts",
        "tsx",
        "v",
        "vb",
        "vue",
        "zig",
        "zsh",
    ]
)
"""Endings of source: what fits one file says little about another."""

_CLASS = 1_000
"""How general a class is: more than any folder."""


@dataclass(frozen=True, kw_only=True, order=True)
class Scope:
    """The files that one rule is about.

    Attributes:
        width: how general it is: 0 for a path, more for a folder nearer to the top, most for a
            class.
        pathspec: as the rule has it.
    """

    width: int
    pathspec: str

    @property
    def is_folder(self) -> bool:
        """Return whether it is about everything in a folder, including future files."""
        return 0 < self.width < _CLASS


def is_always_asked(path: bytes) -> bool:
    """Return whether a file names approvers: upstream's version is never right for a fork."""
    return path.rpartition(b"/")[2] in ALWAYS_ASKED


def scopes_of(path: bytes) -> Iterator[Scope]:
    """Yield the possible scopes of rules that match a path, narrow ones first; none for an unusual name."""
    text = path.decode(errors="replace")
    if not _PLAIN.fullmatch(text) or text != text.strip():
        return
    yield Scope(width=0, pathspec=text)
    *folders, name = text.split("/")
    if is_always_asked(path):
        yield Scope(width=_CLASS, pathspec=f"**/{name}")
        return
    for depth in range(len(folders), 0, -1):
        yield Scope(width=_CLASS - depth, pathspec="/".join(folders[:depth]) + "/**")
    stem, dot, ending = name.rpartition(".")
    if ending.lower() in _SOURCE and dot:
        return
    yield Scope(width=_CLASS, pathspec=f"**/{name}")
    if dot and stem:
        yield Scope(width=_CLASS + 1, pathspec=f"**/*.{ending}")
