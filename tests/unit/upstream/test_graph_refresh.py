"""An open pull request may be rebuilt if nothing else runs and its Plan may run."""

from typing import Any

import pytest

from resync_argo.upstream.graph import decide
from tests.unit.upstream.test_graph import candidate

PROPOSED: dict[str, Any] = {"phase": "Finished", "open_pull_request": True}


def may_refresh(*others: Any, stray: str = "", **changes: Any) -> bool:
    proposed = candidate("1.0.0", **(PROPOSED | changes))
    return decide([proposed, *others], stray=stray)[proposed.key].may_refresh


def test_it_may_be_rebuilt_while_the_branch_is_free() -> None:
    assert may_refresh()
    assert may_refresh(candidate("1.1.0")), "what waits for it goes after it"
    assert may_refresh(candidate("1.1.0", order="Latest"), order="Latest")


@pytest.mark.parametrize(
    "changes",
    [
        {"suspended": True},
        {"ready": False},
        {"complete": False},
        {"available": False},
        {"wanted": False},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_it_may_not_be_rebuilt_if_its_plan_starts_nothing(changes: dict[str, Any]) -> None:
    assert not may_refresh(**changes)


@pytest.mark.parametrize("phase", ["Running", "Conflict"])
def test_it_waits_for_a_run_on_the_branch(phase: str) -> None:
    busy = candidate("1.2.0", phase)

    decided = decide([candidate("1.0.0", **PROPOSED), busy])
    standing = next(it for key, it in decided.items() if key != busy.key)

    assert not standing.may_refresh
    assert "1.2.0" in standing.message


def test_it_waits_for_a_stray_workflow() -> None:
    assert not may_refresh(stray="by-hand")


def test_only_an_open_pull_request_may_be_rebuilt() -> None:
    for one in (
        candidate("1.0.0"),
        candidate("1.0.0", "Running"),
        candidate("1.0.0", "Finished", merged=True),
        candidate("1.0.0", "Failed", reason="StepFailed"),
    ):
        assert not decide([one])[one.key].may_refresh


def test_one_whose_release_the_branch_has_in_a_newer_one_is_forced() -> None:
    proposed = candidate("1.0.0", **PROPOSED)
    newer = candidate("1.2.0", "Finished", merged=True)

    assert decide([proposed, newer])[proposed.key].force
    assert not decide([proposed])[proposed.key].force
