"""Evaluates the rules of a CRD, its `x-kubernetes-validations`, for an object in a file.

Follows apiextensions-apiserver (`pkg/apiserver/schema/cel`): a rule is evaluated for every value
that is given and not null, also inside lists and maps; a rule about a change does not apply to a
file. The API server stops at the first value of a wrong shape; this goes on with the others.
"""

import re
from collections.abc import Iterator, Set
from typing import Any

from celpy.celtypes import Value

from resync_argo.local.lint.crd.cel import RuleError, compile_expression, to_cel
from resync_argo.local.lint.crd.schemas import Json, walk
from resync_argo.local.lint.documents import Document, Steps
from resync_argo.local.lint.findings import Finding

_FIELD = re.compile(r"\.(?P<plain>[^.\[]+)|\['(?P<quoted>[^']+)'\]")


def check(document: Document, data: Any, schema: Json, broken: Set[Steps]) -> Iterator[Finding]:
    """Yield the rules that do not hold.

    Args:
        document: the document that the findings are about.
        data: the document's data, as the API server would store them.
        schema: of the kind.
        broken: where the data do not have the schema's shape, which is reported already. Rules
            there are left out, and it may be why a rule cannot be evaluated.
    """
    for path, value, inner in walk(to_cel(data), schema):
        if path in broken or value is None:
            continue
        for rule in inner.get("x-kubernetes-validations", ()):
            message = _refusal(rule, value, is_sound=not broken)
            if message is not None:
                yield document.finding((*path, *_fields(rule)), message)


def _refusal(rule: Json, value: Value, *, is_sound: bool) -> str | None:
    """Return why a value is refused; None if it is not."""
    expression = compile_expression(rule["rule"])
    if expression.is_transition:
        return None
    try:
        return None if expression.evaluate(value) else _message(rule, value)
    except RuleError as error:
        return f"{_fixed_message(rule)} ({error})" if is_sound else None


def _message(rule: Json, value: Value) -> str:
    """Return the rule's message: from `messageExpression` if it has one."""
    if "messageExpression" in rule:
        try:
            return str(compile_expression(rule["messageExpression"]).evaluate(value))
        except RuleError:
            return _fixed_message(rule)
    return _fixed_message(rule)


def _fixed_message(rule: Json) -> str:
    return str(rule.get("message") or f"failed rule: {rule['rule']}").strip()


def _fields(rule: Json) -> Iterator[str]:
    """Yield the path from a rule's value to the field that the rule is about."""
    for found in _FIELD.finditer(rule.get("fieldPath", "")):
        yield found["plain"] or found["quoted"]
