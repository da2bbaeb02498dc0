"""Writes docs/reference.md from the kinds' definitions in crds/: `python -m tests.docs.reference`."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference.md"
KINDS = ("Plan", "Tag", "Sync")

HEAD = """\
<!-- Generated from crds/ by `make docs`: change that, not this. -->
# Fields

Every field of the three kinds. You write [Plans](#plan), and now and then a [Tag](#tag); the controller makes Tags and [Syncs](#sync). You write
`spec`, the controller writes `status`. [Write a Plan](write-a-plan.md) explains the fields of a Plan in context, and `kubectl explain rsplan.spec.config`
prints the same text as this page. A star (\\*) marks a required field.

"""

Schema = Mapping[str, Any]


def page() -> str:
    """Return the whole page."""
    return HEAD + "\n".join("".join(_kind(kind)) for kind in KINDS)


def _kind(kind: str) -> Iterator[str]:
    definition = yaml.safe_load((ROOT / "crds" / f"{kind.lower()}.yaml").read_text())["spec"]
    (version,) = definition["versions"]
    schema = version["schema"]["openAPIV3Schema"]
    (short,) = definition["names"]["shortNames"]
    yield f"## {kind}\n\n{_line(schema['description'])} "
    yield f"Its short name is `{short}`.\n"
    yield from _rules(schema)
    for name in ("spec", "status"):
        yield from _object(kind, name, schema["properties"][name])


def _object(kind: str, path: str, schema: Schema) -> Iterator[str]:
    """Yield the section of an object, then those of the objects in it."""
    yield f"\n### {kind} `{path}`\n\n{_line(schema.get('description', ''))}\n"
    required = schema.get("required", ())
    yield "\n| Field | Type | Default | Allowed | Meaning |\n|---|---|---|---|---|\n"
    for name, field in schema["properties"].items():
        star = "\\*" if name in required else ""
        cells = (_type(field), _default(field), _allowed(field), field.get("description", ""))
        yield f"| `{name}`{star} | {' | '.join(_cell(it) for it in cells)} |\n"
    yield from _rules(schema)
    for name, field in schema["properties"].items():
        inner, suffix = _unwrapped(field)
        if "properties" in inner:
            about = {"description": field.get("description", "")} | dict(inner)
            yield from _object(kind, f"{path}.{name}{suffix}", about)


def _unwrapped(field: Schema) -> tuple[Schema, str]:
    """Return what a list or a map holds, and how a path says so."""
    if "items" in field:
        return field["items"], "[]"
    values = field.get("additionalProperties")
    return (values, ".<name>") if isinstance(values, Mapping) else (field, "")


def _type(field: Schema) -> str:
    inner, suffix = _unwrapped(field)
    if field.get("x-kubernetes-int-or-string"):
        return "integer or string"
    if suffix == "[]":
        return f"list of {_type(inner)}"
    return f"map of {_type(inner)}" if suffix else str(inner.get("type", "any"))


def _default(field: Schema) -> str:
    if "default" not in field:
        return ""
    value = field["default"]
    shown = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else value
    return f"`{shown}`"


def _allowed(field: Schema) -> str:
    """Return what a value may be: the words to choose from, limits, and what rules demand."""
    inner, suffix = _unwrapped(field)
    parts = [", ".join(f"`{it}`" for it in inner.get("enum", ()))]
    parts += [f"at least {field[it]}" for it in ("minimum",) if it in field]
    parts += [f"at most {field[it]}" for it in ("maximum",) if it in field]
    parts += [f"pattern `{it['pattern']}`" for it in (inner,) if "pattern" in it]
    limits = {"minItems": "at least {}", "maxItems": "at most {} entries"}
    parts += [text.format(field[it]) for it, text in limits.items() if it in field]
    lengths = {"minLength": "at least {} characters", "maxLength": "at most {} characters"}
    each = " each" if suffix == "[]" else ""
    parts += [text.format(inner[it]) + each for it, text in lengths.items() if it in inner]
    if "properties" not in inner:
        parts += [
            message for it in ((field, inner) if suffix else (field,)) for message in _messages(it)
        ]
    return "; ".join(filter(None, parts))


def _rules(schema: Schema) -> Iterator[str]:
    """Yield what must hold between the fields of an object."""
    messages = _messages(schema)
    if messages:
        yield "\n" + "".join(f"- {_line(it)}.\n" for it in messages)


def _messages(schema: Schema) -> list[str]:
    return [it["message"] for it in schema.get("x-kubernetes-validations", ())]


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


def _line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    PAGE.write_text(page())
