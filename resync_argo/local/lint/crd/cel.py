"""Evaluates an expression of a CRD for a value, as the API server does: CEL, with Kubernetes' functions.

Follows Kubernetes, "Common Expression Language in Kubernetes". celpy is the interpreter; its
`matches` uses RE2, like the API server's.
"""

import json
from functools import cache
from typing import Any

import celpy
from celpy.adapter import json_to_cel
from celpy.celtypes import Value
from celpy.evaluation import CELEvalError
from lark import Token

from resync_argo.local.lint.crd.functions import FUNCTIONS

_INT64 = range(-(2**63), 2**63)


class RuleError(Exception):
    """A rule cannot be evaluated for a value; the message says why. The API server then refuses the value."""


class Expression:
    """A compiled expression.

    Attributes:
        is_transition: it compares with the object before a change, so it does not apply to a file.
    """

    def __init__(self, text: str) -> None:
        """Compile an expression.

        Raises:
            celpy.CELParseError: it is not CEL.
        """
        tree = _environment().compile(text)
        tokens = tree.scan_values(lambda it: isinstance(it, Token))
        self.is_transition = any(it.type == "IDENT" and it == "oldSelf" for it in tokens)
        self._program = _environment().program(tree, FUNCTIONS)

    def evaluate(self, value: Value) -> Value:
        """Return the expression's result for a value, its `self`.

        Raises:
            RuleError: it cannot be evaluated for this value.
        """
        try:
            return self._program.evaluate({"self": value})
        except (CELEvalError, TypeError) as error:
            # celpy lets a TypeError through if a macro such as `all` meets a value that is not a
            # list.
            raise RuleError(str(error.args[0])) from error


@cache
def compile_expression(text: str) -> Expression:
    """Return the compiled expression; each is compiled once in a process."""
    return Expression(text)


def to_cel(data: Any) -> Value:
    """Convert a YAML value to a CEL value, by way of JSON as kubectl sends it."""
    text = json.dumps(data, default=str, skipkeys=True)
    return json_to_cel(json.loads(text, parse_int=_number))


def _number(text: str) -> int | float:
    number = int(text)
    return number if number in _INT64 else float(text)


@cache
def _environment() -> celpy.Environment:
    return celpy.Environment()
