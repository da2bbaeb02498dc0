"""Reads a go.mod line by line: blocks, comments, quoted words (go.dev/ref/mod, "Lexical elements")."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from resync_argo.errors import ResyncError

MAX_BYTES = 1 << 20
"""Of a file; the largest go.mod files have some 50 KiB."""

MAX_STATEMENTS = 5_000
"""The largest go.mod files have some 1,000."""

MAX_BLOCKS = 1_000
"""Most have three."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<comment>//.*)|"(?P<quoted>[^"\\]*)"|`(?P<raw>[^`]*)`|(?P<sign>=>|[()\[\],])"""
    r"""|(?P<word>(?:(?!//|/\*)[^\s()\[\]{},"`])+))""",
)


class Unclear(ResyncError):
    """The meaning of a go.mod, or its merge, is uncertain; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement, on a line of its own.

    Attributes:
        verb: the directive, such as `require`.
        words: its arguments, unquoted.
        text: its arguments as written.
        line: its number from 0.
        block: the number of the line that opens its block; None outside of one.
        leading: the comment lines since the previous statement.
        suffix: the comment behind it, with its slashes; "" for none.
    """

    verb: str
    words: tuple[str, ...]
    text: str
    line: int
    block: int | None
    leading: tuple[str, ...]
    suffix: str


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The lines and statements of a file.

    Attributes:
        lines: verbatim, without line ends.
        statements: in order.
        blocks: for the line that opens a block, its verb and the line that closes it.
        trailing: comment lines behind the last statement of a block or of the file.
    """

    lines: tuple[str, ...]
    statements: tuple[Statement, ...]
    blocks: dict[int, tuple[str, int]]
    trailing: tuple[str, ...]


def read_lines(content: bytes) -> Lines:
    """Read a go.mod.

    Raises:
        Unclear: it is not a go.mod.
    """
    if len(content) > MAX_BYTES:
        raise Unclear("it is larger than 1 MiB")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise Unclear("it is not UTF-8 text") from None
    reader = _Reader()
    lines = text.removesuffix("\n").split("\n")
    for number, line in enumerate(lines):
        reader.take(number, line)
    return reader.end(lines)


@dataclass(frozen=True, kw_only=True)
class _Token:
    """A word, or one of `=> ( ) [ ] ,`, and where it begins in its line."""

    word: str
    is_sign: bool
    start: int


def _tokens(number: int, line: str) -> tuple[list[_Token], str]:
    """Return a line's tokens, and its comment with the slashes."""
    tokens: list[_Token] = []
    line, at = line.rstrip(), 0
    while at < len(line):
        found = _TOKEN.match(line, at)
        if found is None:
            raise Unclear(f"line {number + 1} cannot be read")
        if found["comment"] is not None:
            return tokens, found["comment"].strip()
        kind = found.lastgroup or "word"
        tokens.append(_Token(word=found[kind], is_sign=kind == "sign", start=found.start(kind)))
        at = found.end()
    return tokens, ""


class _Reader:
    """Goes through a file's lines."""

    def __init__(self) -> None:
        self._statements: list[Statement] = []
        self._blocks: dict[int, tuple[str, int]] = {}
        self._comments: list[str] = []
        self._trailing: list[str] = []
        self._open: tuple[int, str] | None = None

    def take(self, number: int, line: str) -> None:
        tokens, comment = _tokens(number, line)
        signs = [it.word if it.is_sign else "" for it in tokens]
        if not tokens:
            self._comments += [comment] if comment else []
        elif self._open is not None and signs == [")"]:
            self._blocks[self._open[0]] = (self._open[1], number)
            self._trailing += self._comments
            self._comments, self._open = [], None
        elif self._open is None and signs[1:] == ["("]:
            if len(self._blocks) == MAX_BLOCKS:
                raise Unclear(f"it has more than {MAX_BLOCKS:,} blocks")
            self._open = (number, tokens[0].word)
        elif self._open is not None or signs[1:] != ["(", ")"]:
            self._add(number, line, tokens, comment)

    def _add(self, number: int, line: str, tokens: Sequence[_Token], comment: str) -> None:
        if len(self._statements) == MAX_STATEMENTS:
            raise Unclear(f"it has more than {MAX_STATEMENTS:,} statements")
        words = tokens if self._open else tokens[1:]
        if not words or any(it.is_sign and it.word in "()" for it in tokens):
            raise Unclear(f"line {number + 1} cannot be read")
        text = line[_start(line, words[0]) :].strip()
        self._statements.append(
            Statement(
                verb=self._open[1] if self._open else tokens[0].word,
                words=tuple(it.word for it in words),
                text=text.removesuffix(comment).strip(),
                line=number,
                block=self._open[0] if self._open else None,
                leading=tuple(self._comments),
                suffix=comment,
            )
        )
        self._comments = []

    def end(self, lines: Sequence[str]) -> Lines:
        if self._open is not None:
            raise Unclear(f"the block of line {self._open[0] + 1} has no end")
        return Lines(
            lines=tuple(lines),
            statements=tuple(self._statements),
            blocks=self._blocks,
            trailing=(*self._trailing, *self._comments),
        )


def _start(line: str, token: _Token) -> int:
    """Return where a token begins, including its quotation mark."""
    return token.start - (token.start > 0 and line[token.start - 1] in '"`')
