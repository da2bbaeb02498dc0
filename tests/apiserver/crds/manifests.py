"""Valid objects of our kinds, with changes, and the API server's verdicts on them."""

import copy
import itertools
import json
from typing import Any, cast

import kubernetes
import pytest
import yaml

from tests.cluster.kubectl import Kubectl

NAMESPACE = "kinds"

PULL_REQUEST = {"action": {"type": "pull-request", "title": "t"}}
SLACK = {"action": {"type": "slack-notification", "channel": "c", "message": "m"}}
RUN = {"run": "true"}


_numbers = itertools.count()


def number() -> int:
    """Return a number that no other object of the namespace has in its name."""
    return next(_numbers)


def plan(change: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a Plan that is admitted, with values set at dotted paths below `spec`."""
    spec: dict[str, Any] = {
        "config": {
            "upstream": {"name": "github.com/kubernetes/kubernetes", "matchedVersions": ["1.21.x"]},
            "downstream": {"name": "github.com/openshift/kubernetes", "branch": "release-4.8"},
            "image": "example.com/image:1",
            "github": {"credentials": {"secretSelector": "github-secret"}},
            "slack": {"credentials": {"secretSelector": "slack-secret"}},
        },
        "steps": [RUN, PULL_REQUEST, SLACK],
    }
    return build("Plan", changed(spec, change or {}))


def tag(change: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a Tag that is admitted, with values set at dotted paths below `spec`."""
    spec = {"repository": "github.com/kubernetes/kubernetes", "version": "1.21.2"}
    return build("Tag", changed(spec, change or {}))


def sync(change: dict[str, Any] | None = None, *, name: str = "") -> dict[str, Any]:
    """Return a Sync that is admitted, with values set at dotted paths below `spec`."""
    spec = changed({"plan": f"z-{number()}", "tag": "kubernetes-1.21.2"}, change or {})
    made = build("Sync", spec)
    made["metadata"]["name"] = name or f"{spec.get('plan')}.{spec.get('tag')}"
    return made


def build(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {
        "apiVersion": "resync.openshift.io/v1alpha1",
        "kind": kind,
        "metadata": {"name": f"o-{number()}"},
        "spec": spec,
    }


def changed(spec: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(spec)
    for path, value in change.items():
        *parents, last = path.split(".")
        inner = changed
        for parent in parents:
            inner = inner.setdefault(parent, {})
        if value is None:
            inner.pop(last, None)
        else:
            inner[last] = value
    return changed


def create(objects: kubernetes.client.CustomObjectsApi, manifest: dict[str, Any]) -> dict[str, Any]:
    """Create an object and return it as the API server stores it."""
    group, version = manifest["apiVersion"].split("/")
    plural = f"{manifest['kind'].lower()}s"
    kept = objects.create_namespaced_custom_object(group, version, NAMESPACE, plural, manifest)
    return cast(dict[str, Any], kept)


def refusal(objects: kubernetes.client.CustomObjectsApi, manifest: dict[str, Any]) -> str:
    """Return the message for a person when the object is refused."""
    with pytest.raises(kubernetes.client.ApiException) as refused:
        create(objects, manifest)
    return str(json.loads(refused.value.body or "{}")["message"])


def patch_status(kinds: Kubectl, kind: str, name: str, status: dict[str, Any]) -> None:
    """Write a status as the controller does, for the observed generation."""
    patch = yaml.safe_dump({"status": {"observedGeneration": 1, **status}})
    kinds.run("patch", kind, name, "--subresource=status", "--type=merge", f"--patch={patch}")


def condition(kind: str, message: str) -> dict[str, str]:
    return {
        "type": kind,
        "status": "True",
        "reason": "Because",
        "message": message,
        "lastTransitionTime": "2021-11-30T00:00:00Z",
    }
