"""Makes the JSON schema of a Plan from the CRD, for editors that complete and check while you type.

The CRD's rules in CEL are not in it; `lint` and the API server check these.
"""

import json
from typing import Any

from resync_argo.local.lint.crd.schemas import Json, load_schema
from resync_argo.names import API_VERSION

DRAFT = "http://json-schema.org/draft-07/schema#"
"""What yaml-language-server and every other editor's checker know."""

_KEPT = (
    *("type", "description", "enum", "default", "pattern", "format", "required"),
    *("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems"),
    *("minProperties", "maxProperties"),
)


def plan_schema() -> str:
    """Return it as JSON."""
    schema = _translated(load_schema("Plan"))
    schema["title"] = "Plan"
    properties = schema["properties"]
    properties["apiVersion"] = {"const": API_VERSION}
    properties["kind"] = {"const": "Plan"}
    name = {"type": "string", "description": "The Plan's name."}
    properties["metadata"] = {"type": "object", "required": ["name"], "properties": {"name": name}}
    properties.pop("status", None)
    schema["required"] = sorted({*schema.get("required", ()), "apiVersion", "kind", "metadata"})
    return json.dumps({"$schema": DRAFT, **schema}, indent=2)


def _translated(schema: Json) -> Json:
    """Return a structural schema as plain JSON schema, in which an unknown field is an error."""
    made: dict[str, Any] = {key: schema[key] for key in _KEPT if key in schema}
    if schema.get("x-kubernetes-int-or-string"):
        made["type"] = ["integer", "string"]
    if schema.get("nullable") and "type" in made:
        made["type"] = [made["type"], "null"]
    if "items" in schema:
        made["items"] = _translated(schema["items"])
    if "properties" in schema:
        made["properties"] = {name: _translated(it) for name, it in schema["properties"].items()}
        made["additionalProperties"] = False
    other = schema.get("additionalProperties")
    if isinstance(other, dict):
        made["additionalProperties"] = _translated(other)
    return made
