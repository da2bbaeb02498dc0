"""Reads YAML files with the position of every value, for findings that name line and column.

`read` returns the documents of a file; `Document.finding` makes a finding from the path of a value.
Duplicate keys are findings here, since the data does not show them.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from resync_argo.local.lint.bounded_yaml import MAX_BYTES, BoundedLoader, TooMuch
from resync_argo.local.lint.findings import Finding, Severity
from resync_argo.local.lint.yaml_errors import explain

STDIN = Path("-")

IGNORE = "# resync-argo: ignore"
"""A comment that silences a warning."""

_PLAIN = re.compile(r"[^,\[\]{}#\n]*")

Steps = tuple[str | int, ...]
"""The way from the top of a document to a value: keys and positions."""


@dataclass(kw_only=True)
class Document:
    """One document of a file.

    Attributes:
        file: its name, as the person typed it.
        data: its content.

        values: the positions of values, as line and column from 1; `keys` those of their keys.
        duplicates: repeated keys of a mapping.
        literals: the paths of texts in block style, below a `|`.
        lines: the file's.
    """

    file: str
    data: Any
    values: dict[Steps, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Steps, tuple[int, int]] = field(default_factory=dict)
    duplicates: list[Steps] = field(default_factory=list)
    literals: set[Steps] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)

    def finding(
        self, path: Steps, message: str, severity: Severity = Severity.ERROR, *, key: bool = False
    ) -> Finding:
        """Return a finding at a value, or its key, or the nearest place in the file."""
        places = self.keys if key else self.values
        while path and path not in places:
            path = path[:-1]
        line, column = places.get(path, self.values.get(path, (1, 1)))
        return Finding(file=self.file, line=line, column=column, severity=severity, message=message)

    def warning(
        self, path: Steps, message: str, *, row: int | None = None, column: int = 0
    ) -> Finding:
        """Return a warning about a value, or about a place in a text that the file holds verbatim.

        Args:
            path: of the value.
            message: what is wrong.
            row: line of the text, from 0; None: the whole text.
            column: in that line, likewise.
        """
        found = self.finding(path, message, Severity.WARNING)
        if row is None:
            return found
        text = self.value(path).split("\n")
        if path in self.literals:
            line = found.line + 1 + row
            return replace(
                found, line=line, column=self.lines[line - 1].find(text[row]) + column + 1
            )
        # It is on one line, and verbatim except for the quotes around it.
        begin = self.lines[found.line - 1].find(text[0], found.column - 1)
        if len(text) > 1 or begin not in (found.column - 1, found.column):
            return found
        return replace(found, column=begin + column + 1)

    def is_ignored(self, line: int) -> bool:
        """Return whether a comment on a line, before it, or at the start of its multi-line text says to ignore it."""
        near = self.lines[max(line - 2, 0) : line + 1]
        own = near[:-1] if len(near) > 1 and not near[-1].lstrip().startswith("#") else near
        return any(IGNORE in it for it in own)

    def written(self, path: Steps) -> str:
        """Return a plain value as the file spells it, such as `1.10`, which YAML reads as 1.1; "" without a file."""
        if path not in self.values:
            return ""
        line, column = self.values[path]
        found = _PLAIN.match(self.lines[line - 1], column - 1)
        return found[0].strip() if found else ""

    def value(self, path: Steps) -> Any:
        """Return the value at a path."""
        value = self.data
        for step in path:
            value = value[step]
        return value


def read(file: Path) -> tuple[list[Document], list[Finding]]:
    """Return the documents of a file, and, if it cannot be read, why."""
    name = "<stdin>" if file == STDIN else str(file)
    try:
        text = _text(file)
        lines = text.splitlines()
        nodes = yaml.compose_all(text, BoundedLoader)
        documents = [_document(name, node, lines) for node in nodes]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = str(error.problem) if isinstance(error, TooMuch) else explain(error)
        return [], [_broken(name, line, column, said)]
    except UnicodeDecodeError:
        return [], [_broken(name, 1, 1, "this is not text in UTF-8: save the file as UTF-8")]
    except (yaml.YAMLError, ValueError) as error:
        # PyYAML raises a ValueError for an impossible date.
        return [], [_broken(name, 1, 1, f"this is not YAML: {' '.join(str(error).split())}")]
    if not documents:
        return [], [_broken(name, 1, 1, "there is no Plan in this file")]
    found = [
        document.finding(path, f"`{path[-1]}` is written twice here; only one counts", key=True)
        for document in documents
        for path in document.duplicates
    ]
    return documents, found


def _text(file: Path) -> str:
    """Return a file's text.

    Raises:
        TooMuch: it is larger than `MAX_BYTES`.
        ValueError: it is not text.
    """
    if file == STDIN:
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        sentence = f"this file has more than {MAX_BYTES} bytes, more than any cluster accepts"
        raise TooMuch(problem=sentence)
    return content.decode()


def _document(file: str, node: yaml.Node, lines: list[str]) -> Document:
    document = Document(file=file, data=None, lines=lines)
    # Before the data are built, since that merges what `<<` names into the nodes.
    for path, inner in _walk(node, (), document):
        document.values[path] = _place(inner)
    document.data = yaml.SafeLoader("").construct_document(node)
    return document


def _walk(node: yaml.Node, path: Steps, document: Document) -> Iterator[tuple[Steps, yaml.Node]]:
    yield path, node
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                name = (*path, str(key.value))
                if name in document.keys:
                    document.duplicates.append(name)
                document.keys[name] = _place(key)
                yield from _walk(value, name, document)
        case yaml.SequenceNode():
            for position, item in enumerate(node.value):
                yield from _walk(item, (*path, position), document)
        case yaml.ScalarNode(style="|"):
            document.literals.add(path)
        case _:
            return


def _place(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _broken(file: str, line: int, column: int, message: str) -> Finding:
    return Finding(file=file, line=line, column=column, severity=Severity.ERROR, message=message)
