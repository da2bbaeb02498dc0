"""Finds every regular expression in the program's source, and the methods called on it."""

import ast
import importlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

ROOT = Path(__file__).parents[3]

LOCALS = {
    "first": b"HEAD",
    "last": b"refs/remotes/upstream",
    "name": "mainline",
    "size": 7,
    "tail": r"~(?:HEAD|v1\.0\.0|[0-9a-f]{7,64}|resync-side-\w+)(?:_\d+)?",
}
"""What functions put into patterns, by the names that it has there."""

USES = frozenset({"search", "match", "fullmatch", "findall", "finditer", "sub"})

Pattern: TypeAlias = re.Pattern[Any]
"""Of text or of bytes."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """A pattern.

    Attributes:
        place: its place in the source.
        pattern: compiled.
        methods: the methods of `re.Pattern` that are called on it.
    """

    place: str
    pattern: Pattern
    methods: frozenset[str]


def find_patterns() -> list[Use]:
    """Return every regular expression of the program."""
    files = sorted((ROOT / "resync_argo").rglob("*.py"))
    trees = {file.relative_to(ROOT): ast.parse(file.read_text()) for file in files}
    methods = _methods_by_name(trees)
    return [use for file, tree in trees.items() for use in _in_module(file, tree, methods)]


def _methods_by_name(trees: Mapping[Path, ast.Module]) -> Mapping[str, set[str]]:
    """Return the methods called on each name, in any module."""
    found: dict[str, set[str]] = defaultdict(set)
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                found[node.value.id] |= {node.attr} & USES
    return found


def _in_module(file: Path, tree: ast.Module, methods: Mapping[str, set[str]]) -> Iterator[Use]:
    names = {
        node.value: target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (method := _method_of_re(node)) is not None:
            module = importlib.import_module(".".join(file.with_suffix("").parts))
            known = {method} & USES or methods.get(names.get(node, ""), set())
            yield Use(
                place=f"{file}:{node.lineno}",
                pattern=_compiled(node, module),
                methods=frozenset(known or {"search"}),
            )


def _method_of_re(node: ast.Call) -> str | None:
    """Return the function of `re` with a pattern that is called; None: another function."""
    function = node.func
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return None
    is_of_re = function.value.id == "re" and function.attr in {*USES, "compile"}
    return function.attr if is_of_re else None


def _compiled(node: ast.Call, module: ModuleType) -> Pattern:
    values = {**vars(module), **LOCALS}

    def evaluated(part: ast.expr) -> Any:
        return eval(compile(ast.Expression(part), module.__name__, "eval"), values)  # noqa: S307 - our own source

    rest = (*node.args[1:], *(keyword.value for keyword in node.keywords))
    flags = re.NOFLAG
    for part in rest:
        if ast.unparse(part).startswith("re."):
            flags |= evaluated(part)
    return re.compile(evaluated(node.args[0]), flags)
