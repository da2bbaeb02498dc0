"""On a real API server, a young release waits, says until when, and starts by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from resync_argo.controller.kube.api import PLANS, SYNCS
from resync_argo.controller.main import Controller
from tests.apiserver.conditions import condition
from tests.apiserver.lab import UPSTREAM, Lab

pytestmark = pytest.mark.apiserver

AGE = timedelta(hours=1)
PATIENT = {"name": UPSTREAM, "matchedVersions": ["1.0.x"], "minimumAge": "1h"}


def let_pass(controller: Controller, time: timedelta) -> None:
    """Let time pass for the controller's clock and calendar."""
    turns, queue = controller.parts.turns, controller.parts.cluster.queue
    clock = queue._clock
    turns._now = lambda: (datetime.now(UTC) + time).strftime("%Y-%m-%dT%H:%M:%SZ")
    with queue._changed:
        queue._clock = lambda: clock() + time.total_seconds()
        queue._changed.notify_all()


def test_a_release_starts_when_it_is_old_enough(lab: Lab) -> None:
    lab.add_plan(upstream=PATIENT)
    with lab.running() as controller:
        lab.wait_until_next("1.0.0", "TooYoung")
        waiting, syncs = lab.plan().status.next, lab.objects(SYNCS)
        let_pass(controller, AGE)
        lab.wait_for_run("1.0.0")

    made = lab.wait_for_tag("1.0.0").metadata.creation_timestamp
    assert waiting is not None
    assert made is not None
    assert waiting.due_time is not None
    due = datetime.fromisoformat(waiting.due_time)
    assert due == datetime.fromisoformat(made) + AGE
    assert waiting.due_time in waiting.message
    assert syncs == []


def test_a_persons_request_does_not_wait(lab: Lab) -> None:
    lab.add_plan(upstream=PATIENT)
    with lab.running():
        lab.wait_until_next("1.0.0", "TooYoung")
        lab.add_sync("1.0.0", retry=1)
        lab.wait_for_run("1.0.0")


def test_a_suspended_plan_says_why(lab: Lab) -> None:
    lab.add_plan(suspend=True)
    change = {"spec": {"suspendReason": "CI is down until Monday"}}
    lab.kube.patch(PLANS, lab.plan().metadata.key, change)
    with lab.running():
        said = condition(lab, "Ready", "Suspended")
        lab.wait_until_next("1.0.0", "PlanSuspended")

    assert said == "Suspended: CI is down until Monday"
    queued = lab.plan().status.next
    assert queued is not None
    assert queued.message == "Plan z-1 is suspended: CI is down until Monday"
