"""A permission check is remembered while it is valid, without needless writes."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from resync_argo.api.conditions import Condition, Finding
from resync_argo.api.meta import ObjectKey
from resync_argo.api.plan import PermissionCheck, Plan
from resync_argo.controller.forge.access import ForgeAccess
from resync_argo.controller.plan.check_record import hash_of, record_of, seconds_to_check
from resync_argo.controller.plan.permissions import (
    AGAIN_SECONDS,
    DAY_SECONDS,
    PermissionQuestion,
    Permissions,
)
from resync_argo.controller.polling.poller import Seen
from resync_argo.errors import Transient
from tests.unit.controller.builders import NOW, plan

GRANTED = Condition(type="PermissionsGranted", status="True", reason="Granted")
SECRET = ObjectKey("ns", "github")
ACCESS = ForgeAccess(
    downstream="forge.test/down/project",
    fork=None,
    branch="main",
    secret=SECRET,
    fork_secret=SECRET,
)
CLOCK = 1000.0


def question(**changes: Any) -> PermissionQuestion:
    fields: dict[str, Any] = {
        "access": ACCESS,
        "upstream": "forge.test/up/project",
        "has_labels": False,
        "reviewers": (),
        "credentials": ("a", "a"),
    }
    return PermissionQuestion(**(fields | changes))


def later(seconds: float) -> str:
    due = datetime.fromisoformat(NOW) + timedelta(seconds=seconds)
    return due.strftime("%Y-%m-%dT%H:%M:%SZ")


def remembering(seconds: float, *, asked: str = "q", conditions: Any = (GRANTED,)) -> Plan:
    """Return a Plan whose permissions were checked, and are due again after some seconds."""
    made = plan().with_conditions(conditions)
    check = PermissionCheck(question=asked, due_time=later(seconds))
    status = made.status.model_copy(update={"permission_check": check})
    return made.model_copy(update={"status": status})


def answer(again: float, *, ago: float = 0.0) -> Seen[Permissions]:
    """Return the result of a check some seconds ago."""
    finding = Finding(status="True", reason="Granted", message="")
    return Seen(value=Permissions(finding=finding, again_seconds=again), at=CLOCK - ago)


def due(made: Plan, seen: Seen[Permissions] | None) -> str | None:
    record = record_of(made, "q", seen, clock=CLOCK, now=NOW)
    return record.due_time if record is not None else None


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (remembering(3600), 3600),
        (remembering(-1), 0),
        (remembering(3600, asked="another"), 0),
        (remembering(3600, conditions=()), 0),
        (remembering(400 * DAY_SECONDS), DAY_SECONDS),
        (plan(), 0),
    ],
    ids=["remembered", "over", "another question", "not said", "a clock that was wrong", "never"],
)
def test_a_status_answers_its_question_until_the_next_check(made: Plan, expected: float) -> None:
    assert seconds_to_check(made, "q", NOW) == expected


def test_an_answer_is_remembered_until_the_next_check() -> None:
    assert due(plan(), answer(DAY_SECONDS, ago=60.0)) == later(DAY_SECONDS - 60)


@pytest.mark.parametrize(
    ("made", "seen", "expected"),
    [
        (remembering(3600), answer(DAY_SECONDS), 3600),
        (remembering(-1), answer(DAY_SECONDS), DAY_SECONDS),
        (remembering(3600), answer(AGAIN_SECONDS), AGAIN_SECONDS),
        (remembering(-1), answer(AGAIN_SECONDS), -1),
        (remembering(-1), answer(DAY_SECONDS, ago=DAY_SECONDS), -1),
        (remembering(3600, asked="another"), answer(DAY_SECONDS), DAY_SECONDS),
        (remembering(3600), None, 3600),
    ],
    ids=[
        "same",
        "next day",
        "sooner",
        "no write each ten minutes",
        "about to be asked",
        "another",
        "just started",
    ],
)
def test_a_record_changes_only_if_it_was_wrong(
    made: Plan, seen: Seen[Permissions] | None, expected: float
) -> None:
    assert due(made, seen) == later(expected)


@pytest.mark.parametrize(
    ("made", "seen"),
    [
        (remembering(3600), Seen[Permissions](error=Transient("It does not answer."))),
        (remembering(3600, asked="another"), None),
        (plan(), None),
    ],
    ids=["the forge failed", "another question", "never asked"],
)
def test_without_an_answer_nothing_is_remembered(
    made: Plan, seen: Seen[Permissions] | None
) -> None:
    assert due(made, seen) is None


def test_a_question_depends_on_the_secrets_version_and_reveals_nothing_of_their_data() -> None:
    told = hash_of(question(), "1")

    assert hash_of(question(credentials=("b", "b")), "1") == told
    assert len({told, hash_of(question(), "2"), hash_of(question(has_labels=True), "1")}) == 3
