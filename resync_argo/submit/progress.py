"""A sync's progress, read from its Workflow's status: one of six plain values.

The controller turns them into a Tag's phase and conditions. What is read: the Workflow's phase, the
nodes of the newest attempt, its containers' nodes, and the `Report` that `main` and the steps leave
in their termination messages, which Argo puts into the nodes' messages. Texts come from pods: they
are only shown, and decide nothing except the displayed reason.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from resync_argo.contract import (
    AGAIN_STEP,
    ATTEMPT_TEMPLATE,
    MAIN,
    SUSPEND_TEMPLATE,
    Outcome,
    Report,
)

_ARGO_EXIT_CODES = (64, 143)
"""A container that never started since one before it failed, and one that Argo ended."""


@dataclass(frozen=True, kw_only=True)
class Submitted:
    """Argo has not begun it, or its pod has not started; `message` says what it waits for."""

    attempt: int = 1
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Running:
    """A pod is at work; `step` is the container that comes next in order, by what has ended."""

    attempt: int
    step: str | None = None


@dataclass(frozen=True, kw_only=True)
class Suspended:
    """People are asked to resolve a conflict.

    Attributes:
        node: id of the suspended node in `status.nodes`.
        attempt: the attempt that met the conflict.
        report: what its `main` said; None where that cannot be read.
        since: when it was suspended, RFC 3339 in UTC; None where Argo does not say.
    """

    node: str
    attempt: int
    report: Report | None
    since: str | None


@dataclass(frozen=True, kw_only=True)
class Succeeded:
    """It is over and went well.

    Attributes:
        attempt: the last attempt.
        exit_code: what `main` ended with, one of `contract.Outcome`; None where it is not known.
        report: what `main` said, such as that there was nothing to do.
    """

    attempt: int
    exit_code: int | None
    report: Report | None = None


@dataclass(frozen=True, kw_only=True)
class Failed:
    """It is over and failed.

    Attributes:
        attempt: the last attempt.
        container: the container that failed first; None where the pod itself did.
        exit_code: its exit code.
        report: what `main` said about it.
        message: a sentence for people, whatever is known.
    """

    attempt: int
    container: str | None = None
    exit_code: int | None = None
    report: Report | None = None
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class Stopped:
    """Somebody stopped or terminated it."""

    attempt: int
    message: str = ""


Progress: TypeAlias = Submitted | Running | Suspended | Succeeded | Failed | Stopped


@dataclass(frozen=True, kw_only=True)
class StepTime:
    """A container that has ended, and how long it took."""

    attempt: int
    container: str
    seconds: float


Node: TypeAlias = Mapping[str, Any]
"""One entry of a Workflow's `status.nodes`, as Argo's API has it ("NodeStatus")."""


def observe(workflow: Mapping[str, Any]) -> Progress:
    """Return how far a Workflow has come, from its JSON data as the API server returns it."""
    status = workflow.get("status") or {}
    attempts = attempts_of((status.get("nodes") or {}).values())
    number, attempt = len(attempts) or 1, attempts[-1] if attempts else Attempt.none()
    match status.get("phase"):
        case "Succeeded":
            return Succeeded(attempt=number, exit_code=attempt.exit_code, report=attempt.report)
        case "Failed" | "Error":
            return _ended_badly(workflow, number, attempt)
        case "Running":
            return _under_way(status, number, attempt)
        case _:
            return Submitted(attempt=number, message=str(status.get("message") or ""))


def step_times(workflow: Mapping[str, Any]) -> tuple[StepTime, ...]:
    """Return how long the containers of the newest attempt took that have ended well.

    Containers start together and wait for each other, so that Argo's start of one says nothing: each
    begins when the one before it ends. `main` does not wait in this way. A step that failed is the
    last one, and what its time is worth is not known.
    """
    attempts = attempts_of(((workflow.get("status") or {}).get("nodes") or {}).values())
    if not attempts:
        return ()
    number, times, before = len(attempts), [], _moment((attempts[-1].pod or {}).get("startedAt"))
    for node in attempts[-1].containers:
        ended = _moment(node.get("finishedAt"))
        if node.get("displayName") == MAIN or node.get("phase") != "Succeeded":
            break
        if ended is None or before is None:
            break
        seconds = max((ended - before).total_seconds(), 0.0)
        name = str(node.get("displayName"))
        times.append(StepTime(attempt=number, container=name, seconds=seconds))
        before = ended
    return tuple(times)


def _moment(text: object) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def _under_way(status: Mapping[str, Any], number: int, attempt: "Attempt") -> Progress:
    suspended = _suspended((status.get("nodes") or {}).values())
    if suspended is not None:
        return Suspended(
            node=str(suspended["id"]),
            attempt=number,
            report=attempt.report,
            since=suspended.get("startedAt"),
        )
    if attempt.pod is None or attempt.pod.get("phase") == "Pending":
        return Submitted(attempt=number, message=message_of(attempt.pod))
    return Running(attempt=number, step=attempt.current)


def _ended_badly(workflow: Mapping[str, Any], number: int, attempt: "Attempt") -> Progress:
    said = str((workflow.get("status") or {}).get("message") or "")
    if (workflow.get("spec") or {}).get("shutdown"):
        return Stopped(attempt=number, message=said)
    first = attempt.first_failed
    code = None if first is None else exit_code_of(first)
    if code == Outcome.CONFLICT:
        said = f"The branch was still in conflict after {number} attempts."
    return Failed(
        attempt=number,
        container=None if first is None else str(first.get("displayName")),
        exit_code=code,
        report=attempt.report,
        message=said
        if code == Outcome.CONFLICT
        else message_of(first) or message_of(attempt.pod) or said,
    )


def _suspended(nodes: Iterable[Node]) -> Node | None:
    waiting = (
        n for n in nodes if n.get("type") == "Suspend" and n.get("phase") in ("Running", "Pending")
    )
    return next((n for n in waiting if n.get("templateName") == SUSPEND_TEMPLATE), None)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt's nodes.

    Attributes:
        pod: its pod's node; None before Argo made one.
        containers: the containers' nodes, in the order in which they run.
    """

    pod: Node | None
    containers: tuple[Node, ...]

    @classmethod
    def none(cls) -> "Attempt":
        """Return the attempt that has not begun."""
        return cls(pod=None, containers=())

    @property
    def main(self) -> Node | None:
        """Return the node of `main`."""
        return self.container(MAIN)

    @property
    def exit_code(self) -> int | None:
        """Return what `main` ended with."""
        outputs = (self.pod or {}).get("outputs") or {}
        code = str(outputs.get("exitCode", ""))
        return int(code) if code.isdecimal() else None

    @property
    def report(self) -> Report | None:
        """Return what `main` said in the end."""
        return Report.parse(message_of(self.main))

    def container(self, name: str) -> Node | None:
        """Return a container's node."""
        return next((c for c in self.containers if c.get("displayName") == name), None)

    @property
    def current(self) -> str | None:
        """Return the first container that has not ended."""
        going = (c for c in self.containers if c.get("phase") in ("Running", "Pending"))
        return next((str(c.get("displayName")) for c in going), None)

    @property
    def first_failed(self) -> Node | None:
        """Return the first container that failed by itself, `main` only if no other did."""
        failed = (c for c in self.containers if c.get("phase") in ("Failed", "Error"))
        return next((c for c in failed if exit_code_of(c) not in _ARGO_EXIT_CODES), None)


def attempts_of(nodes: Iterable[Node]) -> list[Attempt]:
    """Return the attempts in the order in which they began; a lost pod counts as one."""
    known = list(nodes)
    pods = sorted(
        (n for n in known if n.get("type") == "Pod" and n.get("templateName") == ATTEMPT_TEMPLATE),
        key=lambda n: str(n.get("name")).count(f".{AGAIN_STEP}["),
    )
    return [Attempt(pod=pod, containers=_containers(pod, known)) for pod in pods]


def _containers(pod: Node, nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Return a pod's containers as their `children` chain them; `main` ends last, whatever it depends on."""
    prefix = f"{pod.get('name')}."
    found = {
        str(n["id"]): n
        for n in nodes
        if n.get("type") == "Container" and str(n["name"]).startswith(prefix)
    }
    follows = {str(it) for n in found.values() for it in n.get("children") or ()}
    ordered: list[Node] = []
    chain = [key for key in found if key not in follows]
    while chain:
        node = found.pop(chain.pop(0), None)
        if node is not None:
            ordered.append(node)
            chain += [str(it) for it in node.get("children") or ()]
    return tuple(sorted(ordered, key=lambda n: n.get("displayName") == MAIN))


def exit_code_of(node: Node) -> int | None:
    """Return what a container ended with badly; None where it did not, or is not a container."""
    found = re.search(r"\(exit code (\d+)\)", message_of(node))
    return int(found[1]) if found else None


def message_of(node: Node | None) -> str:
    """Return what a node says."""
    # What a container wrote as its last line still has its line end.
    return str((node or {}).get("message") or "").strip()
