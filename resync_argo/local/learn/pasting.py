"""Writes rules and steps as YAML for a Plan. Pure."""

from collections.abc import Sequence
from typing import Any

import yaml

from resync_argo.api.plan import ConflictRule, Regenerate


def fields_of(rule: ConflictRule) -> dict[str, Any]:
    """Return a rule's fields; `keepDeleted` alone says what such a rule does."""
    fields: dict[str, Any] = {"paths": list(rule.paths)}
    return (
        {**fields, "keepDeleted": True}
        if rule.keep_deleted
        else {**fields, "resolve": rule.resolve}
    )


def as_yaml(rules: Sequence[tuple[ConflictRule, str]], steps: Sequence[Regenerate]) -> str:
    """Return commented `conflicts` for a Plan's `config`, and entries for its `steps`; "" without any."""
    lines: list[str] = []
    if rules:
        lines.append("conflicts:")
        for rule, comment in rules:
            lines += [f"  # {comment}", *_item(fields_of(rule), "  ")]
    if steps:
        lines.append("steps:")
        lines += [line for it in steps for line in _item({"regenerate": it}, "  ")]
    return "".join(f"{line}\n" for line in lines)


def _item(fields: dict[str, Any], indent: str) -> list[str]:
    text = yaml.safe_dump([fields], sort_keys=False, default_flow_style=None, width=1_000)
    # YAML's dumper writes a single field in braces.
    if text.startswith("- {"):
        text = yaml.safe_dump([fields], sort_keys=False, default_flow_style=False)
    return [f"{indent}{line}" for line in text.splitlines()]
