"""The progress of a sync is read from its Workflow's status.

The files in `workflows/` are Workflows of compiled templates as Argo 4.0.2 left them, shortened.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from resync_argo.contract import Outcome, Report
from resync_argo.submit import observe
from resync_argo.submit.progress import (
    Failed,
    Running,
    Stopped,
    Submitted,
    Succeeded,
    Suspended,
    step_times,
)

WORKFLOWS = Path(__file__).parent / "workflows"


def _workflow(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((WORKFLOWS / f"{name}.json").read_text())
    return data


def test_a_workflow_that_argo_has_not_seen_is_submitted() -> None:
    assert observe({"metadata": {"name": "w"}, "spec": {}}) == Submitted()


def test_a_workflow_that_argo_holds_back_says_why() -> None:
    held = {"status": {"phase": "Pending", "message": "Workflow is waiting for its turn"}}

    assert observe(held) == Submitted(message="Workflow is waiting for its turn")


def test_an_image_that_cannot_be_pulled_is_reported() -> None:
    progress = observe(_workflow("pull"))

    image = 'ImagePullBackOff: Back-off pulling image "registry.example/none:1"'
    assert progress == Submitted(attempt=1, message=image)


def test_a_running_attempt_names_its_step() -> None:
    assert observe(_workflow("running")) == Running(attempt=1, step="03-work")


def test_a_conflict_suspends_with_the_report_of_main() -> None:
    workflow = _workflow("suspended")

    progress = observe(workflow)

    assert isinstance(progress, Suspended)
    assert progress.attempt == 1
    assert progress.report == Report(reason="Conflict", message="abc123 2 files in conflict")
    node = workflow["status"]["nodes"][progress.node]
    assert (node["type"], node["phase"]) == ("Suspend", "Running")


def test_after_a_resume_the_next_attempt_counts() -> None:
    assert observe(_workflow("conflict")) == Succeeded(attempt=2, exit_code=Outcome.SYNCED)


def test_nothing_to_do_is_a_success_that_says_so() -> None:
    report = Report(reason="AlreadySynced", message="1.2.3 is contained")

    assert observe(_workflow("synced")) == Succeeded(
        attempt=1, exit_code=Outcome.ALREADY_SYNCED, report=report
    )


def test_a_failure_names_the_step_that_failed_first() -> None:
    progress = observe(_workflow("failed"))

    assert progress == Failed(
        attempt=1,
        container="03-work",
        exit_code=3,
        report=Report(reason="StepFailed", message="step `Work` ended with exit code 3: boom"),
        message="03-work: Error (exit code 3): ended with exit code 3: boom",
    )


def test_containers_that_argo_ended_are_not_the_ones_that_failed() -> None:
    workflow = _workflow("failed")
    for node in workflow["status"]["nodes"].values():
        if node["displayName"] == "02-hello":
            node |= {"phase": "Error", "message": "02-hello: Error (exit code 64): dependency"}
        if node["displayName"] == "01-checkout":
            node |= {"phase": "Failed", "message": "01-checkout: Error (exit code 143): "}

    progress = observe(workflow)

    assert isinstance(progress, Failed)
    assert progress.container == "03-work"


def test_after_a_lost_pod_the_next_attempt_counts() -> None:
    assert observe(_workflow("evicted")) == Succeeded(attempt=2, exit_code=Outcome.SYNCED)
    assert observe(_workflow("between-attempts")) == Submitted(attempt=2)


def test_pods_that_are_lost_repeatedly_fail_with_the_message_of_kubernetes() -> None:
    progress = observe(_workflow("lostthrice"))

    assert progress == Failed(attempt=3, message="The node was low on resource: memory.")


def test_too_many_rounds_are_a_failure_that_says_so() -> None:
    progress = observe(_workflow("rounds"))

    assert isinstance(progress, Failed)
    assert progress.message == "The branch was still in conflict after 2 attempts."


def test_a_workflow_that_was_stopped_is_not_a_failure() -> None:
    progress = observe(_workflow("stopped"))

    assert isinstance(progress, Stopped)
    assert progress.message == "Stopped with strategy 'Terminate'"


@pytest.mark.parametrize(
    ("message", "report"),
    [
        (
            "main: Error (exit code 10): Conflict: abc 2 files",
            Report(reason="Conflict", message="abc 2 files"),
        ),
        ("main: Error (exit code 1): Bad: it is\n", Report(reason="Bad", message="it is")),
        (
            "main: Error (exit code 1): Bad: it is\nfirst\nlast\n",
            Report(reason="Bad", message="it is", lines=("first", "last")),
        ),
        (
            "main: Error (exit code 1): RateLimited (after 60 s): it asks\nfirst\n",
            Report(reason="RateLimited", message="it asks", lines=("first",), retry_after=60.0),
        ),
        ("main: Error (exit code 137): ", None),
        ("main: OOMKilled (exit code 137): ", None),
        ("", None),
    ],
)
def test_the_report_of_main_is_found_behind_argos_message(
    message: str, report: Report | None
) -> None:
    workflow = _workflow("failed")
    for node in workflow["status"]["nodes"].values():
        if node["displayName"] == "main":
            node["message"] = message

    progress = observe(workflow)

    assert isinstance(progress, Failed)
    assert progress.report == report


def test_a_steps_duration_begins_at_the_end_of_the_one_before() -> None:
    workflow = _workflow("conflict")
    ends = {"01-checkout": "20:33:55", "02-hello": "20:34:00", "03-work": "20:44:00"}
    for node in workflow["status"]["nodes"].values():
        if ".again[" in node["name"] and node["displayName"] in ends:
            node["finishedAt"] = f"2026-11-22T{ends[node['displayName']]}Z"

    assert [(it.attempt, it.container, it.seconds) for it in step_times(workflow)] == [
        (2, "01-checkout", 4.0),
        (2, "02-hello", 5.0),
        (2, "03-work", 600.0),
    ]


def test_only_successful_steps_have_a_duration() -> None:
    failed = [it.container for it in step_times(_workflow("failed"))]
    running = [it.container for it in step_times(_workflow("running"))]

    assert failed == running == ["01-checkout", "02-hello"]
    assert step_times({"metadata": {"name": "w"}}) == ()
