"""The one adapter to the Kubernetes API: JSON in, JSON out, and our own errors.

Paths, verbs and patch types are those of the "Kubernetes API Concepts" page. The `kubernetes`
package provides configuration, credentials, TLS and connections. We do not use its typed models:
they drop unknown fields of Argo's objects, and cost more memory than dictionaries. Every call has a
time limit. The whole controller calls this module; only it imports `kubernetes`.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import urllib3
from kubernetes import client, config

from resync_argo.api.meta import Json, ObjectKey
from resync_argo.controller.kube.errors import NotFound, error_of, translated
from resync_argo.errors import ResyncError
from resync_argo.names import ARGO_GROUP, ARGO_VERSION, FIELD_MANAGER, GROUP, VERSION

CONNECT_SECONDS = 5.0
READ_SECONDS = 30.0
_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"

_Request = tuple[str, str, dict[str, str], Any, Any]
"""Verb, URL, headers, body and form, as the `kubernetes` package sends them."""


@dataclass(frozen=True)
class Resource:
    """A kind of object, as in the API's paths; an empty group is the core one.

    `page` is how many objects one request lists. It keeps a page below some 30 MB, since anybody
    may write Plans and Workflows of 1.5 MB (etcd's limit), and annotations of 256 KiB on any
    object.
    """

    group: str
    version: str
    plural: str
    page: int = 100

    def path(self, namespace: str, name: str = "", subresource: str = "") -> str:
        """Return the URL path of the collection or, if a name is given, of one object."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        scope = f"/namespaces/{quote(namespace, safe='')}" if namespace else ""
        object_path = f"/{quote(name, safe='')}" if name else ""
        return f"{root}{scope}/{self.plural}{object_path}" + (
            f"/{subresource}" if subresource else ""
        )


PLANS = Resource(GROUP, VERSION, "plans", page=20)
TAGS = Resource(GROUP, VERSION, "tags", page=100)
SYNCS = Resource(GROUP, VERSION, "syncs", page=100)
WORKFLOWS = Resource(ARGO_GROUP, ARGO_VERSION, "workflows", page=10)
WORKFLOW_TEMPLATES = Resource(ARGO_GROUP, ARGO_VERSION, "workflowtemplates", page=20)
SECRETS = Resource("", "v1", "secrets")
NAMESPACES = Resource("", "v1", "namespaces")
PODS = Resource("", "v1", "pods")
CLAIMS = Resource("", "v1", "persistentvolumeclaims")
EVENTS = Resource("events.k8s.io", "v1", "events")
ACCESS_REVIEWS = Resource("authorization.k8s.io", "v1", "selfsubjectaccessreviews")
LEASES = Resource("coordination.k8s.io", "v1", "leases")


class Kube:
    """Reads and writes objects; safe to use from many threads."""

    def __init__(self, configuration: client.Configuration, *, connections: int = 8) -> None:
        """Keep a pool of `connections` connections to one API server."""
        configuration.connection_pool_maxsize = connections
        # Callers retry after a wait; the package would retry at once, and triple the time limit.
        configuration.retries = 0
        self._client = client.ApiClient(configuration)
        self._client.user_agent = FIELD_MANAGER

    @classmethod
    def connect(cls, *, connections: int, kubeconfig: Path | None = None) -> "Kube":
        """Use a kubeconfig: the given one, else that of `KUBECONFIG`; or the pod's service account.

        Raises:
            ResyncError: neither exists.
        """
        configuration = client.Configuration()
        try:
            # The package itself never uses the service account if a file is named.
            if kubeconfig is None and "KUBECONFIG" not in os.environ and _is_in_a_pod():
                config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
            else:
                config.load_kube_config(  # type: ignore[no-untyped-call]
                    config_file=str(kubeconfig) if kubeconfig else None,
                    client_configuration=configuration,
                )
        except config.ConfigException as error:
            raise ResyncError(
                "There is no Kubernetes cluster to talk to: set KUBECONFIG to a file that names one, or give"
                f" `--kubeconfig` ({error})."
            ) from error
        return cls(configuration, connections=connections)

    def get(self, resource: Resource, key: ObjectKey) -> Json:
        """Return one object.

        Raises:
            NotFound: it does not exist; and every other error of this module.
        """
        return self._call("GET", resource.path(key.namespace, key.name))

    def exists(self, resource: Resource, key: ObjectKey) -> bool:
        """Return whether an object exists; only its metadata is sent."""
        try:
            self._call("GET", resource.path(key.namespace, key.name), accept=_METADATA)
        except NotFound:
            return False
        return True

    def pages(
        self, resource: Resource, namespace: str, *, selector: str = ""
    ) -> Iterator[tuple[list[Json], str]]:
        """Yield (objects, resource version) for each page of one consistent list.

        Raises:
            Expired: the list took longer than the server keeps old versions.
        """
        token = ""
        while True:
            query = {"limit": str(resource.page), "labelSelector": selector, "continue": token}
            page = self._call("GET", resource.path(namespace), query=query)
            yield page["items"], page["metadata"]["resourceVersion"]
            token = page["metadata"].get("continue", "")
            if not token:
                return

    def create(self, resource: Resource, manifest: Json) -> Json:
        """Create an object.

        Raises:
            AlreadyExists: the name is taken.
        """
        path = resource.path(manifest["metadata"]["namespace"])
        return self._call("POST", path, query={"fieldManager": FIELD_MANAGER}, body=manifest)

    def apply(self, resource: Resource, manifest: Json) -> Json:
        """Apply the manifest server-side; we take over fields that others set differently."""
        meta = manifest["metadata"]
        return self._call(
            "PATCH",
            resource.path(meta["namespace"], meta["name"]),
            query={"fieldManager": FIELD_MANAGER, "force": "true"},
            body=manifest,
            content_type="application/apply-patch+yaml",
        )

    def patch(self, resource: Resource, key: ObjectKey, change: Json) -> Json:
        """Merge a change into an object; a `metadata.resourceVersion` in it guards against concurrent changes.

        Raises:
            ChangedMeanwhile: the object has changed.
        """
        return self._call(
            "PATCH",
            resource.path(key.namespace, key.name),
            query={"fieldManager": FIELD_MANAGER},
            body=change,
            content_type="application/merge-patch+json",
        )

    def replace_status(
        self, resource: Resource, key: ObjectKey, status: Json, *, resource_version: str
    ) -> Json:
        """Replace an object's whole status if it is still at the resource version.

        Raises:
            ChangedMeanwhile: it changed meanwhile.
        """
        change = [
            {"op": "add", "path": "/metadata/resourceVersion", "value": resource_version},
            {"op": "add", "path": "/status", "value": status},
        ]
        return self._call(
            "PATCH",
            resource.path(key.namespace, key.name, "status"),
            query={"fieldManager": FIELD_MANAGER},
            body=change,
            content_type="application/json-patch+json",
        )

    def replace(self, resource: Resource, manifest: Json) -> Json:
        """Replace an object; its `metadata.resourceVersion` guards against concurrent changes.

        Raises:
            ChangedMeanwhile: it changed meanwhile.
        """
        meta = manifest["metadata"]
        path = resource.path(meta["namespace"], meta["name"])
        return self._call("PUT", path, query={"fieldManager": FIELD_MANAGER}, body=manifest)

    def delete(self, resource: Resource, key: ObjectKey, *, uid: str) -> None:
        """Delete an object, if it still has this uid; a missing object is not an error.

        Raises:
            ChangedMeanwhile: another object has the name now.
        """
        options = {"preconditions": {"uid": uid}, "propagationPolicy": "Background"}
        with suppress(NotFound):
            self._call("DELETE", resource.path(key.namespace, key.name), body=options)

    def read_log(self, pod: ObjectKey, container: str) -> str:
        """Return the log of a pod's container.

        Raises:
            NotFound: there is no such pod.
            Invalid: the container has not started.
        """
        path = PODS.path(pod.namespace, pod.name, "log")
        request = self._request("GET", path, {"container": container})
        with translated():
            response = self._send(request, READ_SECONDS)
            data: bytes = response.response.data
        if response.status != HTTPStatus.OK:
            raise error_of(response.status, data, f"the log of {container}", response.headers)
        return data.decode(errors="replace")

    @contextmanager
    def watch(
        self, resource: Resource, namespace: str, query: Mapping[str, str], read_seconds: float
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        """Open a watch; the response is read by the informer, and closed when the block ends.

        Args:
            resource: the kind.
            namespace: where; empty means everywhere.
            query: the watch's parameters.
            read_seconds: a silence longer than this ends the watch with a time-out.

        Raises:
            Expired: the resource version is too old.
        """
        request = self._request("GET", resource.path(namespace), {"watch": "1", **query})
        with translated():
            response = self._send(request, read_seconds).response
        try:
            if response.status != HTTPStatus.OK:
                what = f"a watch of {resource.plural}"
                raise error_of(response.status, response.read(), what, response.headers)
            yield response
        finally:
            response.close()

    def _call(
        self,
        verb: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> Json:
        request = self._request(verb, path, query or {}, body, content_type, accept)
        with translated():
            response = self._send(request, READ_SECONDS)
            data: bytes = response.response.data
        if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            raise error_of(response.status, data, f"{verb} {path}", response.headers)
        answer: Json = json.loads(data)
        return answer

    def _send(self, request: _Request, read_seconds: float) -> Any:
        verb, url, headers, body, form = request
        timeouts = (CONNECT_SECONDS, read_seconds)
        return self._client.call_api(verb, url, headers, body, form, _request_timeout=timeouts)

    def _request(
        self,
        verb: str,
        path: str,
        query: Mapping[str, str],
        body: object = None,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> _Request:
        headers = {"Accept": accept}
        if body is not None:
            headers["Content-Type"] = content_type
        # Leave out the body: the package would deep-copy it to convert its own models to JSON.
        method, url, complete, _, form = self._client.param_serialize(
            method=verb,
            resource_path=path,
            query_params=[(name, value) for name, value in query.items() if value],
            header_params=headers,
            auth_settings=["BearerToken"],
        )
        return method, url, complete, body, form


def _is_in_a_pod() -> bool:
    return "KUBERNETES_SERVICE_HOST" in os.environ
