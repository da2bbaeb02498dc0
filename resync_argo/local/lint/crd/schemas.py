"""Reads the schemas of our kinds from the CRDs, and applies them to objects as the API server does."""

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from resync_argo.local.lint.documents import Steps

Json = dict[str, Any]

_PACKAGE = Path(__file__).parents[3]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The CRDs are ours and long: PyYAML's loader in C reads them in a tenth of the time where it was built."""


@cache
def kinds() -> tuple[str, ...]:
    """Return the kinds that have a CRD."""
    return tuple(sorted(file.stem.capitalize() for file in _folder().glob("*.yaml")))


@cache
def load_schema(kind: str) -> Json:
    """Return the CRD's schema of one of our kinds."""
    crd = yaml.load((_folder() / f"{kind.lower()}.yaml").read_text(), _LOADER)  # noqa: S506 - a safe one
    schema: Json = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def _folder() -> Path:
    """Return the folder of the CRDs; an installed package contains them."""
    folders = (_PACKAGE / "crds", _PACKAGE.parent / "crds")
    return next(folder for folder in folders if folder.is_dir())


def without_status(data: Json) -> Json:
    """Return an object without its status, which the API server accepts from the controller only."""
    return {name: value for name, value in data.items() if name != "status"}


def as_kept(value: Any, schema: Json) -> Any:
    """Return a value as the API server stores it: with defaults, and without nulls that the schema does not allow."""
    match value:
        case dict():
            known: Json = schema.get("properties", {})
            other: Json = schema.get("additionalProperties", {})
            given = {
                name: inner
                for name, inner in value.items()
                if inner is not None or known.get(name, other).get("nullable")
            }
            missing = {
                name: copy.deepcopy(inner["default"])
                for name, inner in known.items()
                if "default" in inner and name not in given
            }
            return {
                name: as_kept(inner, known.get(name, other))
                for name, inner in (given | missing).items()
            }
        case list():
            return [as_kept(inner, schema.get("items", {})) for inner in value]
        case _:
            return value


def walk(value: Any, schema: Json, path: Steps = ()) -> Iterator[tuple[Steps, Any, Json]]:
    """Yield every value that the schema knows: its path, the value, and its schema."""
    yield path, value, schema
    if isinstance(value, dict):
        known, other = schema.get("properties", {}), schema.get("additionalProperties")
        for name, inner in value.items():
            found = known.get(name, other)
            if found is not None:
                yield from walk(inner, found, (*path, str(name)))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from walk(inner, schema.get("items", {}), (*path, position))
