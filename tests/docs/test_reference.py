"""docs/reference.md holds every field of the kinds, as their definitions describe it."""

from typing import Any

import pytest
import yaml

from tests.docs.reference import KINDS, PAGE, ROOT, page


def test_the_page_is_what_is_generated() -> None:
    assert PAGE.read_text() == page(), "run `make docs` and commit docs/reference.md"


def fields(schema: Any) -> set[str]:
    inner = schema.get("properties", {})
    deeper = [*inner.values(), schema.get("items", {}), schema.get("additionalProperties", {})]
    return set(inner).union(*(fields(it) for it in deeper if it and isinstance(it, dict)))


@pytest.mark.parametrize("kind", KINDS)
def test_no_field_is_missing(kind: str) -> None:
    text = PAGE.read_text().split(f"\n## {kind}\n")[1].split("\n## ")[0]
    (version,) = yaml.safe_load((ROOT / "crds" / f"{kind.lower()}.yaml").read_text())["spec"][
        "versions"
    ]
    properties = version["schema"]["openAPIV3Schema"]["properties"]

    names = fields(properties["spec"]) | fields(properties["status"])

    assert names
    assert {it for it in names if f"| `{it}`" not in text} == set()
