"""The mutants of a module: each is the module's text with one place changed.

Cosmic Ray's operators are chosen so that a place gets few mutants that can matter: a comparison is moved by one
or turned round, not replaced with each of the six others. `operators` has more.
"""

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import parso
from cosmic_ray.ast import ast_nodes
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

from tests.mutation.operators import RULES, Node, Rewriting, conditions

CHOSEN = (
    *("ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop"),
    *("NumberReplacer", "RemoveDecorator", "ExceptionReplacer", "ReplaceUnaryOperator_Delete_Not"),
    *(f"ReplaceComparisonOperator_{it}" for it in ("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt")),
    *(f"ReplaceComparisonOperator_{it}" for it in ("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is")),
    *(f"ReplaceBinaryOperator_{it}" for it in ("Add_Sub", "Sub_Add", "Mul_Div", "FloorDiv_Mul")),
    *(f"ReplaceBinaryOperator_{it}" for it in ("LShift_RShift", "BitAnd_BitOr")),
)
"""Operators of Cosmic Ray's."""

_TURNS = re.compile("_(Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is|Delete_Not)$")
_CONSTANT = re.compile("[A-Z_]+ *=")
_STRUCTURE = re.compile(
    r"@(property|cached_property|dataclass|classmethod|staticmethod|contextmanager)\b"
)
"""Decorators without which nothing runs at all."""


@dataclass(frozen=True)
class Mutant:
    """A module with one place changed.

    Attributes:
        module: the path below the checkout.
        original: the module's text.
        mutated: the text with the change.
    """

    module: Path
    original: str
    mutated: str

    @cached_property
    def diff(self) -> str:
        """Return the change as a unified diff without context."""
        before, after = self.original.splitlines(), self.mutated.splitlines()
        name = str(self.module)
        return "\n".join(difflib.unified_diff(before, after, name, name, lineterm="", n=0))

    @cached_property
    def change(self) -> tuple[str, str]:
        """Return the first line that is changed, and what it becomes, without indentation."""
        lines = self.diff.splitlines()[3:]
        return _first(lines, "-"), _first(lines, "+")

    @property
    def line(self) -> int:
        """Return the number of the line that is changed."""
        found = re.search(r"^@@ -(\d+)", self.diff, re.M)
        return int(found[1]) if found else 0


def mutants_of(module: Path, text: str) -> Iterator[Mutant]:
    """Yield each mutant of a module once."""
    seen = {ast.dump(ast.parse(text))}
    tree = parso.parse(text)
    for operator, name in _operators():
        places = [node for node in ast_nodes(tree) for _ in operator.mutation_positions(node)]
        for occurrence, node in enumerate(places):
            if not _can_matter(node, name):
                continue
            mutated = mutate_code(text, operator, occurrence)
            if mutated is None or (meaning := ast.dump(ast.parse(mutated))) in seen:
                continue
            seen.add(meaning)
            yield Mutant(module, text, mutated)


def _operators() -> Iterator[tuple[Any, str]]:
    for rule in RULES:
        yield Rewriting(rule), rule.__name__
    for name in CHOSEN:
        yield get_operator(f"core/{name}")(), name


def _can_matter(node: Node, name: str) -> bool:
    if name == "RemoveDecorator":
        return not _STRUCTURE.match(node.get_code(include_prefix=False))
    if name == "NumberReplacer" and node.value not in ("0", "1", "2"):
        return False  # a size, a mode, a port: somebody's choice
    if name == "NumberReplacer" or name.startswith("ReplaceBinaryOperator"):
        return not (_is_constant(node) or _is_in(node, "fstring", "parameters"))
    # A condition is decided for good anyway, which is more than turning it round.
    turns_a_condition = _TURNS.search(name) and any(conditions(node))
    return not (turns_a_condition or _is_in(node, "decorator"))


def _is_constant(node: Node) -> bool:
    """Return whether it is part of a named constant."""
    outer = node
    while outer is not None and outer.type != "expr_stmt":
        outer = outer.parent
    return outer is not None and bool(_CONSTANT.match(outer.get_code(include_prefix=False)))


def _is_in(node: Node, *types: str) -> bool:
    outer = node
    while outer is not None and outer.type not in types:
        outer = outer.parent
    return outer is not None


def _first(lines: list[str], sign: str) -> str:
    return next((line[1:].strip() for line in lines if line.startswith(sign)), "")
