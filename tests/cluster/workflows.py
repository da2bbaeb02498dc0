"""Workflows for the tests of the cluster: the shape that a Plan compiles to, made by hand."""

from typing import Any

from tests.cluster.namespaces import EXECUTOR

API_VERSION = "argoproj.io/v1alpha1"
CONFLICT = "10"


def workflow(name: str, *templates: dict[str, Any]) -> dict[str, Any]:
    """A Workflow that starts with its first template; its steps get no token."""
    return {
        "apiVersion": API_VERSION,
        "kind": "Workflow",
        "metadata": {"name": name},
        "spec": {
            "serviceAccountName": EXECUTOR,
            "automountServiceAccountToken": False,
            "executor": {"serviceAccountName": EXECUTOR},
            "entrypoint": templates[0]["name"],
            "templates": list(templates),
        },
    }


def attempt(*containers: dict[str, Any]) -> dict[str, Any]:
    """A template `attempt`: one pod, its containers sharing a workspace."""
    return {
        "name": "attempt",
        "inputs": {"parameters": [{"name": "attempt", "value": "1"}]},
        "volumes": [{"name": "workspace", "emptyDir": {}}],
        "containerSet": {
            "volumeMounts": [{"name": "workspace", "mountPath": "/workspace"}],
            "containers": list(containers),
        },
    }


def container(name: str, image: str, script: str, *, after: str = "") -> dict[str, Any]:
    """A container of an attempt that runs a script, once `after` has succeeded."""
    made = {"name": name, "image": image, "command": ["sh", "-ec"], "args": [script]}
    return {**made, "dependencies": [after]} if after else made


def sync() -> dict[str, Any]:
    """A template `sync`: an attempt, and while that ends in a conflict, a suspension and another."""
    outcome = "'{{steps.attempt.exitCode}}'"
    number = [{"name": "attempt", "value": "{{inputs.parameters.attempt}}"}]
    following = [{"name": "attempt", "value": "{{=asInt(inputs.parameters.attempt)+1}}"}]
    conflict = f"{outcome} == '{CONFLICT}'"
    first = {
        "name": "attempt",
        "template": "attempt",
        "continueOn": {"failed": True},
        "arguments": {"parameters": number},
    }
    again = {
        "name": "again",
        "template": "sync",
        "when": conflict,
        "arguments": {"parameters": following},
    }
    waiting = {"name": "resolve-conflicts", "template": "resolve-conflicts", "when": conflict}
    return {
        "name": "sync",
        "inputs": {"parameters": [{"name": "attempt", "value": "1"}]},
        "steps": [[first], [waiting], [again]],
    }


def suspension() -> dict[str, Any]:
    """A template `resolve-conflicts`: it waits until somebody resumes it."""
    return {"name": "resolve-conflicts", "suspend": {}}
