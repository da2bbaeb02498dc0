"""The page for webhooks of an installation with many teams, each with a Plan and a Secret of its own.

Nothing is behind it: no API server, no forge. So what a delivery costs can be counted and measured alone.
"""

import hashlib
import hmac
import io
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from kubernetes import client

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.controller.forge.secrets import WEBHOOK_KEY, SecretMissing, Secrets
from resync_argo.controller.kube.api import Kube
from resync_argo.controller.serving.web import MAX_BODY_BYTES, Answer, Environ
from resync_argo.controller.serving.webhooks import Webhooks
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.keys import UpstreamKey
from resync_argo.reasons.plan import SECRET_NOT_FOUND
from resync_argo.settings import Settings

LARGE = json.dumps({"repository": {"full_name": "up/project"}, "more": "x" * (MAX_BODY_BYTES - 99)})
"""The largest body that is taken in."""


class KeysOfTeams(Secrets):
    """Secrets that were read before; `asked` says which were asked for."""

    def __init__(self) -> None:
        self.keys: dict[ObjectKey, str] = {}
        self.asked: list[ObjectKey] = []

    def data(self, key: ObjectKey) -> Mapping[str, str]:
        self.asked.append(key)
        if key not in self.keys:
            raise SecretMissing(SECRET_NOT_FOUND, f"There is no Secret {key.name}.")
        return {WEBHOOK_KEY: self.keys[key]}


@dataclass
class Teams:
    """An installation; `looked_at` and `reviews` say of which upstreams and Syncs a delivery brought news.

    Attributes:
        leader: where another process works; None: nobody else does.
        is_working: whether this one does.
        clock: seconds.
    """

    secrets: KeysOfTeams = field(default_factory=KeysOfTeams)
    looked_at: list[UpstreamKey] = field(default_factory=list)
    reviews: list[ObjectKey] = field(default_factory=list)
    leader: str | None = None
    is_working: bool = True
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        kube = Kube(client.Configuration())
        self.cluster = Cluster(kube=kube, settings=Settings(), clock=self.clock)
        self.page = Webhooks(
            self.cluster,
            self.secrets,
            look_at_upstream=self.looked_at.append,
            look_at_review=self.reviews.append,
            leader=lambda: self.leader,
            is_working=lambda: self.is_working,
        )

    def add(self, namespace: str, key: str, *, made: int = 0, condition: str = "Ready") -> None:
        """Let a team come, `made` seconds after the first one, whose Plan has a condition; "" for none yet."""
        self.secrets.keys[ObjectKey(namespace, "github")] = key
        self.cluster.caches.plans.put(_plan(namespace, made, condition))

    def add_sync(self, namespace: str, version: str, **status: object) -> ObjectKey:
        """Let a team's Plan have a Sync; return its name."""
        metadata = {"name": f"z-1.{version}", "namespace": namespace, "resourceVersion": "1"}
        spec = {"plan": "z-1", "tag": f"project-{version}"}
        sync = Sync.parse({"metadata": metadata, "spec": spec, "status": status})
        self.cluster.caches.syncs.put(sync)
        return sync.metadata.key

    def deliver(self, key: str, path: str, body: str = LARGE, *, event: str = "push") -> Answer:
        """Deliver a body as GitHub does."""
        signature = "sha256=" + hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()
        return self.send(body.encode(), signature, path, event=event)

    def send(self, body: bytes, signature: str, path: str, *, event: str = "push") -> Answer:
        """Deliver a body with a signature, true or not."""
        environ: Environ = {
            "PATH_INFO": path,
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_HUB_SIGNATURE_256": signature,
            "HTTP_X_GITHUB_EVENT": event,
            "wsgi.input": io.BytesIO(body),
        }
        return self.page(environ)


def _plan(namespace: str, made: int, condition: str) -> Plan:
    minutes, seconds = divmod(made, 60)
    ready = {"type": "Ready", "status": "True", "reason": "Ready"}
    other = {"type": condition, "status": "False", "reason": "Because"}
    conditions = {"Ready": [ready], "": []}
    return Plan.parse(
        {
            "metadata": {
                "name": "z-1",
                "namespace": namespace,
                "uid": namespace,
                "resourceVersion": "1",
                "creationTimestamp": f"2026-01-01T00:{minutes:02}:{seconds:02}Z",
            },
            "spec": {
                "config": {
                    "upstream": {"name": "forge.test/up/project", "matchedVersions": ["1.x"]},
                    "downstream": {"name": "forge.test/down/project", "branch": "main"},
                    "image": "registry.test/steps:1",
                    "github": {"credentials": {"secretSelector": "github"}},
                },
                "steps": [{"run": "true"}],
            },
            "status": {"conditions": conditions.get(condition, [ready, other])},
        }
    )
