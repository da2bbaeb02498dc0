"""Compiles a Plan's file as the controller would, and compares it with a cluster."""

import difflib
from pathlib import Path
from typing import Any

import yaml

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.compile import compile_plan
from resync_argo.controller.kube.api import PLANS, WORKFLOW_TEMPLATES, Kube, Resource
from resync_argo.controller.kube.errors import NotFound
from resync_argo.local.plan_file import load_plan
from resync_argo.settings import Settings

Json = dict[str, Any]

COMPARED = ("name", "namespace", "labels", "annotations")
"""Our part of an object's metadata; the rest is the API server's."""


def compile_file(file: Path, namespace: str, settings: Settings, *, uid: str = "") -> Json:
    """Return the WorkflowTemplate of the Plan in a file.

    Raises:
        UsageError: the Plan is invalid.
        Stalled: it cannot be compiled.
    """
    return compile_plan(_placed(load_plan(file), namespace, uid), settings).manifest


def difference(kube: Kube, file: Path, namespace: str, settings: Settings) -> str:
    """Return what applying the Plan in a file would change, as a unified diff; "" for nothing.

    Raises:
        UsageError: the Plan is invalid.
        ResyncError: the API server does not answer.
    """
    plan = load_plan(file)
    key = ObjectKey(plan.metadata.namespace or namespace, plan.metadata.name)
    applied = _find(kube, PLANS, key)
    uid = str(applied["metadata"]["uid"]) if applied else ""
    old = _find(kube, WORKFLOW_TEMPLATES, key)
    new = compile_file(file, key.namespace, settings, uid=uid)
    before = to_yaml(_comparable(old)) if old else ""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True),
        to_yaml(_comparable(new)).splitlines(keepends=True),
        fromfile=f"cluster: workflowtemplate/{key.name}",
        tofile=str(file),
    )
    return "".join(lines)


def to_yaml(manifest: Json) -> str:
    """Return an object as YAML."""
    return yaml.safe_dump(manifest, sort_keys=False)


def _placed(plan: Plan, namespace: str, uid: str) -> Plan:
    metadata = plan.metadata
    changes = {"namespace": metadata.namespace or namespace, "uid": metadata.uid or uid}
    return plan.model_copy(update={"metadata": metadata.model_copy(update=changes)})


def _find(kube: Kube, resource: Resource, key: ObjectKey) -> Json | None:
    try:
        return kube.get(resource, key)
    except NotFound:
        return None


def _comparable(manifest: Json) -> Json:
    metadata = {name: manifest["metadata"].get(name) for name in COMPARED}
    return {"metadata": _sorted(metadata), "spec": _sorted(manifest["spec"])}


def _sorted(value: Any) -> Any:
    """Return the value with its keys sorted, since the API server does not keep their order."""
    match value:
        case dict():
            return {name: _sorted(value[name]) for name in sorted(value)}
        case list():
            return [_sorted(inner) for inner in value]
        case _:
            return value
