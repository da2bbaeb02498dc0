"""The model reads durations as people write them and as the CRD admits them."""

import re
from datetime import timedelta

import pytest

from resync_argo.api.durations import parse_duration
from resync_argo.local.lint.crd.schemas import load_schema

READ = {
    "3d": timedelta(days=3),
    "72h": timedelta(days=3),
    "1d12h": timedelta(days=1, hours=12),
    "90m": timedelta(minutes=90),
    "1d2h3m": timedelta(days=1, hours=2, minutes=3),
    "0h": timedelta(),
    "9999d": timedelta(days=9999),
}
REFUSED = ["", "3", "d", "3 d", "-3d", "12h1d", "1w", "1.5h", "3d3d", "3D", "99999d", "3d\n", "٣d"]


@pytest.mark.parametrize(("text", "expected"), READ.items())
def test_a_duration_has_days_hours_and_minutes(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration such as `3d`, `72h` or `1d12h`"):
        parse_duration(text)


def test_the_crd_admits_exactly_what_the_model_reads() -> None:
    spec = load_schema("Plan")["properties"]["spec"]["properties"]
    field = spec["config"]["properties"]["upstream"]["properties"]["minimumAge"]
    (rule,) = field["x-kubernetes-validations"]
    pattern = re.search(r'matches\(r"(.*)"\)', rule["rule"])
    assert pattern is not None

    admitted = {text for text in [*READ, *REFUSED] if re.search(pattern[1], text, re.ASCII)}

    assert admitted - {"3d\n"} == set(READ)  # RE2's `$` is the end of the text alone
