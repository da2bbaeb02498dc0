"""The cached part of each object, and its indexes.

With ten thousand Tags, memory matters, and anybody may write large objects. Annotations are
dropped; a Workflow is reduced to its progress, a WorkflowTemplate to its owner and source, and a
Plan that is too large loses its steps. `Caches` holds all kinds; `main` fills them through
informers.
"""

import json
import math
from collections.abc import Hashable
from dataclasses import dataclass, field

from resync_argo.api.meta import NOT_OBSERVED, Json, ObjectKey, ObjectMeta
from resync_argo.api.plan import Plan
from resync_argo.api.sync import Sync
from resync_argo.api.tag import Tag
from resync_argo.controller.kube.cache import Cache
from resync_argo.controller.state.compact import compact
from resync_argo.controller.state.keys import branch_key, repository_of, upstream_key
from resync_argo.controller.state.orders import PLAN_ORDERS, SYNC_ORDERS, TAG_ORDERS
from resync_argo.controller.state.workflow import Run, age_order
from resync_argo.names import (
    GROUP,
    TEMPLATE_HASH_ANNOTATION,
    label_value,
    spec_digest,
    sync_name,
)

SOURCE_ANNOTATION = f"{GROUP}/source-hash"
"""On a WorkflowTemplate: the hash of what it was compiled from."""


TOO_LARGE_ANNOTATION = f"{GROUP}/too-large"
"""On a cached Plan only: the size of its spec in bytes."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """A WorkflowTemplate with our label.

    Attributes:
        hash: the hash of its executed part, recorded when it was applied.
        source: the hash of its sources, likewise.
        digest: the hash of its current spec; it differs from `hash` if somebody changed the
            template by hand.
    """

    metadata: ObjectMeta
    hash: str
    source: str
    digest: str


def keep_plan(item: Json, most_bytes: float = math.inf) -> Plan:
    """Return a Plan without fields that only others need; if it is too large, also without steps and variables.

    Args:
        item: as the API server sends it.
        most_bytes: how large its spec may be as JSON.
    """
    _trim(item)
    size = len(json.dumps(item["spec"]))
    if size > most_bytes:
        item["metadata"]["annotations"] = {TOO_LARGE_ANNOTATION: str(size)}
        config = {**item["spec"]["config"], "env": []}
        item["spec"] = {**item["spec"], "config": config, "steps": [{"run": "true"}]}
    return compact(Plan.parse(item))


def bytes_too_many(plan: Plan) -> int | None:
    """Return the size of a Plan whose steps were dropped; None if they are there."""
    size = plan.metadata.annotations.get(TOO_LARGE_ANNOTATION)
    return int(size) if size is not None else None


def keep_tag(item: Json) -> Tag:
    """Return a Tag without fields that only others need, and without the schema's default conditions."""
    _trim(item)
    if (item.get("status") or {}).get("observedGeneration", NOT_OBSERVED) == NOT_OBSERVED:
        item.pop("status", None)
    return compact(Tag.parse(item))


def keep_sync(item: Json) -> Sync:
    """Return a Sync without fields that only others need."""
    _trim(item)
    return compact(Sync.parse(item))


def keep_template(item: Json) -> Template:
    """Return the relevant part of a WorkflowTemplate."""
    annotations = item["metadata"].get("annotations") or {}
    _trim(item)
    return Template(
        metadata=ObjectMeta.parse(item["metadata"]),
        hash=annotations.get(TEMPLATE_HASH_ANNOTATION, ""),
        source=annotations.get(SOURCE_ANNOTATION, ""),
        digest=spec_digest(item["spec"]),
    )


def identity_of(tag: Tag) -> Hashable:
    """Return the identity of a Tag: the release, whatever the object's name."""
    return tag.metadata.namespace, tag.spec.repository, tag.spec.naming, tag.version


def github_secrets(plan: Plan) -> list[ObjectKey]:
    """Return a Plan's Secrets for the forge: the downstream's first."""
    github = plan.spec.config.github
    if github is None:
        return []
    named = (github.credentials, github.fork_credentials)
    return [ObjectKey(plan.metadata.namespace, it.secret_selector) for it in named if it]


def _place(tag: Tag) -> tuple[str, str]:
    return tag.metadata.namespace, tag.spec.repository


def _plan_cache() -> Cache[Plan]:
    return Cache(
        {
            "namespace": lambda plan: [plan.metadata.namespace],
            "upstream": lambda plan: [upstream_key(plan)],
            "repository": lambda plan: [repository_of(plan)],
            "branch": lambda plan: [branch_key(plan)],
            "secret": github_secrets,
        },
        orders=PLAN_ORDERS,
    )


def _tag_cache() -> Cache[Tag]:
    return Cache(
        {
            "repository": lambda tag: [_place(tag)],
            "release": lambda tag: [(*_place(tag), label_value(tag.version))],
            "identity": lambda tag: [identity_of(tag)],
        },
        orders=TAG_ORDERS,
    )


def _sync_cache() -> Cache[Sync]:
    return Cache(
        {
            "plan": lambda sync: [(sync.metadata.namespace, sync.spec.plan)],
            "tag": lambda sync: [(sync.metadata.namespace, sync.spec.tag)],
        },
        orders=SYNC_ORDERS,
    )


def _run_cache() -> Cache[Run]:
    return Cache(
        {
            "release": lambda run: [(run.metadata.namespace, run.plan_uid, run.version)],
            "plan": lambda run: [run.plan],
            "owner": lambda run: [run.owner] if run.owner else [],
        }
    )


def _template_cache() -> Cache[Template]:
    return Cache()


@dataclass(frozen=True)
class Caches:
    """All cached objects of the cluster."""

    plans: Cache[Plan] = field(default_factory=_plan_cache)
    tags: Cache[Tag] = field(default_factory=_tag_cache)
    syncs: Cache[Sync] = field(default_factory=_sync_cache)
    runs: Cache[Run] = field(default_factory=_run_cache)
    templates: Cache[Template] = field(default_factory=_template_cache)

    def tags_of(self, plan: Plan) -> list[Tag]:
        """Return the Tags of a Plan's upstream, wanted or not."""
        return self.tags.by("repository", repository_of(plan))

    def tags_labelled(self, plan: Plan, version: str) -> list[Tag]:
        """Return the Tags of a Plan's upstream whose version has this label value."""
        return self.tags.by("release", (*repository_of(plan), version))

    def plans_of(self, tag: Tag) -> list[Plan]:
        """Return the Plans that follow a Tag's repository, whatever versions they want."""
        return self.plans.by("repository", _place(tag))

    def sync_of(self, plan: Plan, tag: Tag) -> Sync | None:
        """Return the Sync of a Tag for a Plan; None also for one of an earlier Plan or Tag."""
        name = sync_name(plan.metadata.name, tag.metadata.name)
        sync = self.syncs.get(ObjectKey(plan.metadata.namespace, name))
        return sync if sync is not None and is_of(sync, plan, tag) else None

    def syncs_of(self, plan: Plan) -> list[Sync]:
        """Return the Syncs of a Plan."""
        found = self.syncs.by("plan", (plan.metadata.namespace, plan.metadata.name))
        return [sync for sync in found if sync.metadata.controller_uid in ("", plan.metadata.uid)]

    def syncs_on(self, tag: Tag) -> list[Sync]:
        """Return the Sync of a Tag for a Plan; None also for one of an earlier Plan or Tag."""
        found = self.syncs.by("tag", (tag.metadata.namespace, tag.metadata.name))
        return [sync for sync in found if sync.status.tag_uid in ("", tag.metadata.uid)]

    def runs_of(self, plan: Plan, tag: Tag) -> list[Run]:
        """Return the Workflows of a Tag for a Plan, oldest first."""
        key = (tag.metadata.namespace, plan.metadata.uid, label_value(tag.version))
        return sorted(self.runs.by("release", key), key=age_order)


def is_of(sync: Sync, plan: Plan, tag: Tag) -> bool:
    """Return whether a Sync belongs to exactly these objects, and not to earlier ones of the same names."""
    return (
        sync.metadata.controller_uid in ("", plan.metadata.uid)
        and sync.status.tag_uid in ("", tag.metadata.uid)
        and (sync.spec.plan, sync.spec.tag) == (plan.metadata.name, tag.metadata.name)
    )


def _trim(item: Json) -> None:
    for name in ("managedFields", "annotations", "labels"):
        item["metadata"].pop(name, None)
