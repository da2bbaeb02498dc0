"""Finds where the program uses reasons, from its source.

A reason is whatever the code calls `reason`: an argument, a keyword, a key, a variable, an
attribute, one side of a comparison. Names in capitals are resolved to their strings.
"""

import ast
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from resync_argo.reasons.reason import Reason

ROOT = Path(__file__).parents[3]
TABLE = "resync_argo.reasons"

Constants = dict[str, ast.expr]


@dataclass(frozen=True)
class Module:
    """A file of the program."""

    file: str
    tree: ast.Module


@dataclass(frozen=True)
class Literal:
    """A string in the place of a reason."""

    word: str
    file: str
    line: int


def program() -> list[Module]:
    """Return every module but those of the table."""
    files = sorted((ROOT / "resync_argo").rglob("*.py"))
    return [
        Module(file=str(file.relative_to(ROOT)), tree=ast.parse(file.read_text()))
        for file in files
        if not file.is_relative_to(ROOT / "resync_argo" / "reasons")
    ]


def literals(modules: list[Module]) -> list[Literal]:
    """Return every string in the place of a reason."""
    positions, known = _positions(modules), _constants(modules)
    return [
        Literal(word=word, file=module.file, line=line)
        for module in modules
        for constants in (_without(known, _names_from_the_table(module)) | _constants([module]),)
        for node in ast.walk(module.tree)
        for place in (*_named(node), *_assigned(node), *_passed(node, positions, module.file))
        for word, line in _strings(place, constants)
    ]


def taken_from_the_table(modules: list[Module]) -> set[str]:
    """Return the reasons whose constants modules import."""
    imports = [
        node
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{TABLE}.")
    ]
    found = [
        getattr(importlib.import_module(node.module or ""), alias.name)
        for node in imports
        for alias in node.names
    ]
    return {str(it) for it in found if isinstance(it, Reason)}


def _names_from_the_table(module: Module) -> set[str]:
    """Return the names that a module imports from the table."""
    return {
        alias.asname or alias.name
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{TABLE}.")
        for alias in node.names
    }


def _without(constants: Constants, names: set[str]) -> Constants:
    return {name: value for name, value in constants.items() if name not in names}


def types_of_conditions(modules: list[Module]) -> set[str]:
    """Return the types of the conditions that the program's source names."""
    constants = _constants(modules)
    return {
        word
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "Condition"
        for keyword in node.keywords
        if keyword.arg == "type"
        for word, _ in _strings(keyword.value, constants)
    }


def named_for_their_class(modules: list[Module]) -> set[str]:
    """Return the errors without a reason, which an attempt reports by the name of their class."""
    classes = [node for node in _classes(modules) if not any(map(_sets_reason, node.body))]
    kin = _kin(modules, "ResyncError") - _kin(modules, "Stalled")
    return {node.name for node in classes} & kin


def _sets_reason(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return _is_reason(target)
        case _:
            return False


def _classes(modules: list[Module]) -> list[ast.ClassDef]:
    nodes = (node for module in modules for node in ast.walk(module.tree))
    return [node for node in nodes if isinstance(node, ast.ClassDef)]


def _kin(modules: list[Module], root: str) -> set[str]:
    """Return the names of a class and of all that inherit from it."""
    bases = {
        node.name: {it.id for it in node.bases if isinstance(it, ast.Name)}
        for node in _classes(modules)
    }
    found = {root}
    while new := {name for name, above in bases.items() if above & found} - found:
        found |= new
    return found


def _positions(modules: list[Module]) -> dict[tuple[str, str], int]:
    """Return the positions of callables' reason parameters, by file (for private ones; else "") and name."""
    found = {("", name): 0 for name in _kin(modules, "Stalled")}
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                names = [it.arg for it in node.args.args if it.arg not in ("self", "cls")]
                if "reason" in names:
                    file = module.file if node.name.startswith("_") else ""
                    found[file, node.name] = names.index("reason")
    return found


def _constants(modules: list[Module]) -> Constants:
    """Return the values of the program's names in capitals."""
    return {
        target.id: node.value
        for module in modules
        for node in module.tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.isupper()
    }


def _named(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the values of keywords, keys and comparisons called `reason`."""
    match node:
        case ast.keyword(arg="reason", value=value):
            yield value
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "reason":
                    yield value
        case ast.Compare(left=left, comparators=[right]) if _is_reason(left):
            yield right
        case _:
            pass


def _assigned(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the values assigned to a variable or an attribute called `reason`, alone or among others."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            yield from (
                value for name, value in zip(names, values, strict=False) if _is_reason(name)
            )
        case ast.Assign(targets=[target], value=value) if _is_reason(target):
            yield value
        case ast.AnnAssign(target=target, value=ast.expr() as value) if _is_reason(target):
            yield value
        case ast.For(target=ast.Tuple(elts=names), iter=rows):
            columns = (number for number, name in enumerate(names) if _is_reason(name))
            yield from (ast.Subscript(rows, ast.Constant(number)) for number in columns)
        case _:
            pass


def _passed(
    node: ast.AST, positions: Mapping[tuple[str, str], int], file: str
) -> Iterator[ast.expr]:
    """Yield the positional arguments for parameters called `reason`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        position = positions.get((file, name), positions.get(("", name)))
        if position is not None:
            yield from node.args[position : position + 1]


def _is_reason(node: ast.expr) -> bool:
    match node:
        case ast.Name(id="reason") | ast.Attribute(attr="reason"):
            return True
        case _:
            return False


def _strings(place: ast.expr, constants: Constants) -> Iterator[tuple[str, int]]:
    """Yield the possible string values of an expression, with their lines."""
    match place:
        case ast.Constant(value=str(word)) if word:
            yield word, place.lineno
        case ast.Name(id=name) if name in constants:
            yield from _strings(constants[name], constants)
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int(column))):
            for cell in _cells(constants.get(name), column):
                yield from _strings(cell, constants)
        case ast.Tuple(elts=several) | ast.BoolOp(values=several):
            for each in several:
                yield from _strings(each, constants)
        case ast.IfExp(body=one, orelse=other):
            yield from _strings(one, constants)
            yield from _strings(other, constants)
        case _:
            pass


def _cells(table: ast.expr | None, column: int) -> list[ast.expr]:
    """Return a column of a table that is written as a tuple of tuples."""
    rows = table.elts if isinstance(table, ast.Tuple) else []
    return [row.elts[column] for row in rows if isinstance(row, ast.Tuple)]
