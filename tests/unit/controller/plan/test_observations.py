"""A Plan tells programs that do not know our kinds whether it progresses, and tells people why it is suspended."""

from typing import Any

import pytest

from resync_argo.api.conditions import Condition, Status
from resync_argo.controller.plan.observations import progress, sum_up
from tests.unit.controller.builders import plan

FINE = Condition(type="CredentialsFound", status="True", reason="Found")


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        ("True", "Ready", {}),
        ("True", "Suspended", {}),
        ("False", "SecretNotFound", {"Stalled": "SecretNotFound"}),
        ("False", "InvalidRange", {"Stalled": "InvalidRange"}),
        ("False", "RepositoryNotFound", {"Stalled": "RepositoryNotFound"}),
        ("False", "Unreachable", {"Reconciling": "Unreachable"}),
        ("False", "ClusterUnavailable", {"Reconciling": "ClusterUnavailable"}),
        ("Unknown", "UpstreamNotRead", {"Reconciling": "UpstreamNotRead"}),
    ],
)
def test_a_plan_that_is_not_ready_says_whether_somebody_must_act(
    status: Status, reason: str, expected: dict[str, str]
) -> None:
    ready = Condition(type="Ready", status=status, reason=reason, message="It is so.")

    told = list(progress(ready))

    assert {c.type: c.reason for c in told} == expected
    assert [(c.status, c.message) for c in told] == [("True", "It is so.")] * len(expected)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"suspend": True, "suspend_reason": "CI is down"}, "Suspended: CI is down"),
        ({"suspend": True}, "The Plan is suspended: no new sync starts."),
        ({"suspend_reason": "CI was down"}, "New releases are synced as they appear."),
    ],
    ids=["reason", "no reason", "not suspended"],
)
def test_a_suspended_plan_is_ready_and_says_why_it_starts_nothing(
    spec: dict[str, Any], expected: str
) -> None:
    made = plan()
    changed = made.model_copy(update={"spec": made.spec.model_copy(update=spec)})

    ready = sum_up(changed, [FINE])

    assert (ready.status, ready.message) == ("True", expected)
