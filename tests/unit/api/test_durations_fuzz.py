"""The CRD and the model accept the same durations."""

import re
from datetime import timedelta
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from resync_argo.api.durations import parse_duration
from resync_argo.local.lint.crd.schemas import load_schema
from tests.fuzzing.examples import examples
from tests.fuzzing.texts import texts

FIELD: dict[str, Any] = load_schema("Plan")["properties"]["spec"]["properties"]["config"][
    "properties"
]["upstream"]["properties"]["minimumAge"]
RULE = re.search(r'r"(.*)"', FIELD["x-kubernetes-validations"][0]["rule"])
ALIKE = st.lists(st.from_regex(r"[0-9]{0,5}[dhm]?", fullmatch=True), max_size=4).map("".join)


def is_admitted(text: str) -> bool:
    assert RULE is not None
    pattern = RULE[1].removesuffix("$") + r"\Z"
    return bool(re.match(pattern, text)) and 2 <= len(text) <= FIELD["maxLength"]


@examples(3)
@given(ALIKE | texts())
@example("1d\n")
@example("\u0663d")
@example("12")
@example("1d1h1m")
def test_the_crd_and_the_model_accept_the_same_durations(text: str) -> None:
    try:
        found = parse_duration(text)
    except ValueError:
        assert not is_admitted(text)
    else:
        assert is_admitted(text)
        assert found >= timedelta()
