"""Whom an object waits for: a person, nobody, or nothing any more."""

from typing import Any

import pytest

from resync_argo.controller.state.objects import Caches
from resync_argo.controller.state.orders import ASKS, ENDED, EVERYWHERE, WORKS, plan_question
from tests.unit.controller.builders import plan, sync
from tests.unit.controller.order.filled import put

AT_NINE, AT_TEN = "2026-01-01T09:00:00Z", "2026-01-01T10:00:00Z"


def lists_of(**status: Any) -> list[str]:
    """Return the orders that a Sync is in."""
    caches = Caches()
    put(caches, sync(**status))
    return [it for it in (ASKS, WORKS, ENDED) if caches.syncs.count_ordered(it, [EVERYWHERE])]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"phase": "Conflict", "reason": "WaitingForResolution"}, [ASKS]),
        ({"phase": "Conflict", "reason": "Resolved"}, [WORKS]),
        ({"phase": "Failed", "reason": "StepFailed", "finish_time": AT_NINE}, [ASKS]),
        ({"phase": "Pending", "reason": "ValueMissing"}, [ASKS]),
        ({"phase": "Pending", "reason": "ForgeUnavailable"}, [WORKS]),
        ({"phase": "Pending", "reason": "EarlierPullRequestOpen"}, [WORKS]),
        ({"phase": "Running", "reason": "Running"}, [WORKS]),
        ({"phase": "Finished", "number": 7, "finish_time": AT_NINE}, [ASKS]),
        ({"phase": "Finished", "number": 7, "merged": True, "finish_time": AT_NINE}, [ENDED]),
        ({"phase": "Skipped", "reason": "Abandoned", "finish_time": AT_NINE}, [ENDED]),
        ({}, []),
    ],
)
def test_a_sync_is_in_the_list_of_whom_it_waits_for(
    status: dict[str, Any], expected: list[str]
) -> None:
    assert lists_of(**status) == expected


def test_the_longest_wait_for_a_person_comes_first() -> None:
    caches = Caches()
    asked = {"phase": "Conflict", "reason": "WaitingForResolution"}
    put(
        caches,
        sync("1.0.1", phase="Failed", reason="StepFailed", finish_time=AT_TEN),
        sync("1.0.2", **asked, start_time=AT_TEN, times={"asked_time": AT_NINE}),
    )

    found = caches.syncs.ordered(ASKS, [("ns", "z-1")], 0, 9)

    assert [it.status.version for it in found] == ["1.0.2", "1.0.1"]


@pytest.mark.parametrize(
    ("ready", "reason", "following", "expected"),
    [
        ("True", "Ready", None, None),
        ("False", "SecretNotFound", None, "SecretNotFound"),
        ("False", "Unreachable", None, None),
        ("Unknown", "SecretNotFound", None, None),
        ("True", "Ready", "TagUnavailable", "TagUnavailable"),
        ("True", "Ready", "BlockedByFailure", None),
    ],
)
def test_a_plan_waits_for_a_person_only_for_its_own_problem(
    ready: str, reason: str, following: str | None, expected: str | None
) -> None:
    condition = {"type": "Ready", "status": ready, "reason": reason}
    coming = {"version": "1.0.0", "reason": following} if following else None

    assert plan_question(plan(status={"conditions": [condition], "next": coming})) == expected
