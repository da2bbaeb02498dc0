"""The controller's view of a Workflow: only its progress and our own annotations.

In: the Workflow's JSON. Out: a `Run` of some hundred bytes.
"""

import base64
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from resync_argo.api.meta import Json, ObjectKey, ObjectMeta
from resync_argo.api.parameters.values import from_json
from resync_argo.contract import MAX_REPORT, Report
from resync_argo.errors import Stalled
from resync_argo.names import GROUP, PLAN_LABEL, PLAN_UID_LABEL, VERSION_LABEL, label_value
from resync_argo.submit.appearance import Corrections, corrections, list_message
from resync_argo.submit.awaited_pod import awaited_pod
from resync_argo.submit.progress import (
    Failed,
    Progress,
    Running,
    StepTime,
    Stopped,
    Submitted,
    Succeeded,
    Suspended,
    observe,
    step_times,
)

RESUMED_ANNOTATION = f"{GROUP}/resumed"
"""On a Workflow: numbers of the conflict pull requests whose merge resumed it."""

STOPPED_ANNOTATION = f"{GROUP}/stopped"
"""On a Workflow: why we stopped it, `Reason: sentence`."""

TIDIED_ANNOTATION = f"{GROUP}/tidied"
"""On a Workflow: an attempt's number, and how often its nodes were corrected, `2.1`."""

DESCRIPTION_ANNOTATION = "workflows.argoproj.io/description"

MAX_NODES_BYTES = 16 << 20
"""Bytes of a Workflow's unpacked nodes: fifty attempts of fifty steps need an eighth of it."""

MAX_VALUES = 500_000
"""Values in their JSON, counted by its commas and brackets: an empty list takes three bytes there,
and sixty as a Python object."""

MAX_TEXT = 20_000
"""Characters of a text to keep: a container's last words have at most 4,096 bytes (Kubernetes,
"terminationMessagePath"), and our messages name a few files by paths of that size."""

MAX_VALUES_TEXT = 50_000
"""Of the values of twenty parameters, each character written as six or twelve."""

MAX_STEPS = 100
"""Of the newest attempt: a Plan has fifty, and three containers are ours."""

MAX_RESUMED = 200

_GZIP = 16 + zlib.MAX_WBITS
"""See zlib.decompressobj, "wbits"."""

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
    """One of our Workflows, as far as we follow it.

    Attributes:
        metadata: its name, uid and age.
        plan: the Plan that its label names, in its own namespace; `plan_uid` is that Plan's uid.
        version: the release's version as a label value.
        owner: uid of the Sync that owns it; "" if a person submitted it.
        state: where it stands; `message` says it in a sentence.
        attempt: the number of its newest attempt, from 1.
        pod: name of the attempt's pod that Argo believes to be alive.
        node: id of the node at which it is suspended; `node_message` is that node's message.
        report: of `main`, at the end of the newest attempt.
        status_message: the Workflow's own message.
        shutdown: somebody stopped it; `stopped` is the reason, if we did.
        packed: Argo keeps its nodes compressed.
        offloaded: Argo keeps its nodes in a database of its own, so nothing is known of them.
        resumed: numbers of the pull requests whose merge resumed it.
        suspended_at: when it was suspended, RFC 3339 in UTC; `finished_at`: when it ended.
        values: of the Plan's parameters when it was started.
        steps: how long those steps of its newest attempt took that have ended.
        corrections: changes of its nodes, for Argo's graph, once it is idle.
        list_message: the new message in Argo's list; None: keep the current one.
        tidied: how often the nodes of its newest attempt were corrected.
    """

    metadata: ObjectMeta
    plan: ObjectKey
    plan_uid: str
    version: str
    owner: str = ""
    state: RunState = "Running"
    exit_code: int | None = None
    attempt: int | None = None
    pod: str | None = None
    node: str | None = None
    node_message: str = ""
    report: Report | None = None
    message: str = ""
    status_message: str = ""
    shutdown: bool = False
    stopped: Report | None = None
    packed: bool = False
    offloaded: bool = False
    resumed: frozenset[int] = frozenset()
    suspended_at: str | None = None
    finished_at: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[StepTime, ...] = ()
    corrections: Corrections = field(default_factory=dict)
    list_message: str | None = None
    tidied: int = 0

    @property
    def is_active(self) -> bool:
        """Return whether it is running or suspended, and may continue."""
        return self.state in ("Running", "Suspended") and not self.shutdown


def keep_run(item: Json) -> Run:
    """Return a Workflow's progress, and our annotations."""
    meta, status = item["metadata"], item.get("status") or {}
    labels, annotations = meta.get("labels") or {}, meta.get("annotations") or {}
    packed = expand_nodes(item)
    _shorten(item)
    progress = observe(item)
    suspended = progress if isinstance(progress, Suspended) else None
    node = suspended.node if suspended else None
    nodes = (item.get("status") or {}).get("nodes") or {}
    metadata = _bare_metadata(item)
    return Run(
        metadata=metadata,
        plan=ObjectKey(meta.get("namespace", ""), labels.get(PLAN_LABEL, "")),
        plan_uid=labels.get(PLAN_UID_LABEL, ""),
        version=labels.get(VERSION_LABEL) or label_value(_parameter(item, "tag")),
        owner=metadata.controller_uid,
        state=_STATES[type(progress)],
        attempt=progress.attempt,
        pod=awaited_pod(item),
        exit_code=getattr(progress, "exit_code", None),
        node=node,
        node_message=str(nodes.get(node, {}).get("message") or "")[:MAX_TEXT] if node else "",
        report=getattr(progress, "report", None),
        message=_told(progress),
        status_message=str(status.get("message") or "")[:MAX_TEXT],
        packed=packed,
        offloaded=bool(status.get("offloadNodeStatusVersion")),
        shutdown=bool((item.get("spec") or {}).get("shutdown")),
        stopped=Report.parse(annotations.get(STOPPED_ANNOTATION, "")[:MAX_REPORT]),
        resumed=_numbers(annotations.get(RESUMED_ANNOTATION, "")),
        suspended_at=suspended.since if suspended else None,
        finished_at=status.get("finishedAt"),
        values=_values(item),
        steps=step_times(item)[:MAX_STEPS],
        corrections=corrections(item) if isinstance(progress, Suspended | Failed) else {},
        list_message=list_message(item) if isinstance(progress, Failed) else None,
        tidied=_tidied(annotations.get(TIDIED_ANNOTATION, ""), progress.attempt),
    )


def expand_nodes(item: Json) -> bool:
    """Unpack a large Workflow's nodes in place; return whether they were packed.

    Argo keeps nodes of more than a megabyte as base64 of gzip ("Offloading Large Workflows").

    Raises:
        ValueError: they unpack to more data than any run of a Plan can have.
    """
    packed = (item.get("status") or {}).get("compressedNodes")
    if not packed:
        return False
    nodes = zlib.decompressobj(_GZIP).decompress(base64.b64decode(packed), MAX_NODES_BYTES)
    if len(nodes) == MAX_NODES_BYTES:
        raise ValueError(f"The Workflow's nodes unpack to {MAX_NODES_BYTES} bytes or more.")
    if sum(map(nodes.count, (b",", b"[", b"{"))) > MAX_VALUES:
        raise ValueError(f"The Workflow's nodes unpack to more than {MAX_VALUES} values.")
    item["status"]["nodes"] = json.loads(nodes)
    return True


def _shorten(item: Json) -> None:
    """Truncate a Workflow's texts that are stored or searched."""
    status = item.get("status") or {}
    for part in (status, *(status.get("nodes") or {}).values()):
        if isinstance(part.get("message"), str):
            part["message"] = part["message"][:MAX_TEXT]


def _numbers(words: str) -> frozenset[int]:
    """Return the numbers of pull requests that an annotation lists, the newest ones."""
    return frozenset(map(int, words[-MAX_TEXT:].split()[-MAX_RESUMED:]))


def _tidied(text: str, attempt: int) -> int:
    number, _, tries = text.partition(".")
    return int(tries) if number == str(attempt) and re.fullmatch("[0-9]", tries) else 0


def _told(progress: Progress) -> str:
    match progress:
        case Submitted(message=message) | Stopped(message=message):
            return message
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


def _values(item: Json) -> dict[str, str]:
    """Return the values of parameters; none if a person wrote something invalid."""
    text = _parameter(item, "values")
    try:
        return from_json(text) if len(text) <= MAX_VALUES_TEXT else {}
    except Stalled:
        return {}


def _parameter(item: Json, name: str) -> str:
    parameters = ((item.get("spec") or {}).get("arguments") or {}).get("parameters") or []
    return next((str(p.get("value") or "") for p in parameters if p.get("name") == name), "")


def age_order(run: Run) -> tuple[str, bool, str]:
    """Return a sort key by age; within the same second, ours come before those submitted by hand."""
    return run.metadata.creation_timestamp or "", not run.owner, run.metadata.name


def _bare_metadata(item: Json) -> ObjectMeta:
    without = {"annotations", "labels", "managedFields"}
    return ObjectMeta.parse({k: v for k, v in item["metadata"].items() if k not in without})
