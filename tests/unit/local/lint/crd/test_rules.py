"""Which rules of a CRD are evaluated for which values, and how a refusal is reported."""

from typing import Any

import pytest

from resync_argo.local.lint.crd import rules
from resync_argo.local.lint.documents import Document, Steps

REFUSED = {"rule": "false", "message": "no"}


def refusals(schema: dict[str, Any], data: Any, *broken: Steps) -> list[str]:
    document = Document(file="f", data=data)
    document.values[()] = (1, 1)
    found = rules.check(document, data, schema, set(broken))
    return [it.message for it in found]


def ruled(*ruled_by: dict[str, Any], **schema: Any) -> dict[str, Any]:
    return {**schema, "x-kubernetes-validations": list(ruled_by)}


def test_rules_are_evaluated_below_fields_lists_and_maps() -> None:
    leaf = ruled({"rule": "self > 1", "message": "too small"})
    schema = {
        "properties": {
            "field": leaf,
            "list": {"items": leaf},
            "map": {"additionalProperties": leaf},
        }
    }

    assert (
        refusals(schema, {"field": 1, "list": [1, 2], "map": {"a": 1, "b": 2}}) == ["too small"] * 3
    )


def test_a_value_that_is_absent_null_or_unknown_to_the_schema_has_no_findings() -> None:
    schema = {"properties": {"absent": ruled(REFUSED), "null": ruled(REFUSED)}}

    assert refusals(schema, {"null": None, "unknown": 1}) == []


def test_a_rule_about_a_change_does_not_apply_to_a_file() -> None:
    assert refusals(ruled({"rule": "self == oldSelf", "message": "changed"}), 1) == []


def test_rules_skip_a_value_of_a_wrong_shape_but_not_its_neighbours() -> None:
    schema = {"properties": {"broken": ruled(REFUSED), "sound": ruled(REFUSED)}}

    assert refusals(schema, {"broken": 1, "sound": 1}, ("broken",)) == ["no"]


def test_a_rule_that_cannot_be_evaluated_refuses_as_in_a_cluster() -> None:
    schema = ruled({"rule": "self.missing == 1", "message": "must be one"})

    (refused,) = refusals(schema, {"other": 1})
    assert refused.startswith("must be one (")


def test_a_rule_that_fails_because_of_a_wrong_shape_below_is_not_reported_too() -> None:
    schema = ruled({"rule": "self.list.all(x, x > 1)", "message": "too small"})

    assert refusals(schema, {"list": 3}, ("list",)) == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"message": "fixed\n"}, "fixed"),
        ({"message": "fixed", "messageExpression": '"is " + string(self)'}, "is 1"),
        ({"message": "fixed", "messageExpression": "self.missing"}, "fixed"),
        ({}, "failed rule: self > 1"),
    ],
)
def test_a_refusal_has_the_crds_message(rule: dict[str, str], said: str) -> None:
    assert refusals(ruled({"rule": "self > 1", **rule}), 1) == [said]


@pytest.mark.parametrize(
    ("field_path", "line"), [("", 1), (".a.b", 3), (".a['c.d']", 4), (".missing", 1)]
)
def test_a_refusal_is_at_the_rules_field_path(field_path: str, line: int) -> None:
    document = Document(file="f", data={"a": {"b": 1, "c.d": 2}})
    document.values |= {(): (1, 1), ("a",): (2, 1), ("a", "b"): (3, 1), ("a", "c.d"): (4, 1)}
    schema = ruled({**REFUSED, "fieldPath": field_path})

    (found,) = rules.check(document, document.data, schema, set())

    assert found.line == line
