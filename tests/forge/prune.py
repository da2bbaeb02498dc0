"""Cuts GitHub's OpenAPI description down to the operations that the tests meet.

GitHub publishes the description under the MIT licence in npm's `@octokit/openapi` (23.0.2 is what
`github-openapi.json.gz` was cut from: its file `generated/api.github.com.json`). Kept: the operations
and webhooks listed in `operations.txt` and every component that they refer to; dropped: all other
operations, examples, prose. By hand, when a line is added to `operations.txt`:

    npm pack @octokit/openapi@23.0.2 && tar -xzf octokit-openapi-23.0.2.tgz
    python -m tests.forge.prune package/generated/api.github.com.json
"""

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DROPPED = {"example", "examples", "x-octokit", "x-github", "externalDocs"}
NOTE = (
    "Cut by tests/forge/prune.py from generated/api.github.com.json of npm @octokit/openapi 23.0.2. "
    "MIT License, Copyright (c) 2020 Octokit contributors: see github-openapi.LICENSE."
)


def without_prose(node: Any) -> Any:
    """Return the node without examples and descriptions; a *property* named so stays."""
    if isinstance(node, list):
        return [without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_prose(value)
        for key, value in node.items()
        if key not in DROPPED and not (key == "description" and isinstance(value, str))
    }


def references(node: Any) -> Iterator[str]:
    """Yield every `$ref` in the node."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from references(value)


def prune(whole: dict[str, Any], operations: list[str]) -> dict[str, Any]:
    """Return the part of the description that the operations need."""
    kept: dict[str, Any] = {"openapi": whole["openapi"], "info": {**whole["info"], "x-note": NOTE}}
    kept |= {"paths": {}, "x-webhooks": {}, "components": {}}
    for line in operations:
        method, name = line.split()
        if method == "webhook":
            kept["x-webhooks"][name] = without_prose(whole["x-webhooks"][name])
        else:
            operation = without_prose(whole["paths"][name][method.lower()])
            kept["paths"].setdefault(name, {})[method.lower()] = operation
    _add_components(kept, whole["components"])
    return kept


def _add_components(kept: dict[str, Any], components: dict[str, Any]) -> None:
    todo = list(references(kept))
    done: set[str] = set()
    while todo:
        reference = todo.pop()
        kind, name = reference.split("/")[2:]
        if reference in done or kind == "examples":
            continue
        done.add(reference)
        component = without_prose(components[kind][name])
        kept["components"].setdefault(kind, {})[name] = component
        todo += references(component)


def main() -> None:
    """Write `github-openapi.json.gz`, the same bytes for the same input."""
    whole = json.loads(Path(sys.argv[1]).read_text())
    operations = (HERE / "operations.txt").read_text().splitlines()
    text = json.dumps(prune(whole, operations), sort_keys=True, separators=(",", ":"))
    (HERE / "github-openapi.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
