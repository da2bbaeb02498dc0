"""The page for webhooks of an installation with many teams, each with a Plan and a Secret of its own.

Nothing is behind it: no API server, no forge. So what a delivery costs can be counted and measured alone.
"""

import hashlib
import hmac
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from kubernetes import client

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan
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
    """An installation; `looked_at` says of which upstreams a delivery brought news."""

    secrets: KeysOfTeams = field(default_factory=KeysOfTeams)
    looked_at: list[UpstreamKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cluster = Cluster(kube=Kube(client.Configuration()), settings=Settings())
        self.page = Webhooks(
            self.cluster,
            self.secrets,
            look_at_upstream=self.looked_at.append,
            look_at_review=lambda _key: None,
            leader=lambda: None,
            is_working=lambda: True,
        )

    def add(self, namespace: str, key: str, *, made: int = 0, condition: str = "Ready") -> None:
        """Let a team come, `made` seconds after the first one, whose Plan has a condition."""
        self.secrets.keys[ObjectKey(namespace, "github")] = key
        self.cluster.caches.plans.put(_plan(namespace, made, condition))

    def deliver(self, key: str, path: str, body: str = LARGE) -> Answer:
        """Deliver a body as GitHub does."""
        signature = "sha256=" + hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()
        return self.send(body.encode(), signature, path)

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
            "status": {"conditions": [ready] if condition == "Ready" else [ready, other]},
        }
    )
