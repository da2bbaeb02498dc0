"""No more syncs run at once than allowed, even across a restart."""

import pytest

from tests.apiserver.lab import DOWNSTREAM, Lab
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.apiserver

PLANS = ("z-1", "z-2", "z-3")


def add_plans(lab: Lab) -> None:
    for name in PLANS:
        lab.add_plan(name, downstream={"name": DOWNSTREAM, "branch": name})


def standing(lab: Lab) -> dict[str, str]:
    """Return the reason of each Plan's sync."""
    syncs = ((name, lab.sync("1.0.0", name)) for name in PLANS)
    return {name: sync.reason if sync is not None else "" for name, sync in syncs}


def wait_until_one_runs(lab: Lab) -> None:
    wait_for(
        lambda: sorted(standing(lab).values()) == ["Submitted", "Throttled", "Throttled"],
        deadline_seconds=20,
        describe=lambda: f"one sync to run and two to wait; they stand {standing(lab)}",
    )


def the_running(lab: Lab) -> str | None:
    return next((name for name, reason in standing(lab).items() if reason == "Submitted"), None)


def test_a_sync_without_a_place_waits_and_begins_when_there_is_one(lab: Lab) -> None:
    lab.limits = {"max_runs": 1}
    add_plans(lab)
    with lab.running() as controller:
        wait_until_one_runs(lab)
        lab.wait_until_idle(controller)
        messages = {s.status.message for s in lab.syncs() if s.status.reason == "Throttled"}
        begun = len(lab.workflows())
        for _ in PLANS:
            running = wait_for(
                lambda: the_running(lab), deadline_seconds=20, describe="a sync to begin"
            )
            lab.merge_release("1.0.0", running, base=running)

    assert begun == 1
    assert messages == {"As many syncs run as the installation allows: 1 (`RESYNC_MAX_RUNS`)."}
    assert standing(lab) == dict.fromkeys(PLANS, "Merged")


def test_runs_from_before_a_restart_are_counted(lab: Lab) -> None:
    lab.limits = {"max_runs_per_namespace": 1}
    add_plans(lab)
    with lab.running() as controller:
        wait_until_one_runs(lab)
        lab.wait_until_idle(controller)
    with lab.running() as controller:
        lab.wait_until_idle(controller)

    assert len(lab.workflows()) == 1
