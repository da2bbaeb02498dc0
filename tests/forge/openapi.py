"""Checks exchanges and webhook payloads against GitHub's own OpenAPI description.

The description (`github-openapi.json.gz`, see `prune`) is OpenAPI 3.0.3; `nullable` is turned into
JSON Schema's way of saying it. A violation is one line of text: where, and what is wrong. The face
runs every exchange through here, whoever the client is, so pods and controllers are checked as well.
What this cannot see: a wrong value of the right type. What the face made up is in `X-Face-Filled`.
"""

import gzip
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

DESCRIPTION = Path(__file__).with_name("github-openapi.json.gz")
METHODS = ("get", "put", "post", "patch", "delete")
WITH_SLASHES = {"ref", "path", "basehead", "branch"}
"""Path parameters whose values may hold slashes."""

LABEL_LISTS = re.compile(r"^/repos/[^/]+/[^/]+/issues/\d+/labels$")
"""Requests that may be a bare list: GitHub's prose for "Add labels to an issue" allows it and PyGithub
sends it, but the schema forgot it. The list is checked as the documented object around it."""


def load() -> dict[str, Any]:
    """Return the pruned description as it was published."""
    document: dict[str, Any] = json.loads(gzip.decompress(DESCRIPTION.read_bytes()))
    return document


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One request and its answer; `path` is below the API's base, bodies are parsed JSON or None."""

    method: str
    path: str
    query: tuple[str, ...]
    body: Any
    status: int
    answer: Any


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One documented operation."""

    method: str
    pattern: re.Pattern[str]
    literal: int
    description: dict[str, Any]


class Description:
    """GitHub's description, ready to check against."""

    def __init__(self) -> None:
        """Load it; takes about a tenth of a second."""
        self.document = _without_nullable(load())
        self.registry: Registry[Any] = Registry().with_resource(
            "gh:", DRAFT202012.create_resource(self.document)
        )
        self._validators: dict[int, Draft202012Validator] = {}

    @cached_property
    def operations(self) -> list[Operation]:
        """Every operation, the ones with the most literal paths first."""
        found = [
            Operation(
                method=method.upper(),
                pattern=_pattern(path),
                literal=len(re.sub(r"\{[^}]+\}", "", path)),
                description=item[method],
            )
            for path, item in self.document["paths"].items()
            for method in METHODS
            if method in item
        ]
        return sorted(found, key=lambda operation: -operation.literal)

    def check(self, exchange: Exchange) -> list[str]:
        """Return what is wrong with an exchange; empty when it conforms."""
        operation = self._operation(exchange)
        where = f"{exchange.method} {exchange.path}"
        if operation is None:
            return [f"{where}: GitHub documents no such operation"]
        found = [*self._request(operation, exchange), *self._answer(operation, exchange)]
        return [f"{where}: {line}" for line in found]

    def check_request(self, exchange: Exchange) -> list[str]:
        """Return what is wrong with the request alone: its answer was a fault made for a test."""
        operation = self._operation(exchange)
        if operation is None:
            return [f"{exchange.method} {exchange.path}: GitHub documents no such operation"]
        return self._request(operation, exchange)

    def check_webhook(self, event: str, payload: dict[str, Any]) -> list[str]:
        """Return what is wrong with a webhook's payload."""
        action = payload.get("action")
        name = f"{event}-{action}" if action else event
        described = self.document["x-webhooks"].get(name.replace("_", "-"))
        if described is None:
            return [f"webhook {name}: GitHub documents no such event"]
        content = self._resolve(described["post"]["requestBody"])["content"]
        lines = self._errors(content["application/json"]["schema"], payload)
        return [f"webhook {name}: {line}" for line in lines]

    def _operation(self, exchange: Exchange) -> Operation | None:
        for operation in self.operations:
            if operation.method == exchange.method and operation.pattern.match(exchange.path):
                return operation
        return None

    def _request(self, operation: Operation, exchange: Exchange) -> list[str]:
        parameters = [self._resolve(it) for it in operation.description.get("parameters", [])]
        known = {it["name"] for it in parameters if it["in"] == "query"}
        found = [
            f"query {name!r} is not documented" for name in exchange.query if name not in known
        ]
        described = self._resolve(operation.description.get("requestBody", {}))
        content = described.get("content", {}).get("application/json")
        if content is None:
            return found
        body = exchange.body
        if body is None:
            return [*found, "the request's body is missing"] if described.get("required") else found
        if isinstance(body, list) and LABEL_LISTS.match(exchange.path):
            body = {"labels": body}
        return found + [f"request {line}" for line in self._errors(content["schema"], body)]

    def _answer(self, operation: Operation, exchange: Exchange) -> list[str]:
        responses = operation.description["responses"]
        described = responses.get(str(exchange.status))
        if described is None:
            return self._undocumented(exchange, sorted(responses))
        content = self._resolve(described).get("content", {}).get("application/json")
        if content is None or exchange.answer is None:
            return []
        return [f"answer {line}" for line in self._errors(content["schema"], exchange.answer)]

    @staticmethod
    def _undocumented(exchange: Exchange, documented: list[str]) -> list[str]:
        # "Troubleshooting the REST API" and, for redirects, "Best practices" document these for every one.
        if exchange.status in {301, 304, 307, 401, 403, 404, 422}:
            return []
        return [f"status {exchange.status} is not documented, only {', '.join(documented)}"]

    def _resolve(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            target: Any = self.document
            for key in node["$ref"].removeprefix("#/").split("/"):
                target = target[key]
            node = target
        return node

    def _errors(self, schema: dict[str, Any], instance: Any) -> list[str]:
        # The schemas live as long as the document does, so their ids are good keys.
        validator = self._validators.get(id(schema))
        if validator is None:
            validator = Draft202012Validator(_absolute(schema), registry=self.registry)
            self._validators[id(schema)] = validator
        return [
            f"{'.'.join(map(str, error.absolute_path)) or '$'}: {error.message[:200]}"
            for error in validator.iter_errors(instance)
        ]


def _pattern(path: str) -> re.Pattern[str]:
    def parameter(match: re.Match[str]) -> str:
        return "(.+)" if match[1] in WITH_SLASHES else "([^/]+)"

    return re.compile("^" + re.sub(r"\{([^}]+)\}", parameter, path) + "$")


def _without_nullable(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_nullable(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {
        key: _without_nullable(value) for key, value in node.items() if key != "x-multi-segment"
    }
    if not (isinstance(node.get("nullable"), bool) and node.pop("nullable")):
        return node
    if not isinstance(node.get("type"), str):
        return {"anyOf": [node, {"type": "null"}]}
    values = {"enum": [*node["enum"], None]} if "enum" in node else {}
    return {**node, "type": [node["type"], "null"], **values}


def _absolute(node: Any) -> Any:
    """Return the node with its references pointing into the registered document."""
    if isinstance(node, list):
        return [_absolute(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: f"gh:{value}" if key == "$ref" and isinstance(value, str) else _absolute(value)
        for key, value in node.items()
    }
