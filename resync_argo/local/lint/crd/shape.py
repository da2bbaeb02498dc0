"""Checks an object against its CRD's schema: types, bounds, unknown fields, duplicate entries.

Messages say what to write; the schema library's would only say what it found.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import jsonschema

from resync_argo.local.lint.crd.schemas import Json, walk
from resync_argo.local.lint.documents import Document, Steps
from resync_argo.local.lint.findings import Finding

_INT64 = range(-(2**63), 2**63)
_BOUNDS = ("maxItems", "maxLength", "maxProperties")


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The schema's verdict on an object.

    Attributes:
        findings: what is wrong.
        broken: the paths where something is wrong.
        is_bounded: no list and no text is longer than the schema allows, so further checks cost
            little.
    """

    findings: tuple[Finding, ...]
    broken: frozenset[Steps]
    is_bounded: bool


def check(document: Document, data: Json, schema: Json) -> Shape:
    """Return what the API server would refuse or silently drop; the data are in the form that it stores."""
    errors = list(jsonschema.Draft202012Validator(_closed(schema)).iter_errors(data))
    found = [finding for error in errors for finding in _explained(document, error, schema)]
    broken = frozenset(tuple(error.absolute_path) for error in errors)
    for path, value, inner in walk(data, schema):
        if path not in broken:
            found += _repeated(document, value, inner, path)
    is_bounded = not any(error.validator in _BOUNDS for error in errors)
    return Shape(findings=tuple(found), broken=broken, is_bounded=is_bounded)


def _repeated(document: Document, value: Any, schema: Json, path: Steps) -> Iterator[Finding]:
    """Yield the entries of map lists that repeat an earlier one's key, and the duplicates in sets."""
    if schema.get("x-kubernetes-list-type") == "set":
        entries = [json.dumps(entry, default=str, skipkeys=True, sort_keys=True) for entry in value]
        if len(set(entries)) < len(entries):
            yield document.finding(path, f"`{path[-1]}` has an entry twice")
    keys = schema.get("x-kubernetes-list-map-keys", ())
    seen: set[tuple[str, ...]] = set()
    for position, entry in enumerate(value if keys else ()):
        identity = tuple(str(entry.get(key)) for key in keys if isinstance(entry, dict))
        if identity in seen:
            yield document.finding((*path, position), f"`{', '.join(identity)}` is here twice")
        seen.add(identity)


def _closed(schema: Json) -> Json:
    """Return the schema as a JSON Schema that refuses unknown fields, with Kubernetes' keywords translated."""
    closed = {key: it for key, it in schema.items() if not key.startswith("x-") and key != "format"}
    if schema.get("x-kubernetes-int-or-string"):
        closed["type"] = ["integer", "string"]
    if schema.get("type") == "integer":
        # The API server stores a larger one as a floating-point number.
        closed = {"minimum": _INT64[0], "maximum": _INT64[-1]} | closed
    if schema.get("nullable"):
        closed["type"] = [schema["type"], "null"]
    if "items" in schema:
        closed["items"] = _closed(schema["items"])
    if "properties" in schema:
        closed["properties"] = {name: _closed(it) for name, it in schema["properties"].items()}
        closed["additionalProperties"] = False
    if "additionalProperties" in schema:
        closed["additionalProperties"] = _closed(schema["additionalProperties"])
    return closed


def _explained(
    document: Document, error: jsonschema.ValidationError, whole: Json
) -> Iterator[Finding]:
    path = tuple(error.absolute_path)
    name = f"`{path[-1]}`" if path and isinstance(path[-1], str) else "this"
    limit: Any = error.validator_value
    match error.validator:
        case "additionalProperties":
            known = cast(Json, error.schema)["properties"]
            for field in sorted(set(cast(Json, error.instance)) - set(known), key=str):
                message = f"there is no field `{field}` here{_meant(str(field), known, whole)}"
                yield document.finding((*path, str(field)), message, key=True)
        case "required":
            missing = [field for field in limit if field not in cast(Json, error.instance)]
            yield document.finding(path, f"{_listed(missing)} must be given")
        case "type":
            yield document.finding(path, f"{name} must be {_type(document, path, error)}")
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
    }
    return words[str(validator)]() if validator in words else otherwise


def _meant(field: str, known: Mapping[str, Any], whole: Json) -> str:
    close = difflib.get_close_matches(field, known, n=1)
    if close:
        return f"; did you mean `{close[0]}`?"
    elsewhere = [path for path in _paths(whole, "") if path.rpartition(".")[2] == field]
    if len(elsewhere) == 1:
        return f"; it belongs in `{elsewhere[0].rpartition('.')[0]}`"
    return ", and it would be ignored"


def _paths(schema: Json, path: str) -> Iterator[str]:
    """Yield the fields of a schema, as dotted paths."""
    for name, inner in schema.get("properties", {}).items():
        below = f"{path}.{name}" if path else name
        if name == "status" and not path:
            continue
        yield below
        yield from _paths(inner, below)
        if "items" in inner:
            yield from _paths(inner["items"], f"{below}[]")


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _type(document: Document, path: Steps, error: jsonschema.ValidationError) -> str:
    wanted, given = error.validator_value, error.instance
    names = {
        "object": "a mapping",
        "array": "a list",
        "string": "text",
        "boolean": "`true` or `false`",
        "integer": "a number",
    }
    first = wanted[0] if isinstance(wanted, list) else wanted
    name = names.get(str(first), str(first))
    if first != "string":
        return name
    if isinstance(given, dict):
        return f"{name}, and not a mapping{_without_mapping(path, given)}"
    if isinstance(given, list):
        return f"{name}, and not a list"
    return f"{name}; {_as_text(document, path)}"


def _without_mapping(path: Steps, given: Mapping[str, Any]) -> str:
    """Return what to write instead of a mapping such as `secretSelector: {name: github-secret}`."""
    values = list(given.values())
    if len(values) != 1 or not isinstance(values[0], str) or not path:
        return ""
    return f": write `{path[-1]}: {values[0]}`"


def _as_text(document: Document, path: Steps) -> str:
    """Return how to write a plain value so that YAML reads it as text."""
    written = document.written(path)
    if path[-2:-1] == ("matchedVersions",) and re.fullmatch(r"\d+(\.\d+)?", written):
        return f"write `{written}.x` for all versions that begin with {written}"
    return "quote it"
