"""Holds a Plan against the CRD's schema: shapes, bounds, unknown fields, and its rules.

The CRD is the one that is installed; `rules` says its CEL rules in Python. Messages say what to
write, where the schema library would only say what it found.
"""

import difflib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import jsonschema
import yaml

from resync_argo.local.lint.documents import Document, Steps
from resync_argo.local.lint.findings import Finding
from resync_argo.local.lint.rules import RULES

Json = dict[str, Any]

_PACKAGE = Path(__file__).parents[2]


@cache
def plan_schema() -> Json:
    """Return the CRD's schema of a Plan; in an installed package the CRDs lie in it."""
    folders = (_PACKAGE / "crds", _PACKAGE.parent / "crds")
    file = next(it for folder in folders if (it := folder / "plan.yaml").exists())
    crd = yaml.safe_load(file.read_text())
    schema: Json = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    return schema


def check(document: Document) -> Iterator[Finding]:
    """Yield what the API server would refuse, or drop without a word."""
    data = _without_nulls(document.data, plan_schema())
    validator = jsonschema.Draft202012Validator(_closed(plan_schema()))
    found = list(validator.iter_errors(data))
    for error in found:
        yield from _explained(document, error)
    broken = [tuple(error.absolute_path) for error in found]
    yield from _rules(document, data, plan_schema(), (), broken)


def _rules(
    document: Document, value: Any, schema: Json, path: Steps, broken: list[Steps]
) -> Iterator[Finding]:
    """Yield the CEL rules that do not hold; of what has no sound shape the shape is said alone."""
    if path not in broken:
        for rule in schema.get("x-kubernetes-validations", ()):
            if not _holds(RULES[rule["message"]], value):
                where = rule.get("fieldPath", "").strip(".")
                at = (*path, *where.split(".")) if where else path
                yield document.finding(at, rule["message"])
        yield from _repeated(document, value, schema, path)
    for step, inner, inner_schema in _parts(value, schema):
        yield from _rules(document, inner, inner_schema, (*path, step), broken)


def _repeated(document: Document, value: Any, schema: Json, path: Steps) -> Iterator[Finding]:
    """Yield the entries of a list that share their key with an earlier one."""
    keys = schema.get("x-kubernetes-list-map-keys", ())
    seen: set[tuple[Any, ...]] = set()
    for position, entry in enumerate(value if keys else ()):
        identity = tuple(str(entry.get(key)) for key in keys if isinstance(entry, dict))
        if identity in seen:
            yield document.finding((*path, position), f"`{', '.join(identity)}` is here twice")
        seen.add(identity)


def _holds(rule: Callable[[Any], bool], value: Any) -> bool:
    try:
        return rule(value)
    except (AttributeError, KeyError, TypeError, ValueError):
        # A part of the value has another shape, which is a finding of its own.
        return True


def _parts(value: Any, schema: Json) -> Iterator[tuple[str | int, Any, Json]]:
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for name, inner in value.items():
            if name in known:
                yield name, inner, known[name]
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield position, inner, schema.get("items", {})


def _closed(schema: Json) -> Json:
    """Return the schema as JSON Schema: closed to unknown fields, with Kubernetes' own words said."""
    closed = {key: it for key, it in schema.items() if not key.startswith("x-") and key != "format"}
    if schema.get("nullable"):
        closed["type"] = [schema["type"], "null"]
    if schema.get("x-kubernetes-list-type") == "set":
        closed["uniqueItems"] = True
    if "items" in schema:
        closed["items"] = _closed(schema["items"])
    if "properties" in schema:
        closed["properties"] = {name: _closed(it) for name, it in schema["properties"].items()}
        closed["additionalProperties"] = False
    return closed


def _without_nulls(value: Any, schema: Json) -> Any:
    """Return the value without nulls where the schema knows none: the API server drops them."""
    match value:
        case dict():
            known = schema.get("properties", {})
            return {
                name: _without_nulls(inner, known.get(name, {}))
                for name, inner in value.items()
                if inner is not None or known.get(name, {}).get("nullable")
            }
        case list():
            return [_without_nulls(inner, schema.get("items", {})) for inner in value]
        case _:
            return value


def _explained(document: Document, error: jsonschema.ValidationError) -> Iterator[Finding]:
    path = tuple(error.absolute_path)
    name = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this"
    limit: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            known = cast(Json, error.schema)["properties"]
            for field in sorted(set(cast(Json, error.instance)) - set(known)):
                message = f"there is no field `{field}` here{_meant(field, known)}"
                yield document.finding((*path, field), message, key=True)
        case "required":
            missing = [field for field in limit if field not in cast(Json, error.instance)]
            yield document.finding(path, f"{_listed(missing)} must be given")
        case "type":
            yield document.finding(path, f"{name} must be {_type(limit)}")
        case _:
            yield document.finding(path, _bound(name, error.validator, limit, error.message))


def _bound(name: str, validator: object, limit: Any, otherwise: str) -> str:
    words = {
        "enum": lambda: f"{name} must be one of {', '.join(f'`{it}`' for it in limit)}",
        "maxLength": lambda: f"{name} must have at most {limit} characters",
        "minLength": lambda: f"{name} must not be empty",
        "maxItems": lambda: f"{name} must have at most {limit} entries",
        "minItems": lambda: f"{name} must have at least {limit} entry",
        "maxProperties": lambda: f"{name} must have at most {limit} entries",
        "uniqueItems": lambda: f"{name} has an entry twice",
    }
    return words[str(validator)]() if validator in words else otherwise


def _meant(field: str, known: Mapping[str, Any]) -> str:
    close = difflib.get_close_matches(str(field), known, n=1)
    return f"; did you mean `{close[0]}`?" if close else ", and it would be ignored"


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _type(wanted: Any) -> str:
    names = {
        "object": "a mapping",
        "array": "a list",
        "string": "text; quote it",
        "boolean": "`true` or `false`",
        "integer": "a number",
    }
    first = wanted[0] if isinstance(wanted, list) else wanted
    return names.get(first, str(first))
