"""Corrects the appearance of a run's nodes in Argo's graph.

In: a Workflow's JSON. Out: what to change in `status.nodes`, by id. A pod can report only exit
codes to Argo, and Argo shows any but 0 as a failure: that of `main` when people are asked, and that
of `main` in addition to the failed step. On the pod, Argo repeats the message of the failed step.
A container cannot report that it had nothing to do, although the graph has a sign for it. These
changes are cosmetic: by then Argo has evaluated the exit code, which stays in the outputs of the
attempt's node.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from resync_argo.contract import MAIN, Outcome, Report
from resync_argo.submit.progress import Attempt, Node, attempts_of, exit_code_of, message_of

Corrections: TypeAlias = Mapping[str, Mapping[str, str]]
"""Fields of nodes, by the node's id."""

_OF_LIST = re.compile(r"withParam value could not be parsed as a JSON list: .*", re.DOTALL)
"""What Argo says of the step by which the template fails a run (compile.template)."""
_STOPPED = "stopped at a conflict that needs a person"


def corrections(workflow: Mapping[str, Any]) -> Corrections:
    """Return the changes to a Workflow's nodes; empty if all look right."""
    status = workflow.get("status") or {}
    nodes = list((status.get("nodes") or {}).values())
    wanted: dict[str, dict[str, str]] = {}
    for attempt in attempts_of(nodes):
        report = attempt.report
        if report is None:
            continue
        if attempt.exit_code == Outcome.CONFLICT:
            wanted |= _at_conflict(attempt, report)
        elif attempt.first_failed is not None and attempt.first_failed.get("displayName") != MAIN:
            wanted |= _after_failure(attempt, attempt.first_failed, report)
            wanted |= {str(it["id"]): {"message": report.message} for it in nodes if _is_odd(it)}
    by_id = {str(node["id"]): node for node in nodes}
    return {key: change for key, change in wanted.items() if not _has(by_id[key], change)}


def list_message(workflow: Mapping[str, Any]) -> str | None:
    """Return the message of a failed run for Argo's list; None: leave the present one."""
    status = workflow.get("status") or {}
    if not _OF_LIST.fullmatch(str(status.get("message") or "")):
        return None
    attempts = attempts_of((status.get("nodes") or {}).values())
    report = attempts[-1].report if attempts else None
    return None if report is None else report.message


def _at_conflict(attempt: Attempt, report: Report) -> dict[str, dict[str, str]]:
    good = {"phase": "Succeeded", "message": report.whole}
    changes = {str(it["id"]): good for it in (attempt.pod, attempt.main) if it is not None}
    stopped = None if report.stopped is None else attempt.container(report.stopped)
    if stopped is not None:
        changes[str(stopped["id"])] = {"message": _STOPPED}
        changes |= _skipped_after(attempt, stopped, "stopped at a conflict")
    return changes


def _after_failure(attempt: Attempt, failed: Node, report: Report) -> dict[str, dict[str, str]]:
    """`main` did its part, which was to say why; the pod names the step, whose own node has the error."""
    main = {"phase": "Succeeded", "message": report.whole}
    pod = {"message": f"{failed.get('displayName')} failed"}
    changes = ((attempt.main, main), (attempt.pod, pod))
    return {
        **_skipped_after(attempt, failed, "failed"),
        **{str(node["id"]): change for node, change in changes if node is not None},
    }


def _skipped_after(attempt: Attempt, stopped: Node, how: str) -> dict[str, dict[str, str]]:
    why = {"phase": "Skipped", "message": f"{stopped.get('displayName')} {how}"}
    return {str(node["id"]): why for node in _after(attempt, stopped)}


def _after(attempt: Attempt, stopped: Node) -> Iterator[Node]:
    """Yield the containers that had nothing to do, including those that Argo's signal ended."""
    later = attempt.containers[attempt.containers.index(stopped) + 1 :]
    for node in later:
        is_idle = node.get("phase") == "Succeeded" or exit_code_of(node) in (64, 143)
        if is_idle and node.get("displayName") != MAIN:
            yield node


def _is_odd(node: Node) -> bool:
    return _OF_LIST.fullmatch(message_of(node)) is not None


def _has(node: Node, change: Mapping[str, str]) -> bool:
    return all(str(node.get(name) or "") == value for name, value in change.items())
