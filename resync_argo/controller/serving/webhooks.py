"""GitHub's webhooks: the signature first, and then nothing but "look at this one sooner".

Follows "Validating webhook deliveries" and "Webhook events and payloads". A delivery counts for the Plans
whose Secret holds the key that signed it, and for no others, so that one team's key moves only that
team's Plans. Nothing in a payload is believed: it only says where to look again, and a lost, doubled
or reordered delivery changes nothing but the time. Served by `web`.
"""

import hashlib
import hmac
import json
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import Plan, RepositoryName
from resync_argo.api.tag import Sync
from resync_argo.controller.forge.secrets import WEBHOOK_KEY
from resync_argo.controller.order.turns import concerns
from resync_argo.controller.serving.leader_proxy import hand_on
from resync_argo.controller.serving.metrics import WEBHOOKS
from resync_argo.controller.serving.web import Answer, Environ
from resync_argo.controller.state.keys import TagKey, upstream_key
from resync_argo.controller.state.objects import sync_of
from resync_argo.controller.upstream.reconcile import look_again
from resync_argo.controller.world import World
from resync_argo.errors import ResyncError

KEY_SECONDS = 60.0
"""How long a Secret's key, or its absence, is remembered: a flood may not become API requests."""

REMEMBERED = 10_000
"""How many deliveries are remembered, so that a replayed one does no work."""

_NO_JSON = b"no JSON: set the webhook's content type to application/json\n"

UPSTREAM_EVENTS = ("push", "create")


class Webhooks:
    """Answers deliveries; safe to use from many threads."""

    def __init__(self, world: World, leader: Callable[[], str | None]) -> None:
        """Remember no delivery yet; `leader` says where another process works, if one does."""
        self._world = world
        self._leader = leader
        self._keys = _Keys(world)
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: Environ) -> Answer:
        """Answer one delivery."""
        answer = self._answer(environ)
        WEBHOOKS.labels(result=answer.status.split()[0]).inc()
        return answer

    def _answer(self, environ: Environ) -> Answer:
        body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        signature = str(environ.get("HTTP_X_HUB_SIGNATURE_256", ""))
        signers = self._signers(body, signature)
        if not signers:
            return Answer(status="401 Unauthorized", body=b"the signature is not of a known key\n")
        if leader := self._leader():
            return hand_on(leader, body, environ)
        if not self._is_news(signature):
            return Answer(status="200 OK", body=b"heard before\n")
        return self._take(str(environ.get("HTTP_X_GITHUB_EVENT", "")), body, signers)

    def _take(self, event: str, body: bytes, signers: set[ObjectKey]) -> Answer:
        try:
            payload = json.loads(body)
        except ValueError:
            return Answer(status="400 Bad Request", body=_NO_JSON)
        if event == "ping":
            return Answer(status="200 OK", body=b"pong\n")
        try:
            delivery = _Delivery.read(event, payload)
        except (ValueError, KeyError, TypeError, AttributeError):
            return Answer(status="400 Bad Request", body=b"not a delivery of GitHub\n")
        plans = [plan for plan in self._plans(signers) if delivery.concerns(plan)]
        if not plans:
            return Answer(status="404 Not Found", body=b"no Plan knows this repository\n")
        for plan in plans:
            self._look(plan, delivery)
        return Answer(status="202 Accepted", body=b"looking\n")

    def _signers(self, body: bytes, signature: str) -> set[ObjectKey]:
        """Return the Secrets whose key made the signature; every key is tried, none is left out early."""
        if not signature.startswith("sha256="):
            return set()
        secrets = defaultdict(set)
        for secret, key in self._keys.all():
            secrets[key].add(secret)
        # Many Plans of an organisation may have one key: each costs a look at the whole body.
        signed = [
            secrets[key]
            for key in secrets
            if hmac.compare_digest(_signed(key, body).encode(), signature.encode())
        ]
        return set().union(*signed)

    def _is_news(self, signature: str) -> bool:
        """Tell whether this very body was not delivered before; its id is not signed, its body is."""
        with self._lock:
            if signature in self._heard:
                return False
            self._heard[signature] = None
            if len(self._heard) > REMEMBERED:
                self._heard.popitem(last=False)
            return True

    def _plans(self, signers: set[ObjectKey]) -> Iterator[Plan]:
        for signer in signers:
            yield from self._world.caches.plans.by("secret", signer)

    def _look(self, plan: Plan, delivery: "_Delivery") -> None:
        if delivery.event in UPSTREAM_EVENTS:
            if delivery.is_repository(plan.spec.config.upstream.name):
                look_again(self._world, upstream_key(plan))
            return
        downstream = plan.spec.config.downstream
        for repository in {downstream.name, downstream.fork or downstream.name}:
            if delivery.is_repository(repository):
                self._world.pull_requests.look_again(
                    repository, delivery.number, branch=delivery.branch
                )
        for tag in self._world.caches.tags_of(plan):
            sync = sync_of(tag, plan)
            if concerns(plan, tag) and sync is not None and _may_mean(sync, delivery.number):
                self._world.queue.add(TagKey(tag.metadata.key), urgent=True)


@dataclass(frozen=True, kw_only=True)
class _Delivery:
    """What a payload says about where to look; `repository` is `owner/name`, in lower case."""

    event: str
    repository: str
    number: int
    branch: str

    @classmethod
    def read(cls, event: str, payload: dict[str, Any]) -> "_Delivery":
        pull = payload.get("pull_request") or payload.get("issue") or {}
        return cls(
            event=event,
            repository=str(payload["repository"]["full_name"]).lower(),
            number=int(pull.get("number") or 0),
            branch=str((pull.get("head") or {}).get("ref") or ""),
        )

    def is_repository(self, name: str) -> bool:
        """Tell whether a Plan's `host/owner/name` is the delivery's repository."""
        return RepositoryName.of(name).path.lower() == self.repository

    def concerns(self, plan: Plan) -> bool:
        """Tell whether the repository is one of the Plan's."""
        config = plan.spec.config
        names = (config.upstream.name, config.downstream.name, config.downstream.fork)
        return any(name is not None and self.is_repository(name) for name in names)


class _Keys:
    """The webhook keys of all Secrets that Plans name, remembered for a while."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[ObjectKey, tuple[float, bytes | None]] = {}

    def all(self) -> Iterator[tuple[ObjectKey, bytes]]:
        for secret in self._world.caches.plans.values("secret"):
            key = self._key(secret) if isinstance(secret, ObjectKey) else None
            if key is not None and isinstance(secret, ObjectKey):
                yield secret, key

    def _key(self, secret: ObjectKey) -> bytes | None:
        until, key = self._kept.get(secret, (0.0, None))
        if until > self._world.clock():
            return key
        try:
            found = self._world.secrets.data(secret).get(WEBHOOK_KEY, "").strip()
        except ResyncError:
            found = ""
        key = found.encode() or None
        self._kept[secret] = self._world.clock() + KEY_SECONDS, key
        return key


def _signed(key: bytes, body: bytes) -> str:
    return "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest()


def _may_mean(sync: Sync, number: int) -> bool:
    """Tell whether news of a pull request may concern a sync: its own, or one not known yet."""
    numbers = {sync.number, sync.conflict.number if sync.conflict else None}
    return number in numbers or sync.phase in ("Running", "Conflict")
