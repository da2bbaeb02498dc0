"""The schemas come from the CRDs, and objects are completed as the API server completes them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from resync_argo.local.lint.crd.schemas import as_kept, kinds, load_schema

CRDS = Path(__file__).parents[5] / "crds"


def test_every_crd_is_found_by_the_kind_that_it_defines() -> None:
    crds = [yaml.safe_load(file.read_text()) for file in CRDS.glob("*.yaml")]

    assert sorted(crd["spec"]["names"]["kind"] for crd in crds) == list(kinds())
    for crd in crds:
        (version,) = crd["spec"]["versions"]
        assert load_schema(crd["spec"]["names"]["kind"]) == version["schema"]["openAPIV3Schema"]


DEFAULTED = {"properties": {"a": {"default": {}, "properties": {"b": {"default": 1}}}}}
NULLABLE = {"properties": {"a": {"nullable": True}, "b": {}, "c": {"default": 1}}}


@pytest.mark.parametrize(
    ("schema", "given", "kept"),
    [
        (DEFAULTED, {}, {"a": {"b": 1}}),
        (DEFAULTED, {"a": {"b": 2}}, {"a": {"b": 2}}),
        (NULLABLE, {"a": None, "b": None, "c": None}, {"a": None, "c": 1}),
        ({"items": DEFAULTED}, [{}, {"a": {}}], [{"a": {"b": 1}}, {"a": {"b": 1}}]),
        ({"additionalProperties": DEFAULTED}, {"x": {}, "y": None}, {"x": {"a": {"b": 1}}}),
    ],
)
def test_defaults_are_filled_in_and_nulls_dropped(
    schema: dict[str, Any], given: Any, kept: Any
) -> None:
    assert as_kept(given, schema) == kept
