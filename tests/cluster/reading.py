"""Reads objects over a connection that stays open: a kubectl for each look keeps a processor busy while a test waits."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from resync_argo.api.meta import ObjectKey
from resync_argo.controller.kube.api import (
    NAMESPACES,
    PLANS,
    PODS,
    SECRETS,
    SYNCS,
    TAGS,
    WORKFLOW_TEMPLATES,
    WORKFLOWS,
    Kube,
    Resource,
)

_OF_THE_CLUSTER = (NAMESPACES, Resource("", "v1", "nodes"))
_RESOURCES = (
    *(PLANS, TAGS, SYNCS, WORKFLOWS, WORKFLOW_TEMPLATES, SECRETS, PODS, *_OF_THE_CLUSTER),
    Resource("apps", "v1", "deployments"),
)
_NAMES = {
    name: it
    for it in _RESOURCES
    for name in (it.plural, it.plural.removesuffix("s"), f"{it.plural}.{it.group}")
}


@dataclass(frozen=True)
class Place:
    """Objects of a kind, in one namespace or, if the kind has none, in the cluster."""

    resource: Resource
    namespace: str

    def read(self, kubeconfig: Path, name: str) -> dict[str, Any]:
        """Return one object.

        Raises:
            ResyncError: it does not exist, or the API server does not answer.
        """
        return _connection(kubeconfig).get(self.resource, ObjectKey(self.namespace, name))

    def read_all(self, kubeconfig: Path, selector: str) -> list[dict[str, Any]]:
        """Return all objects that a label selector picks.

        Raises:
            ResyncError: the API server does not answer.
        """
        pages = _connection(kubeconfig).pages(self.resource, self.namespace, selector=selector)
        return [it for page, _version in pages for it in page]


def place_of(kind: str, namespace: str) -> Place | None:
    """Return where kubectl would look for a kind such as `pod`.

    Returns:
        None for a kind that only kubectl knows, and where kubectl would choose the namespace.
    """
    resource = _NAMES.get(kind)
    if resource is None:
        return None
    if resource in _OF_THE_CLUSTER:
        return Place(resource, "")
    return Place(resource, namespace) if namespace else None


def _connection(kubeconfig: Path) -> Kube:
    # A cluster that starts from nothing writes the same file with other certificates.
    return _connect(kubeconfig, kubeconfig.stat().st_mtime_ns)


@lru_cache
def _connect(kubeconfig: Path, _written: int) -> Kube:
    return Kube.connect(connections=2, kubeconfig=kubeconfig)
