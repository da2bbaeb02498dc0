"""GitHub's webhooks: verifies the signature, and then only causes a sooner look.

Follows "Validating webhook deliveries" and "Webhook events and payloads". Each Secret has its own
path, `/webhooks/<namespace>/<Secret>`, so that a delivery costs one check of its body, however many
teams there are. It affects only Plans whose Secret holds the signing key, so a team's key reaches
only that team's Plans. A payload is untrusted: it only shows where to look again. So a lost,
duplicate or reordered delivery changes only when that happens. Served by `web`.
"""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cachetools import LRUCache

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan, RepositoryName
from resync_argo.api.sync import Sync
from resync_argo.controller.forge.secrets import Secrets
from resync_argo.controller.serving.leader_proxy import hand_on
from resync_argo.controller.serving.metrics import WEBHOOKS
from resync_argo.controller.serving.web import Answer, Environ
from resync_argo.controller.serving.webhook_keys import Keys, WebhookKeys
from resync_argo.controller.state.cluster import Cluster
from resync_argo.controller.state.keys import SyncKey, UpstreamKey, upstream_key

PATH = "/webhooks/"
COMMON_PATH = "/webhooks/github"
"""The common path, from before each Secret had its own."""

REMEMBERED = 500
"""How many deliveries of a namespace to remember, so that a replay does no work."""

MAX_NAMESPACES = 1_000

_NO_JSON = b"no JSON: set the webhook's content type to application/json\n"

UPSTREAM_EVENTS = ("push", "create")


class Webhooks:
    """Answers deliveries; safe to use from many threads."""

    def __init__(
        self,
        cluster: Cluster,
        secrets: Secrets,
        *,
        look_at_upstream: Callable[[UpstreamKey], None],
        look_at_review: Callable[[ObjectKey], None],
        leader: Callable[[], str | None],
        is_working: Callable[[], bool],
    ) -> None:
        """Start without deliveries.

        Args:
            cluster: the caches and the queue.
            secrets: hold the keys that sign deliveries.
            look_at_upstream: schedules an earlier read of an upstream.
            look_at_review: schedules an earlier look at a Sync's pull requests.
            leader: returns the leader's address, if another process leads.
            is_working: returns whether this process leads.
        """
        self._cluster = cluster
        self._look_at_upstream = look_at_upstream
        self._look_at_review = look_at_review
        self._leader = leader
        self._is_working = is_working
        self._keys = WebhookKeys(cluster, secrets)
        self._heard: LRUCache[str, LRUCache[str, None]] = LRUCache(MAX_NAMESPACES)
        self._lock = threading.Lock()

    def __call__(self, environ: Environ) -> Answer:
        """Answer one delivery."""
        path = str(environ["PATH_INFO"])
        secret = _secret_of(path)
        answer = self._answer(environ, path, secret)
        # Only Secrets that a Plan names become labels: anybody may request any path.
        namespace = secret.namespace if secret and self._keys.is_known(secret) else ""
        WEBHOOKS.labels(namespace=namespace, result=answer.status.split()[0]).inc()
        return answer

    def _answer(self, environ: Environ, path: str, secret: ObjectKey | None) -> Answer:
        body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        signature = str(environ.get("HTTP_X_HUB_SIGNATURE_256", ""))
        if secret is None and path != COMMON_PATH:
            return Answer(status="404 Not Found")
        keys = self._keys.of(secret) if secret is not None else self._keys.common()
        signers = _signers(keys, body, signature)
        if not signers:
            return Answer(status="401 Unauthorized", body=b"the signature is not of a known key\n")
        if leader := self._leader():
            return hand_on(leader, path, body, environ)
        if not self._is_working():
            # Fail while a leader is being elected: the forge shows a failed delivery, and a poll
            # finds the change.
            return Answer(status="503 Service Unavailable", body=b"no leader is known\n")
        if not self._is_news(min(signers).namespace, signature):
            return Answer(status="200 OK", body=b"heard before\n")
        return self._take(str(environ.get("HTTP_X_GITHUB_EVENT", "")), body, signers)

    def _take(self, event: str, body: bytes, signers: set[ObjectKey]) -> Answer:
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            return Answer(status="400 Bad Request", body=_NO_JSON)
        if event == "ping":
            return Answer(status="200 OK", body=b"pong\n")
        try:
            delivery = _Delivery.read(event, payload)
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            return Answer(status="400 Bad Request", body=b"not a delivery of GitHub\n")
        plans = [plan for plan in self._plans(signers) if delivery.concerns(plan)]
        if not plans:
            return Answer(status="404 Not Found", body=b"no Plan knows this repository\n")
        for plan in plans:
            self._look(plan, delivery)
        return Answer(status="202 Accepted", body=b"looking\n")

    def _is_news(self, namespace: str, signature: str) -> bool:
        """Return whether this body is new; only the body is signed, not the delivery's id."""
        with self._lock:
            heard = self._heard.get(namespace)
            if heard is None:
                heard = self._heard[namespace] = LRUCache(REMEMBERED)
            is_news = signature not in heard
            heard[signature] = None
            return is_news

    def _plans(self, signers: set[ObjectKey]) -> Iterator[Plan]:
        for signer in signers:
            yield from self._cluster.caches.plans.by("secret", signer)

    def _look(self, plan: Plan, delivery: "_Delivery") -> None:
        if delivery.event in UPSTREAM_EVENTS:
            if delivery.is_repository(plan.spec.config.upstream.name):
                self._look_at_upstream(upstream_key(plan))
            return
        for sync in self._cluster.caches.syncs_of(plan):
            if _may_mean(sync, delivery.number):
                self._look_at_review(sync.metadata.key)
                self._cluster.queue.add(SyncKey(sync.metadata.key), urgent=True)


@dataclass(frozen=True, kw_only=True)
class _Delivery:
    """A payload's hints about where to look; `repository` is `owner/name`, in lower case."""

    event: str
    repository: str
    number: int

    @classmethod
    def read(cls, event: str, payload: dict[str, Any]) -> "_Delivery":
        pull = payload.get("pull_request") or payload.get("issue") or {}
        return cls(
            event=event,
            repository=str(payload["repository"]["full_name"]).lower(),
            number=int(pull.get("number") or 0),
        )

    def is_repository(self, name: str) -> bool:
        """Return whether a Plan's `host/owner/name` is the delivery's repository."""
        return RepositoryName.of(name).path.lower() == self.repository

    def concerns(self, plan: Plan) -> bool:
        """Return whether the repository is one of the Plan's."""
        config = plan.spec.config
        names = (config.upstream.name, config.downstream.name, config.downstream.fork)
        return any(name is not None and self.is_repository(name) for name in names)


def _secret_of(path: str) -> ObjectKey | None:
    """Return the Secret that a path names; None for the common path, or an invalid one."""
    namespace, _, name = path.removeprefix(PATH).partition("/")
    return ObjectKey(namespace, name) if namespace and name else None


def _signers(keys: Keys, body: bytes, signature: str) -> set[ObjectKey]:
    """Return the Secrets whose key made the signature; tries every key, without an early exit."""
    if not signature.startswith("sha256="):
        return set()
    # Many Plans of an organisation may share a key, and each check reads the whole body.
    signed = [
        keys[key]
        for key in keys
        if hmac.compare_digest(_signed(key, body).encode(), signature.encode())
    ]
    return set().union(*signed)


def _signed(key: bytes, body: bytes) -> str:
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def _may_mean(sync: Sync, number: int) -> bool:
    """Return whether a pull request's event may concern a sync: it is the sync's, or not known yet."""
    status = sync.status
    numbers = {status.number, status.conflict.number if status.conflict else None}
    return number in numbers or status.phase in ("Running", "Conflict")
