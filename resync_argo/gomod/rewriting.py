"""Writes decisions into upstream's go.mod, keeps its comments and order, and sorts in downstream's additions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from resync_argo.gomod.module_file import Fact, Key, ModuleFile
from resync_argo.gomod.syntax import Statement

_INDIRECT = "// indirect"


def rewrite(
    base: ModuleFile, downstream: ModuleFile, upstream: ModuleFile, values: Mapping[Key, str]
) -> bytes:
    """Return upstream's text with the merged values.

    Args:
        base: the common ancestor.
        downstream: has each merged value that upstream lacks.
        upstream: the text to change.
        values: all merged values.
    """
    text = _Text(upstream=upstream)
    known = _comments(base) | _comments(upstream)
    added: list[tuple[Fact, list[str]]] = []
    for key, own in downstream.facts.items():
        comments = [it for it in own.statement.leading if it not in known]
        if key not in values:
            text.last += comments
        elif key in upstream.facts:
            text.change(
                upstream.facts[key],
                _combined(base.facts.get(key), own, upstream.facts[key], values[key]),
            )
            text.comment(upstream.facts[key].statement, comments)
        else:
            added.append((own, comments))
    for key, fact in upstream.facts.items():
        if key not in values:
            text.drop(fact.statement)
    for own, comments in sorted(added, key=lambda it: it[0].statement.text):
        text.add(own, comments)
    text.last += [it for it in downstream.lines.trailing if it not in known]
    return text.content()


def _comments(file: ModuleFile) -> set[str]:
    leading = (comment for it in file.lines.statements for comment in it.leading)
    return {*leading, *file.lines.trailing}


def _combined(base: Fact | None, own: Fact, theirs: Fact, value: str) -> tuple[str, str]:
    """Return text and comment of a statement that both sides have."""
    if value != theirs.value:
        return own.statement.text, own.statement.suffix
    suffixes = [it.statement.suffix if it else "" for it in (base, own, theirs)]
    is_ours = suffixes[2] == suffixes[0] and suffixes[1] not in ("", _INDIRECT)
    return theirs.statement.text, suffixes[1] if is_ours else suffixes[2]


@dataclass
class _Text:
    """Upstream's text while it is being changed."""

    upstream: ModuleFile
    last: list[str] = field(default_factory=list)
    _changed: dict[int, list[str]] = field(default_factory=dict)
    _before: dict[int, list[str]] = field(default_factory=dict)
    _inside: dict[int, list[Statement]] = field(default_factory=dict)
    _indirect: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Sort the statements by block, and find the blocks of indirect requirements."""
        for it in self.upstream.lines.statements:
            if it.block is not None:
                self._inside.setdefault(it.block, []).append(it)
        for block, inside in self._inside.items():
            if sum(it.suffix.startswith(_INDIRECT) for it in inside) * 2 > len(inside):
                self._indirect.add(block)

    def change(self, fact: Fact, wanted: tuple[str, str]) -> None:
        """Give a statement another text and comment."""
        it = fact.statement
        if wanted != (it.text, it.suffix):
            self._changed[it.line] = [_line(it.verb, *wanted, in_block=it.block is not None)]

    def drop(self, it: Statement) -> None:
        """Remove a statement, and its block if that is empty then."""
        self._changed[it.line] = []
        if it.block is None:
            return
        left = [one for one in self._inside[it.block] if self._changed.get(one.line) != []]
        if not left:
            end = self.upstream.lines.blocks[it.block][1]
            self._changed |= {it.block: [], end: []}

    def comment(self, it: Statement, comments: Sequence[str]) -> None:
        """Write comment lines before a statement."""
        indent = "\t" if it.block is not None else ""
        self._put(it.line, [f"{indent}{comment}" for comment in comments])

    def add(self, fact: Fact, comments: Sequence[str]) -> None:
        """Insert a statement in sorted order."""
        it = fact.statement
        block = self._block_for(fact)
        line = _line(it.verb, it.text, it.suffix, in_block=block is not None)
        if block is not None:
            after = (one for one in self._inside.get(block, ()) if one.text > it.text)
            at = next(
                (one.line - len(one.leading) for one in after), self.upstream.lines.blocks[block][1]
            )
            self._put(at, [*(f"\t{comment}" for comment in comments), line])
            return
        alike = [one.line for one in self.upstream.lines.statements if one.verb == it.verb]
        if alike:
            self._put(alike[-1] + 1, [*comments, line])
        else:
            self._put(len(self.upstream.lines.lines), ["", *comments, line])

    def content(self) -> bytes:
        """Return the text."""
        found: list[str] = []
        for number, line in enumerate(self.upstream.lines.lines):
            found += self._before.get(number, [])
            found += self._changed.get(number, [line])
        found += self._before.get(len(self.upstream.lines.lines), [])
        if self.last:
            found += ["", *self.last]
        return "\n".join([*found, ""]).encode()

    def _put(self, line: int, lines: Sequence[str]) -> None:
        self._before.setdefault(line, []).extend(lines)

    def _block_for(self, fact: Fact) -> int | None:
        """Return the remaining block for a statement's kind; for requirements, the one with more of its kind."""
        kept = [
            number
            for number, (verb, _) in self.upstream.lines.blocks.items()
            if verb == fact.statement.verb and self._changed.get(number) != []
        ]
        if not kept or fact.statement.verb != "require":
            return kept[0] if kept else None
        alike = [it for it in kept if (it in self._indirect) == fact.is_indirect]
        return (alike or kept)[-1]


def _line(verb: str, text: str, suffix: str, *, in_block: bool) -> str:
    words = f"\t{text}" if in_block else f"{verb} {text}"
    return f"{words} {suffix}" if suffix else words
