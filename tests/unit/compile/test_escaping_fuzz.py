"""Argo and Kubernetes replace nothing in any script or text, and it arrives unchanged."""

import json
import re
from contextlib import suppress

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.api.variables import references
from resync_argo.attempt.variables import expand
from resync_argo.compile.escaping import escape_expansion, escape_script
from resync_argo.contract import Contract, build_contract
from resync_argo.errors import Stalled
from resync_argo.settings import Settings
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import texts
from tests.unit.compile.plans import small


def as_in_the_pod(text: str) -> str:
    return re.sub(r"\$\$|\$\([^)]*\)", lambda it: "$" if it[0] == "$$" else "<expanded>", text)


@examples(3)
@given(texts(max_size=60))
@example("<@{{<@@{{@")
@example("$$$((1+2))$$")
def test_any_script_arrives_unchanged(script: str) -> None:
    escaped = escape_script(script)

    assert "{{" not in escaped.text + escaped.token
    assert as_in_the_pod(escape_expansion(escaped.text)).replace(escaped.token, "{{") == script


@examples(2)
@given(texts(min_size=1, max_size=30), texts(max_size=30))
@example("{{{ $(x) $$", "{\n{")
def test_the_pods_arguments_arrive_unchanged(title: str, body: str) -> None:
    action = {"type": "pull-request", "title": title, "body": body}
    plan = small({"name": body, "action": action}, github={"credentials": {"secretSelector": "s"}})
    contract = build_contract(plan, Settings())

    text = contract.to_json()

    assert "{{" not in text
    assert as_in_the_pod(text) == text
    assert json.loads(text)
    assert Contract.from_json(text) == contract


NAMES = st.sampled_from(["A", "AB", "PLAN_NAME"])
LITERALS = texts(max_size=10).map(lambda text: text.replace("$", ""))


@examples(2)
@given(st.lists(st.tuples(LITERALS, NAMES)), texts(), texts(), texts())
@example([("", "A"), ("", "AB")], "$AB", "${A}", "")
@example([("\\1 \\g<0> ", "A")], "\\1", "", "")
def test_values_are_inserted_into_a_text_verbatim(
    parts: list[tuple[str, str]], a: str, ab: str, plan: str
) -> None:
    values = {"A": a, "AB": ab, "PLAN_NAME": plan}
    text = "".join(f"{literal}${{{name}}}" for literal, name in parts)
    expected = "".join(f"{literal}{values[name]}" for literal, name in parts)

    assert expand(text, values) == expected


@examples(2)
@given(texts(max_size=30))
@example("${A:+$B}${A:-${A:+")
def test_a_text_needs_only_the_variables_that_it_names(text: str) -> None:
    names = {name for name, _ in references(text)}

    expand(text, dict.fromkeys(names, "1"))
    for name in names:
        with suppress(Stalled):  # words that are not needed may name anything
            expand(text, dict.fromkeys(names - {name}, ""))
