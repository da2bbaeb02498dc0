"""A reason's kind is that of its errors: no word means both a temporary problem and a person's task."""

import ast
import importlib

import pytest

from resync_argo.reasons.reason import Kind, Reason
from tests.unit.reasons.usage import TABLE, Module, _classes, _kin, program

MODULES = program()

KIND_OF = {"Stalled": Kind.PERSON, "Transient": Kind.PASSING}


def constants(module: Module) -> dict[str, Reason]:
    """Return the reasons that a module has from the table, by the names it uses."""
    return {
        alias.asname or alias.name: found
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{TABLE}.")
        for alias in node.names
        if isinstance(
            found := getattr(importlib.import_module(node.module or ""), alias.name), Reason
        )
    }


def given(root: str) -> list[tuple[str, Reason]]:
    """Return where errors of a kind are raised or defined, and their reasons in the table."""
    kin = _kin(MODULES, root)
    found = []
    for module in MODULES:
        known = constants(module)
        for node in ast.walk(module.tree):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=reason), *_]) if (
                    name in kin
                ):
                    pass
                case _:
                    continue
            if reason in known:
                found.append((f"{module.file}:{node.lineno}", known[reason]))
        for class_ in _classes([module]):
            if class_.name in kin:
                found += [
                    (f"{module.file}:{statement.lineno}", known[statement.value.id])
                    for statement in class_.body
                    if isinstance(statement, ast.Assign)
                    and isinstance(statement.value, ast.Name)
                    and statement.value.id in known
                ]
    return found


@pytest.mark.parametrize("root", KIND_OF)
def test_an_error_has_reasons_of_its_own_kind(root: str) -> None:
    found = given(root)

    assert found
    assert [(where, str(it)) for where, it in found if it.kind is not KIND_OF[root]] == []
