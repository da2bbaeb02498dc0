"""Argo and Kubernetes replace nothing in any value that people set, and it arrives unchanged."""

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.api.parameters.values import from_json, to_json
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import texts


@examples(3)
@given(st.dictionaries(st.sampled_from(["JIRA", "NOTE", "A"]), texts(max_size=60)))
@example({"JIRA": "{{workflow.parameters.owner}}", "NOTE": "{{=sprig.env('HOME')}}"})
@example({"JIRA": "$(RESYNC_CONTRACT) $$ ${HOME}", "NOTE": "{", "A": "{"})
@example({"JIRA": '"}}{{"', "NOTE": "\\u007b\\u007b"})
def test_a_value_arrives_unchanged(values: dict[str, str]) -> None:
    text = to_json(values)

    assert "{{" not in text
    assert "$" not in text
    assert text.isascii()
    assert from_json(text) == values
