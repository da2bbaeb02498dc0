"""What is kept of each object, and by what it is found.

Memory counts with ten thousand Tags: of a Workflow only what was observed of its progress is kept,
of a WorkflowTemplate only whose it is and what it was made from. `Caches` holds all four kinds;
`main` fills them through informers.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from resync_argo.api.meta import ObjectKey, ObjectMeta
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Sync, Tag
from resync_argo.controller.kube.api import Json
from resync_argo.controller.kube.cache import Cache
from resync_argo.controller.state.keys import branch_key, repository_of, upstream_key
from resync_argo.controller.state.workflow import Run, age_order, bare_metadata, controller_uid
from resync_argo.names import GROUP, TEMPLATE_HASH_ANNOTATION, label_value

SOURCE_ANNOTATION = f"{GROUP}/source-hash"
"""On a WorkflowTemplate: the hash of what it was compiled from."""

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


@dataclass(frozen=True, kw_only=True)
class Template:
    """A WorkflowTemplate with our label.

    Attributes:
        owner: uid of the Plan that controls it; "" for none.
        hash: of what it runs, as we wrote it down.
        source: of what it was compiled from, as we wrote it down.
        generation: counts the changes of its content, whoever makes them.
    """

    metadata: ObjectMeta
    owner: str
    hash: str
    source: str

    @property
    def generation(self) -> int:
        """Return how often its content was changed."""
        return self.metadata.generation


def keep_plan(item: Json) -> Plan:
    """Return a Plan without what only others need."""
    _trim(item)
    return Plan.parse(item)


def keep_tag(item: Json) -> Tag:
    """Return a Tag without what only others need."""
    _trim(item)
    return Tag.parse(item)


def keep_template(item: Json) -> Template:
    """Return what counts of a WorkflowTemplate."""
    annotations = item["metadata"].get("annotations") or {}
    return Template(
        metadata=bare_metadata(item),
        owner=controller_uid(item),
        hash=annotations.get(TEMPLATE_HASH_ANNOTATION, ""),
        source=annotations.get(SOURCE_ANNOTATION, ""),
    )


def sync_of(tag: Tag, plan: Plan) -> Sync | None:
    """Return where a Plan stands with a Tag, by the Plan's uid."""
    uid = plan.metadata.uid
    return next((sync for sync in tag.status.syncs if sync.plan_uid == uid), None)


def identity_of(tag: Tag) -> Hashable:
    """Return what makes a Tag the Tag of a release, whatever its name."""
    return tag.metadata.namespace, tag.spec.repository, tag.spec.tag_prefix, tag.version


def _github_secrets(plan: Plan) -> list[Hashable]:
    github = plan.spec.config.github
    if github is None:
        return []
    named = (github.credentials, github.fork_credentials)
    return [ObjectKey(plan.metadata.namespace, it.secret_selector) for it in named if it]


def _plan_cache() -> Cache[Plan]:
    return Cache(
        {
            "upstream": lambda plan: [upstream_key(plan)],
            "repository": lambda plan: [repository_of(plan)],
            "branch": lambda plan: [branch_key(plan)],
            "secret": _github_secrets,
        }
    )


def _tag_cache() -> Cache[Tag]:
    return Cache(
        {
            "repository": lambda tag: [(tag.metadata.namespace, tag.spec.repository)],
            "identity": lambda tag: [identity_of(tag)],
        }
    )


def _run_cache() -> Cache[Run]:
    return Cache(
        {
            "sync": lambda run: [(run.metadata.namespace, run.plan_uid, run.version)],
            "plan": lambda run: [run.plan],
        }
    )


def _template_cache() -> Cache[Template]:
    return Cache()


@dataclass(frozen=True)
class Caches:
    """All that the controller knows of the cluster."""

    plans: Cache[Plan] = field(default_factory=_plan_cache)
    tags: Cache[Tag] = field(default_factory=_tag_cache)
    runs: Cache[Run] = field(default_factory=_run_cache)
    templates: Cache[Template] = field(default_factory=_template_cache)

    def tags_of(self, plan: Plan) -> list[Tag]:
        """Return the Tags of a Plan's upstream, wanted or not."""
        return self.tags.by("repository", repository_of(plan))

    def plans_of(self, tag: Tag) -> list[Plan]:
        """Return the Plans that follow a Tag's repository, whatever versions they want."""
        return self.plans.by("repository", (tag.metadata.namespace, tag.spec.repository))

    def runs_of(self, plan: Plan, tag: Tag) -> list[Run]:
        """Return the Workflows of a Tag for a Plan, oldest first."""
        key = (tag.metadata.namespace, plan.metadata.uid, label_value(tag.version))
        return sorted(self.runs.by("sync", key), key=age_order)


def _trim(item: Json) -> None:
    meta = item["metadata"]
    meta.pop("managedFields", None)
    if annotations := meta.get("annotations"):
        annotations.pop(_LAST_APPLIED, None)
