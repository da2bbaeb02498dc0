"""Waits for a Plan's conditions."""

from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for


def condition(lab: Lab, kind: str, reason: str, plan: str = "z-1") -> str:
    """Wait for a condition's reason and return its message."""

    def found() -> str | None:
        observed = lab.plan(plan).status.conditions
        return next((c.message for c in observed if (c.type, c.reason) == (kind, reason)), None)

    return wait_for(
        found,
        deadline_seconds=20,
        describe=lambda: f"{kind} {reason}; it is {lab.plan(plan).status.conditions}",
    )
