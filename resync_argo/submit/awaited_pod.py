"""Finds the name of the pod whose end Argo waits for, from a Workflow's JSON.

Argo does not record it; it follows from the node's id, by the rule that the Workflow's annotation
names (Argo, "workflow/util/pod_name.go").
"""

import re
from collections.abc import Mapping
from typing import Any

from resync_argo.contract import ATTEMPT_TEMPLATE

POD_NAMES_ANNOTATION = "workflows.argoproj.io/pod-name-format"

_OF_POD = re.compile(r"\w*(: .*)?", re.DOTALL)
"""What Argo says of a pod that waits: nothing, or the kubelet's or scheduler's word and their sentence."""


def awaited_pod(workflow: Mapping[str, Any]) -> str | None:
    """Return the name of the attempt's pod that Argo believes to be alive; None if it waits for none.

    Also None if Argo could not create the pod yet, for example for lack of quota, or uses an
    unknown naming rule.
    """
    status = workflow.get("status") or {}
    if status.get("phase") != "Running":
        return None
    nodes = (status.get("nodes") or {}).values()
    node = next((node for node in nodes if _is_alive(node)), None)
    return None if node is None else _name(workflow["metadata"], str(node["id"]))


def _is_alive(node: Mapping[str, Any]) -> bool:
    if node.get("type") != "Pod" or node.get("templateName") != ATTEMPT_TEMPLATE:
        return False
    message = str(node.get("message") or "")
    has_pod = _OF_POD.fullmatch(message) is not None
    return node.get("phase") == "Running" or (node.get("phase") == "Pending" and has_pod)


def _name(metadata: Mapping[str, Any], node: str) -> str | None:
    naming = (metadata.get("annotations") or {}).get(POD_NAMES_ANNOTATION)
    # Argo cuts long names, but a Workflow's name is a label of its pod, so it has at most 63
    # characters.
    full = f"{metadata['name']}-{ATTEMPT_TEMPLATE}-{node.rpartition('-')[2]}"
    return {"v1": node, "v2": full}.get(str(naming))
