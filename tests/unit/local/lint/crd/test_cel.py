"""CEL gives the API server's results here: Kubernetes' functions, RE2, numbers."""

from collections.abc import Iterator
from typing import Any

import celpy
import lark
import pytest
from celpy.evaluation import base_functions

from resync_argo.local.lint.crd.cel import RuleError, compile_expression, to_cel
from resync_argo.local.lint.crd.functions import FUNCTIONS
from resync_argo.local.lint.crd.schemas import kinds, load_schema

MACROS = {"all", "dyn", "exists", "exists_one", "filter", "has", "map"}


def evaluate(text: str, value: Any = None) -> Any:
    return compile_expression(text).evaluate(to_cel(value))


def expressions(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        for rule in schema.get("x-kubernetes-validations", ()):
            yield rule["rule"]
            yield from ([rule["messageExpression"]] if "messageExpression" in rule else [])
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from expressions(inner)


def called(tree: lark.Tree[lark.Token]) -> Iterator[str]:
    for node in tree.iter_subtrees():
        if node.data in ("ident_arg", "dot_ident_arg", "member_dot_arg"):
            yield next(str(it) for it in node.children if isinstance(it, lark.Token))


@pytest.mark.parametrize("kind", kinds())
def test_every_function_that_a_rule_of_the_crds_calls_is_known(kind: str) -> None:
    texts = list(expressions(load_schema(kind)))
    names = {name for text in texts for name in called(celpy.Environment().compile(text))}

    assert texts
    assert names <= {*FUNCTIONS, *base_functions, *MACROS}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"a/b/c".split("/")[1]', "b"),
        ('"a.b.c".indexOf(".")', 1),
        ('"a.b.c".lastIndexOf(".")', 3),
        ('"abc".lastIndexOf("x")', -1),
        ("[false, true, true, false].indexOf(true)", 1),
        ("[false, true, true, false].lastIndexOf(true)", 2),
        ("[false].lastIndexOf(true)", -1),
        ('quantity("1Gi").isGreaterThan(quantity("1G"))', True),
        ('quantity("1Gi").isLessThan(quantity("1G"))', False),
        ('"ä€".size()', 2),
        ('"a\\n".matches(r"^a$")', False),
        (r'"\u0665".matches(r"^\d$")', False),
    ],
)
def test_functions_give_the_results_of_kubernetes(text: str, said: object) -> None:
    assert evaluate(text) == said


@pytest.mark.parametrize(
    ("one", "other", "order"),
    [
        ("500m", "0.5", 0),
        ("1", "999m", 1),
        ("1e3", "1k", 0),
        ("1E3", "1000", 0),
        ("1E", "999P", 1),
        ("32Mi", "33554432", 0),
        ("1Ki", "1k", 1),
        ("-1", "0", -1),
        ("+.5", "500m", 0),
        ("1.", "1", 0),
        ("1u", "1n", 1),
        ("1e999999999", "1e999999998", 1),
    ],
)
def test_quantities_are_compared_by_what_they_amount_to(one: str, other: str, order: int) -> None:
    text = "quantity(self[0]).compareTo(quantity(self[1]))"

    assert evaluate(text, [one, other]) == order
    assert evaluate(text, [other, one]) == -order


@pytest.mark.parametrize(
    "text", ["", "much", "1 Gi", "1gi", "1K", "1e", "1ee3", "0x1", "\u0661", "NaN", "1\n", "1.2.3"]
)
def test_anything_but_a_quantity_is_recognised(text: str) -> None:
    assert not evaluate("isQuantity(self)", text)
    with pytest.raises(RuleError):
        evaluate("quantity(self).isGreaterThan(quantity('0'))", text)


@pytest.mark.parametrize(
    "text",
    ["self.nowhere", "self.all(x, x)", "quantity(self)", "self.split('/')", "nothing(self)"],
)
def test_a_failed_evaluation_says_why(text: str) -> None:
    with pytest.raises(RuleError) as refused:
        evaluate(text, 3)

    assert str(refused.value)


def test_numbers_beyond_64_bits_are_those_of_json() -> None:
    assert evaluate("string(self)", 2**63 - 1) == str(2**63 - 1)
    assert evaluate("self > 9e18", 2**80)


def test_a_hostile_text_is_matched_in_linear_time() -> None:
    """Python's `re` would need longer than the age of the universe for this one."""
    assert not evaluate('self.matches(r"^(a*)*$")', "a" * 4000 + "!")


def test_a_rule_is_compiled_once() -> None:
    assert compile_expression("self == 1") is compile_expression("self == 1")


def test_only_a_rule_that_names_the_old_object_is_about_a_change() -> None:
    assert compile_expression("self == oldSelf").is_transition
    assert not compile_expression('self != "oldSelf" && self.oldSelfish').is_transition
