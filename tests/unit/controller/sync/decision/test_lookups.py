"""The forge is asked as little as possible, and each question gets its own answer."""

import math

import pytest

from resync_argo.contract import Report
from resync_argo.controller.forge.view import Lookups
from resync_argo.controller.sync.decision.inputs import Claim, Inputs
from resync_argo.controller.sync.decision.lookups import (
    SLOW_INTERVALS,
    conflict_key,
    current_run,
    interval_of,
    needed_lookups,
)
from resync_argo.controller.sync.decision.phases import Phase, Question, Review
from resync_argo.controller.sync.decision.stored import NEW
from tests.unit.controller.builders import (
    BEFORE,
    NOW,
    QUESTION,
    REVIEW,
    asking,
    failed,
    finished,
    in_conflict,
    inputs,
    queued,
    run,
    running,
    skipped,
    standing,
    suspended,
)

COMMIT = "c" * 40
ENDED = "w-1 1 Succeeded"
SUBMIT = standing("Submit")


def ask(**wanted: object) -> Lookups:
    return Lookups(plan="z-1", line="1.0.0", **wanted)  # type: ignore[arg-type]  # a few fields


@pytest.mark.parametrize(
    ("phase", "seen", "expected"),
    [
        (NEW, inputs(), None),
        (NEW, inputs(standing=SUBMIT), ask(occasion="try 0", final=True)),
        (queued(started=BEFORE), inputs(standing=SUBMIT), None),
        (
            queued("WorkflowLost", started=BEFORE),
            inputs(standing=SUBMIT),
            ask(occasion="try 0", final=True),
        ),
        (running(), inputs(run=run()), None),
        (running(), inputs(), None),
        (
            in_conflict(question=QUESTION),
            inputs(run=suspended()),
            ask(occasion="w-1 1 Suspended", conflict="ab12", conflict_number=7),
        ),
        (
            in_conflict(question=QUESTION),
            inputs(run=suspended(resumed=frozenset({7}))),
            ask(occasion="w-1 1 Suspended", conflict="ab12"),
        ),
        (
            running(),
            inputs(run=run("Succeeded", exit_code=0)),
            ask(occasion=ENDED, final=True),
        ),
        (running(), inputs(run=run("Succeeded", exit_code=0), opens_pull_request=False), None),
        (running(), inputs(run=run("Failed", exit_code=1)), None),
        (
            running(),
            inputs(run=run("Succeeded", exit_code=11), claim=Claim(version="1.0.0", commit=COMMIT)),
            ask(occasion=ENDED, commit=COMMIT),
        ),
        (
            running(),
            inputs(run=run("Succeeded", exit_code=11), claim=Claim(version="2.0.0", commit=None)),
            None,
        ),
        (finished("PullRequestOpen", review=REVIEW), inputs(), ask(final=True, final_number=7)),
        (
            finished("Merged", review=Review(url="url/7", number=7, merged=True)),
            inputs(),
            None,
        ),
        (failed(), inputs(), None),
        (failed("ForeignCommit"), inputs(), ask(final=True, is_blocked=True)),
        (
            skipped("Abandoned", review=REVIEW),
            inputs(),
            ask(final=True, final_number=7, is_optional=True),
        ),
        (
            skipped("Abandoned", question=QUESTION),
            inputs(),
            ask(conflict_number=7, is_optional=True),
        ),
        (skipped("Abandoned", question=Question(url="url/7")), inputs(), None),
        (skipped("Superseded", review=REVIEW), inputs(), None),
    ],
    ids=[
        "new",
        "its turn",
        "its turn again",
        "its turn after a lost run",
        "running",
        "lost",
        "in conflict",
        "in the next conflict",
        "succeeded",
        "opens no pull request",
        "failed in a step",
        "contained",
        "claims what cannot be",
        "in review",
        "merged",
        "failed",
        "blocked",
        "review abandoned",
        "conflict abandoned",
        "abandoned without a number",
        "superseded",
    ],
)
def test_the_forge_is_asked_only_for_what_decides(
    phase: Phase, seen: Inputs, expected: Lookups | None
) -> None:
    assert needed_lookups(phase, seen) == expected


def test_another_attempt_is_another_question() -> None:
    first = needed_lookups(in_conflict(), inputs(run=suspended()))
    second = needed_lookups(in_conflict(), inputs(run=suspended(attempt=2)))

    assert first != second


def test_executed_comments_are_not_read_again() -> None:
    asked = needed_lookups(failed("ForeignCommit"), inputs(spec=asking(comment=5)))

    assert asked == ask(final=True, is_blocked=True, after=5)


def test_without_a_forge_nothing_is_asked() -> None:
    seen = inputs(has_forge=False, run=suspended())

    assert needed_lookups(in_conflict(), seen) is None


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        (finished("PullRequestOpen", review=REVIEW), 30.0),
        (skipped("Abandoned", ended=BEFORE), 30.0 * SLOW_INTERVALS),
        (skipped("Abandoned", ended="2025-12-01T00:00:00Z"), math.inf),
        (skipped("Abandoned", ended=""), math.inf),
    ],
    ids=["open", "closed a day ago", "closed a month ago", "nobody knows when"],
)
def test_a_closed_pull_request_is_read_occasionally_for_a_week(
    phase: Phase, expected: float
) -> None:
    assert interval_of(phase, NOW, 30.0) == expected


def test_the_oldest_active_workflow_counts_else_the_one_that_the_sync_names() -> None:
    ended, active = run("Failed", name="w-1"), run("Running", name="w-2")
    stopping = run("Running", name="w-0", shutdown=True)

    assert current_run([stopping, ended, active], running()) == active
    assert current_run([ended], running()) == ended
    assert current_run([run("Failed", name="w-9")], running()) is None
    assert current_run([ended], queued()) is None


@pytest.mark.parametrize(
    ("said", "key"), [("ab12 2 files", "ab12"), ("../x 2 files", None), ("", None)]
)
def test_only_hex_digits_are_accepted_as_a_conflicts_key(said: str, key: str | None) -> None:
    waiting = run("Suspended", report=Report(reason="Conflict", message=said))

    assert conflict_key(waiting) == key
