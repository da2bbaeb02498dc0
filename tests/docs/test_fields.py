"""docs/write-a-plan.md names every field of a Plan, and every value that a field may have."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resync_argo.local.lint.crd.schemas import load_schema

PAGE = (Path(__file__).parents[2] / "docs" / "write-a-plan.md").read_text()


def words(schema: Any) -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from (it for it in inner.get("enum", ()) if isinstance(it, str))
        yield from words(inner)
        yield from words(inner.get("items", {}))


@pytest.mark.parametrize("word", sorted(set(words(load_schema("Plan")["properties"]["spec"]))))
def test_the_page_names_it(word: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", PAGE)
