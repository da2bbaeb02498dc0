"""Repeats the controller's writes and does nothing else, as a baseline.

    python -m tests.bench.bare KUBECONFIG FROM INTO

It creates each object of one namespace in another, writes each status once, and applies each
template, with the controller's own client and as many threads as workers. It watches nothing. It
prints `ready` when everything is read, begins when it reads a line, and prints JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import (
    EVENTS,
    PLANS,
    SYNCS,
    TAGS,
    WORKFLOW_TEMPLATES,
    WORKFLOWS,
    Kube,
    Resource,
)
from resync_argo.settings import Settings
from tests.bench.population import new_plan

Json = dict[str, Any]

_SERVERS = ("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields")
"""What the API server puts into an object's metadata."""


def listed(kube: Kube, resource: Resource, source: str, target: str) -> list[Json]:
    """Return a namespace's objects, prepared for another namespace."""
    found = [item for page, _ in kube.pages(resource, source) for item in page]
    for item in found:
        meta = {name: it for name, it in item["metadata"].items() if name not in _SERVERS}
        item["metadata"] = {**meta, "namespace": target}
        if resource is EVENTS:
            item["regarding"]["namespace"] = target
    return found


def tasks(kube: Kube, source: str, target: str) -> list[Callable[[], object]]:
    """Return the tasks, each with the writes of one object."""
    todo: list[Callable[[], object]] = [
        partial(_status, kube, PLANS, it) for it in _plans(kube, source, target)
    ]
    templates = listed(kube, WORKFLOW_TEMPLATES, source, target)
    todo += [partial(kube.apply, WORKFLOW_TEMPLATES, it) for it in templates]
    for resource in (TAGS, SYNCS, WORKFLOWS, EVENTS):
        todo += [
            partial(_made, kube, resource, it) for it in listed(kube, resource, source, target)
        ]
    return todo


def _plans(kube: Kube, source: str, target: str) -> list[Json]:
    """Create the Plans, which people write, and return each with its future status."""
    statuses = {
        item["metadata"]["name"]: item["status"] for item in listed(kube, PLANS, source, target)
    }
    made = []
    for name, status in statuses.items():
        plan = kube.create(
            PLANS, {**new_plan(name), "metadata": {"name": name, "namespace": target}}
        )
        made.append({"metadata": plan["metadata"], "status": status})
    return made


def _made(kube: Kube, resource: Resource, item: Json) -> None:
    status = item.pop("status", None) if resource in (TAGS, SYNCS) else None
    made = kube.create(resource, item)
    if status and status != made.get("status"):
        _status(kube, resource, {"metadata": made["metadata"], "status": status})


def _status(kube: Kube, resource: Resource, item: Json) -> None:
    meta = item["metadata"]
    key = ObjectKey(meta["namespace"], meta["name"])
    version = meta["resourceVersion"]
    kube.replace_status(resource, key, item["status"], resource_version=version)


def main() -> None:
    """Do what the command line says."""
    kubeconfig, source, target = sys.argv[1:]
    workers: int = Settings.model_fields["workers"].default
    kube = Kube.connect(connections=workers, kubeconfig=Path(kubeconfig))
    todo = tasks(kube, source, target)
    print("ready", flush=True)
    sys.stdin.readline()
    began, used = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(lambda task: task(), todo):
            pass
    print(
        json.dumps(
            {
                "seconds": round(time.monotonic() - began, 2),
                "cpu_seconds": round(time.process_time() - used, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
