"""What Cosmic Ray does not change by itself: conditions for good, options, flags, statements.

Each rule takes a node of parso's tree and yields the code that may stand in its place. `Rewriting` makes a
rule an operator of Cosmic Ray's, which are objects with `mutation_positions` and `mutate`.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import parso

Node = Any
"""A node of parso's tree, whose classes carry no types of their own."""

Rule = Callable[[Node], Iterator[str]]
Span = tuple[tuple[int, int], tuple[int, int]]

_OTHER = {"all": "any", "any": "all", "min": "max", "max": "min"}
_LOGS = ("log.", "logger.", "logging.")


class Rewriting:
    """An operator that puts other code in a node's place."""

    def __init__(self, rule: Rule) -> None:
        """Take the rule."""
        self.rule = rule

    def mutation_positions(self, node: Node) -> Iterator[Span]:
        """Yield the node's place once for each code that may stand there."""
        for _ in self.rule(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node: Node, index: int) -> Node:
        """Return what stands in the node's place."""
        code = list(self.rule(node))[index]
        return parso.parse(node.get_first_leaf().prefix + code)


def conditions(node: Node) -> Iterator[str]:
    """Decide an `if` for good; end a `while` at once, as one that never ends only takes time."""
    parent = node.parent
    if parent is None:
        return
    before = node.get_previous_sibling()
    word = getattr(before, "value", "")
    if parent.type in ("if_stmt", "while_stmt") and word in ("if", "elif", "while"):
        yield from ("False",) if word == "while" else ("True", "False")
    if parent.type == "comp_if" and word == "if":
        yield "True"


def ternaries(node: Node) -> Iterator[str]:
    """Take one side of `a if b else c` always."""
    if node.type == "ternary" or (node.type == "test" and len(node.children) == 5):
        yield from (_code(node.children[0]), _code(node.children[4]))


def quantifiers(node: Node) -> Iterator[str]:
    """Take `any` for `all`, `max` for `min`, and the other way round."""
    if node.type == "name" and node.value in _OTHER:
        after = node.get_next_sibling()
        if after is not None and after.type == "trailer" and after.children[0].value == "(":
            yield _OTHER[node.value]


def memberships(node: Node) -> Iterator[str]:
    """Turn `in` and `not in` round, but those that a condition consists of."""
    if node.type == "comparison" and len(node.children) == 3 and not any(conditions(node)):
        left, operator, right = map(_code, node.children)
        if operator in ("in", "not in"):
            other = "in" if operator == "not in" else "not in"
            yield f"{left} {other} {right}"


def options(node: Node) -> Iterator[str]:
    """Leave out a program's option; weaken leases to plain force."""
    if node.type not in ("string", "fstring") or node.parent.type not in _LISTS:
        return
    text = _code(node).lstrip("fb")[1:]
    if text.startswith("--force-with-lease"):
        yield '"--force"'
    elif _OPTION.match(text) and node.parent.children[-1].type not in ("comp_for", "sync_comp_for"):
        yield "*()"


_OPTION = re.compile("--?[a-z]")
_LISTS = ("arglist", "testlist_comp", "trailer")
"""Where a string is one of several."""


def flags(node: Node) -> Iterator[str]:
    """Leave out one of the flags in `a | b | c`."""
    if node.type != "expr" or "|" not in map(_code, node.children) or _is_annotation(node):
        return
    terms = [_code(it) for it in node.children[::2]]
    for left_out in (n for n, term in enumerate(terms) if term != "os.O_RDONLY"):  # which is 0
        yield " | ".join(terms[:left_out] + terms[left_out + 1 :])


def statements(node: Node) -> Iterator[str]:
    """Leave out a call whose value nobody takes, and a `-=`."""
    if node.parent is None or node.parent.type != "simple_stmt":
        return
    is_call = node.type == "atom_expr" and node.children[-1].type == "trailer"
    is_update = node.type == "expr_stmt" and _code(node.children[1]) in ("-=", "+=", "|=")
    if (is_call or is_update) and not _code(node).startswith(_LOGS):
        yield "pass"


RULES: tuple[Rule, ...] = (
    *(conditions, ternaries, quantifiers, memberships),
    *(options, flags, statements),
)


def _code(node: Node) -> str:
    code: str = node.get_code(include_prefix=False)
    return code


def _is_annotation(node: Node) -> bool:
    inner, outer = node, node.parent
    while outer is not None:
        if outer.type in ("annassign", "tfpdef"):
            return bool(inner is outer.children[1] or outer.type == "tfpdef")
        if outer.type == "funcdef" and inner is outer.annotation:
            return True
        inner, outer = outer, outer.parent
    return False
