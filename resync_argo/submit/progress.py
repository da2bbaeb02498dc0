"""Reads a sync's progress from its Workflow's status: one of six plain values.

The controller turns them into phases and conditions. They come from the Workflow's phase, the nodes
of the newest attempt and of its containers, and the `Report` that `main` and the steps leave in
their termination messages, which Argo copies into the nodes' messages. Texts come from pods: they
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
    """A pod is at work; `step` is the first container that has not ended."""

    attempt: int
    step: str | None = None


@dataclass(frozen=True, kw_only=True)
class Suspended:
    """People are asked to resolve a conflict.

    Attributes:
        node: id of the suspended node in `status.nodes`.
        attempt: the attempt that met the conflict.
        report: of its `main`; None if unreadable.
        since: when it was suspended, RFC 3339 in UTC; None if Argo does not say.
    """

    node: str
    attempt: int
    report: Report | None
    since: str | None


@dataclass(frozen=True, kw_only=True)
class Succeeded:
    """It ended successfully.

    Attributes:
        attempt: the last attempt.
        exit_code: of `main`, one of `contract.Outcome`; None if unknown.
        report: of `main`, for example that there was nothing to do.
    """

    attempt: int
    exit_code: int | None
    report: Report | None = None


@dataclass(frozen=True, kw_only=True)
class Failed:
    """It ended in failure.

    Attributes:
        attempt: the last attempt.
        container: the container that failed first; None if the pod itself failed.
        exit_code: its exit code.
        report: of `main`, about the failure.
        message: a sentence for people, always set.
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
    """Return a Workflow's progress, from its JSON as the API server returns it."""
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
    """Return the durations of the newest attempt's containers that ended successfully.

    Containers start together and wait for each other, so Argo's start times mean nothing: each
    really begins when the one before it ends. `main` is left out, since it does not wait like this,
    and so is a failed step, whose duration would mislead.
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
        """Return the exit code of `main`."""
        outputs = (self.pod or {}).get("outputs") or {}
        code = str(outputs.get("exitCode", ""))
        return int(code) if code.isdecimal() else None

    @property
    def report(self) -> Report | None:
        """Return the report of `main`."""
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
    """Return the attempts in the order in which they began; a lost pod counts as an attempt."""
    known = list(nodes)
    pods = sorted(
        (n for n in known if n.get("type") == "Pod" and n.get("templateName") == ATTEMPT_TEMPLATE),
        key=lambda n: str(n.get("name")).count(f".{AGAIN_STEP}["),
    )
    return [Attempt(pod=pod, containers=_containers(pod, known)) for pod in pods]


def _containers(pod: Node, nodes: Iterable[Node]) -> tuple[Node, ...]:
    """Return a pod's containers in the order of their `children` links, with `main` last."""
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
    """Return a failed container's exit code; None if it did not fail, or is not a container."""
    found = re.search(r"\(exit code (\d+)\)", message_of(node))
    return int(found[1]) if found else None


def message_of(node: Node | None) -> str:
    """Return a node's message."""
    # A message that a container wrote still ends with a line break.
    return str((node or {}).get("message") or "").strip()
