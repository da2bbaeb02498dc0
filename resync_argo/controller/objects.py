"""What is kept of each object, and by what it is found.

Memory counts with ten thousand Tags: of a Workflow only what was observed of its progress is kept,
of a WorkflowTemplate only whose it is and what it was made from. `Caches` holds all four kinds;
`main` fills them through informers.
"""

import base64
import gzip
import json
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal

from resync_argo.api.meta import ObjectKey, ObjectMeta
from resync_argo.api.plan import Plan
from resync_argo.api.tag import Sync, Tag
from resync_argo.contract import Report
from resync_argo.controller.cache import Cache
from resync_argo.controller.keys import branch_key, repository_of, upstream_key
from resync_argo.controller.kube import Json
from resync_argo.names import (
    GROUP,
    PLAN_LABEL,
    PLAN_UID_LABEL,
    TEMPLATE_HASH_ANNOTATION,
    VERSION_LABEL,
    label_value,
)
from resync_argo.submit.progress import (
    Failed,
    Progress,
    Running,
    Stopped,
    Submitted,
    Succeeded,
    Suspended,
    observe,
)

SOURCE_ANNOTATION = f"{GROUP}/source-hash"
"""On a WorkflowTemplate: the hash of what it was compiled from."""

RESUMED_ANNOTATION = f"{GROUP}/resumed"
"""On a Workflow: numbers of the conflict pull requests on whose merge it was resumed."""

DESCRIPTION_ANNOTATION = "workflows.argoproj.io/description"

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

RunState = Literal["Running", "Suspended", "Succeeded", "Failed", "Stopped"]

_STATES: dict[type, RunState] = {
    Submitted: "Running",
    Running: "Running",
    Suspended: "Suspended",
    Succeeded: "Succeeded",
    Failed: "Failed",
    Stopped: "Stopped",
}


@dataclass(frozen=True, kw_only=True)
class Run:
    """A Workflow of ours, as far as we follow it.

    Attributes:
        metadata: its name, uid and age.
        plan: the Plan that its label names, in its own namespace; `plan_uid` is that Plan's uid.
        version: the release's version as a label value.
        owner: uid of the Tag that owns it; "" when a person submitted it.
        state: where it stands; `message` says it in a sentence.
        attempt: the number of its newest attempt, from 1.
        node: id of the node at which it is suspended; `node_message` is what that node says.
        report: what `main` said at the end of the newest attempt.
        status_message: the Workflow's own message.
        shutdown: it was told to end.
        packed: Argo keeps its nodes compressed.
        resumed: numbers of the pull requests on whose merge it was resumed.
    """

    metadata: ObjectMeta
    plan: ObjectKey
    plan_uid: str
    version: str
    owner: str = ""
    state: RunState = "Running"
    exit_code: int | None = None
    attempt: int | None = None
    node: str | None = None
    node_message: str = ""
    report: Report | None = None
    message: str = ""
    status_message: str = ""
    shutdown: bool = False
    packed: bool = False
    resumed: frozenset[int] = frozenset()

    @property
    def is_active(self) -> bool:
        """Tell whether it is under way, suspension included, and may go on."""
        return self.state in ("Running", "Suspended") and not self.shutdown


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


def keep_run(item: Json) -> Run:
    """Return a Workflow's progress, and what we wrote on it."""
    meta, status = item["metadata"], item.get("status") or {}
    labels, annotations = meta.get("labels") or {}, meta.get("annotations") or {}
    packed = expand_nodes(item)
    progress = observe(item)
    node = progress.node if isinstance(progress, Suspended) else None
    nodes = (item.get("status") or {}).get("nodes") or {}
    return Run(
        metadata=_bare(item),
        plan=ObjectKey(meta.get("namespace", ""), labels.get(PLAN_LABEL, "")),
        plan_uid=labels.get(PLAN_UID_LABEL, ""),
        version=labels.get(VERSION_LABEL) or label_value(_parameter(item, "tag")),
        owner=controller_uid(item),
        state=_STATES[type(progress)],
        attempt=progress.attempt,
        exit_code=getattr(progress, "exit_code", None),
        node=node,
        node_message=str(nodes.get(node, {}).get("message") or "") if node else "",
        report=getattr(progress, "report", None),
        message=_told(progress),
        status_message=str(status.get("message") or ""),
        packed=packed,
        shutdown=bool((item.get("spec") or {}).get("shutdown")),
        resumed=frozenset(map(int, annotations.get(RESUMED_ANNOTATION, "").split())),
    )


def expand_nodes(item: Json) -> bool:
    """Unpack a big Workflow's nodes in place; tell whether they were packed.

    Argo keeps nodes of more than a megabyte as base64 of gzip ("Offloading Large Workflows").
    """
    packed = (item.get("status") or {}).get("compressedNodes")
    if not packed:
        return False
    item["status"]["nodes"] = json.loads(gzip.decompress(base64.b64decode(packed)))
    return True


def _told(progress: Progress) -> str:
    match progress:
        case Submitted(message=message) | Stopped(message=message):
            return message or "Waiting for Argo."
        case Running(step=step):
            return f"Running {step}." if step else "Running."
        case Suspended(report=report):
            return report.message if report else ""
        case Succeeded(report=report):
            return report.message if report else ""
        case Failed(container=container, message=message, report=report):
            if report is not None:
                return report.message
            return f"{container}: {message}" if container else message


def _parameter(item: Json, name: str) -> str:
    parameters = ((item.get("spec") or {}).get("arguments") or {}).get("parameters") or []
    return next((str(p.get("value") or "") for p in parameters if p.get("name") == name), "")


def keep_template(item: Json) -> Template:
    """Return what counts of a WorkflowTemplate."""
    annotations = item["metadata"].get("annotations") or {}
    return Template(
        metadata=_bare(item),
        owner=controller_uid(item),
        hash=annotations.get(TEMPLATE_HASH_ANNOTATION, ""),
        source=annotations.get(SOURCE_ANNOTATION, ""),
    )


def controller_uid(item: Json) -> str:
    """Return the uid of the object that controls this one; "" when none does."""
    owners = item["metadata"].get("ownerReferences") or []
    return next((str(owner["uid"]) for owner in owners if owner.get("controller")), "")


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
    return [ObjectKey(plan.metadata.namespace, github.credentials.secret_selector)]


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


def age_order(run: Run) -> tuple[str, str]:
    """Return the sort key by age; between equally old ones the name decides."""
    return run.metadata.creation_timestamp or "", run.metadata.name


def _trim(item: Json) -> None:
    meta = item["metadata"]
    meta.pop("managedFields", None)
    if annotations := meta.get("annotations"):
        annotations.pop(_LAST_APPLIED, None)


def _bare(item: Json) -> ObjectMeta:
    meta = ObjectMeta.parse(item["metadata"])
    return meta.model_copy(update={"annotations": {}, "labels": {}})
