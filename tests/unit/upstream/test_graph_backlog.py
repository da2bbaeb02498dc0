"""The standings of a long backlog cost few writes, and say why each release waits."""

from dataclasses import replace
from typing import Any

from resync_argo.upstream.graph import decide
from tests.unit.upstream.test_graph import candidate, outcome


def test_a_syncs_progress_changes_only_the_next_standing() -> None:
    backlog = [candidate(f"1.{minor}.0") for minor in range(2000)]
    first, second, *_ = backlog
    life: list[dict[str, Any]] = [
        {"phase": "Running"},
        {"phase": "Conflict"},
        {"phase": "Running"},
        {"phase": "Finished", "open_pull_request": True},
        {"phase": "Finished", "merged": True},
    ]
    before = decide(backlog)
    for stage in life:
        after = decide([replace(first, **stage), *backlog[1:]])
        changed = {key for key in after if after[key] != before[key]}
        assert changed <= {first.key, second.key}
        before = after

    assert before[second.key].action == "Submit"
    assert before[backlog[-1].key].message == "1.1998.0 (Plan z) comes first."


def test_a_failure_is_named_by_everything_that_it_holds_up() -> None:
    failed = candidate("1.0.0", "Failed", reason="StepFailed")

    assert outcome(failed, candidate("1.1.0"), candidate("1.2.0")) == {
        "1.0.0": "Keep StepFailed",
        "1.1.0": "Wait BlockedByFailure",
        "1.2.0": "Wait BlockedByFailure",
    }


def test_an_unwanted_sync_is_dropped_but_never_overtaken() -> None:
    failed = candidate("1.0.0", "Failed", reason="StepFailed", wanted=False)

    assert outcome(failed, candidate("1.1.0")) == {
        "1.0.0": "Skip NotWanted",
        "1.1.0": "Submit Next",
    }
    for phase in ("Running", "Conflict"):
        assert outcome(candidate("1.0.0", phase, wanted=False), candidate("1.1.0")) == {
            "1.0.0": "Keep",
            "1.1.0": "Wait BranchBusy",
        }


def test_a_release_that_is_wanted_again_is_due_again() -> None:
    assert outcome(candidate("1.0.0", "Skipped", reason="NotWanted")) == {"1.0.0": "Submit Next"}


def test_nothing_starts_beside_a_stray_workflow() -> None:
    waiting = candidate("1.0.0")

    standing = decide([waiting], stray="by-hand")[waiting.key]

    assert (standing.action, standing.reason) == ("Wait", "BranchBusy")
    assert "by-hand" in standing.message
