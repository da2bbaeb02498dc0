"""Adds, openly, the properties that GitHub's description requires and Gitea has nothing for.

What is made up is null where that is allowed, else "", 0, false, [] or an address below the object's own.
Every property made up is listed by its path (`items.user.node_id`) in the answer's `X-Face-Filled` header:
a conforming answer says that the shape is right, not that these values mean anything.
"""

import base64
from typing import Any

from tests.forge.openapi import load

Json = dict[str, Any]


class Completion:
    """Completes objects of one answer and remembers what it made up."""

    def __init__(self, schemas: Json) -> None:
        """Take the `components.schemas` of GitHub's description."""
        self._schemas = schemas
        self.filled: set[str] = set()

    def complete(self, name: str, value: Json) -> Json:
        """Return the object with every property that the schema `name` requires."""
        self._fill({"$ref": f"#/components/schemas/{name}"}, value, name)
        return value

    def _resolve(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rsplit("/", 1)[1]]
        for combined in ("allOf", "oneOf", "anyOf"):
            if combined in schema and "properties" not in schema:
                return self._resolve(schema[combined][0])
        return schema

    def _fill(self, schema: Json, value: Any, path: str) -> None:
        resolved = self._resolve(schema)
        if isinstance(value, list):
            for item in value:
                self._fill(resolved.get("items", {}), item, path)
        elif isinstance(value, dict) and "properties" in resolved:
            self._fill_object(resolved, value, path)

    def _fill_object(self, schema: Json, value: Json, path: str) -> None:
        for key in schema.get("required", []):
            if key not in value:
                value[key] = self._make_up(key, schema["properties"].get(key, {}), value, path)
                self.filled.add(f"{path}.{key}")
        for key, inner in value.items():
            if key in schema["properties"]:
                self._fill(schema["properties"][key], inner, f"{path}.{key}")

    def _make_up(self, key: str, schema: Json, owner: Json, path: str) -> Any:
        resolved = self._resolve(schema)
        if schema.get("nullable") or resolved.get("nullable"):
            return None
        if "enum" in resolved:
            return resolved["enum"][0]
        kind = resolved.get("type")
        if kind == "string":
            return _text(key, resolved, owner)
        if kind == "object" or "properties" in resolved:
            made: Json = {}
            self._fill(resolved, made, f"{path}.{key}")
            return made
        return {"integer": 0, "number": 0, "boolean": False, "array": []}.get(str(kind), "")


def _text(key: str, schema: Json, owner: Json) -> str:
    if key.endswith("_url") or schema.get("format") == "uri":
        return f"{owner.get('url', 'http://forge.invalid')}/{key.removesuffix('_url')}"
    if schema.get("format") == "date-time":
        return str(owner.get("created_at") or "2020-01-01T00:00:00Z")
    if key == "node_id":
        return base64.b64encode(f"{owner.get('url', '')}:{owner.get('id', 0)}".encode()).decode()
    return ""


def github_schemas() -> Json:
    """Return the schemas as GitHub published them (with `nullable`)."""
    schemas: Json = load()["components"]["schemas"]
    return schemas
