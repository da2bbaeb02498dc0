"""In Argo's graph, only what failed is red.

The Workflows are those of test_progress: compiled templates as Argo 4.0.2 left them, before steps waited by themselves.
"""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from resync_argo.submit import observe
from resync_argo.submit.appearance import corrections, list_message

WORKFLOWS = Path(__file__).parent / "workflows"
LISTED = "withParam value could not be parsed as a JSON list: the attempt failed: invalid character"


def _workflow(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((WORKFLOWS / f"{name}.json").read_text())
    return data


def _ended(name: str, codes: dict[str, int], said: str) -> dict[str, Any]:
    """Return a Workflow whose newest attempt ended with these exit codes and this report of `main`."""
    workflow = _workflow(name)
    for node in workflow["status"]["nodes"].values():
        container = node.get("displayName")
        if node["type"] == "Container" and container in codes:
            code = codes[container]
            text = said if container == "main" else "as it was"
            node["phase"] = "Failed" if code else "Succeeded"
            node["message"] = f"{container}: Error (exit code {code}): {text}" if code else ""
    return workflow


def _looks(workflow: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the phase and message of each container's node after the correction."""
    nodes = deepcopy(workflow["status"]["nodes"])
    for key, change in corrections(workflow).items():
        nodes[key] |= change
    return {
        it["displayName"]: (it["phase"], it.get("message", ""))
        for it in nodes.values()
        if it["type"] in ("Container", "Pod")
    }


SUSPENDED = _ended(
    "suspended",
    {"01-checkout": 0, "02-hello": 0, "03-work": 0, "main": 10},
    "Conflict: abc 1 file in conflict in step `Hello`: https://forge/pull/7\ncontainer: 02-hello",
)
FAILED = _ended(
    "failed",
    {"01-checkout": 0, "02-hello": 3, "03-work": 0, "main": 1},
    "StepFailed: step `Merge` ended with exit code 3: no\nreading\nno",
)


def test_nothing_is_red_if_people_are_asked() -> None:
    looks = _looks(SUSPENDED)

    assert {phase for phase, _ in looks.values()} == {"Succeeded", "Skipped"}
    assert looks["02-hello"] == ("Succeeded", "stopped at a conflict that needs a person")
    assert looks["03-work"] == ("Skipped", "02-hello stopped at a conflict")
    assert looks["main"][1].startswith("Conflict: abc 1 file in conflict")


def test_a_step_that_failed_is_the_only_red_container() -> None:
    looks = _looks(FAILED)

    red = [name for name, (phase, _) in looks.items() if phase in ("Failed", "Error")]
    assert {"02-hello"} == {name for name in red if not name.startswith("attempt")}
    assert looks["02-hello"] == ("Failed", "02-hello: Error (exit code 3): as it was")
    assert looks["03-work"] == ("Skipped", "02-hello failed")
    assert looks["main"][1].endswith("ended with exit code 3: no\nreading\nno")


def test_the_error_of_a_step_is_on_its_node_and_not_repeated_on_the_pod() -> None:
    looks = _looks(FAILED)

    assert looks["attempt"] == ("Failed", "02-hello failed")


def test_a_failure_of_main_itself_stays_red() -> None:
    alone = _ended("failed", {"02-hello": 0, "03-work": 0, "main": 1}, "ForgeUnavailable: Gone.")

    assert corrections(alone) == {}


@pytest.mark.parametrize("workflow", [SUSPENDED, FAILED], ids=["suspended", "failed"])
def test_the_progress_stays_and_nothing_is_left_to_correct(
    workflow: dict[str, Any],
) -> None:
    corrected = deepcopy(workflow)
    for key, change in corrections(workflow).items():
        corrected["status"]["nodes"][key] |= change

    assert observe(corrected) == observe(workflow)
    assert corrections(corrected) == {}


def test_the_list_says_which_step_failed() -> None:
    failed = deepcopy(FAILED)
    failed["status"]["message"] = LISTED

    assert list_message(failed) == "step `Merge` ended with exit code 3: no"
    assert list_message(SUSPENDED) is None
    failed["status"]["message"] = "Stopped with strategy 'Stop'"
    assert list_message(failed) is None


@pytest.mark.parametrize("name", ["synced", "running", "pull", "deleted", "evicted", "lostthrice"])
def test_a_run_without_conflict_or_failed_step_is_left_alone(name: str) -> None:
    assert corrections(_workflow(name)) == {}
