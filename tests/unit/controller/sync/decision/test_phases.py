"""What a transition between phases keeps, and what it forgets."""

import pytest

from resync_argo.api.conditions import MAX_MESSAGE
from resync_argo.controller.sync.decision.phases import (
    Finished,
    Phase,
    Queued,
    Review,
    Run,
    Tries,
    Why,
    fail,
    finish,
    in_conflict,
    next_tries,
    queue_again,
    review_of,
    run_of,
    skip,
    start,
    template_of,
    with_why,
)
from resync_argo.controller.sync.decision.stored import name_of
from tests.unit.controller import builders
from tests.unit.controller.builders import (
    BEFORE,
    NOW,
    QUESTION,
    REVIEW,
    WORKFLOW,
    failed,
    finished,
    queued,
    running,
    skipped,
)

WHY = Why(reason="Because", message="It is so.")
TRIES = Tries(number=2, retry=5, rebuild=6)


def test_a_sentence_is_cut_to_the_limit_of_a_status() -> None:
    assert len(Why(reason="Because", message="x" * 10_000).message) == MAX_MESSAGE


@pytest.mark.parametrize(
    ("was", "number"),
    [
        (queued(tries=TRIES), 2),
        (running(tries=TRIES), 3),
        (failed(tries=TRIES), 3),
        (failed(tries=TRIES, run=None), 2),
    ],
    ids=["queued", "running", "failed", "failed without a Workflow"],
)
def test_a_try_with_a_workflow_is_counted(was: Phase, number: int) -> None:
    assert next_tries(was) == Tries(number=number, retry=5, rebuild=6)
    assert queue_again(was, WHY).tries.number == number


def test_a_sync_that_starts_over_keeps_its_question_and_drops_its_workflow() -> None:
    was = skipped(question=QUESTION, review=REVIEW, contains="1.0.4")

    again = queue_again(was, WHY)

    assert again == Queued(
        why=WHY,
        tries=Tries(number=1),
        question=QUESTION,
        template_hash="hash-1",
        started=BEFORE,
        review=REVIEW,
    )


def test_a_waiting_sync_only_changes_its_reason() -> None:
    was = queued(
        tries=TRIES, question=QUESTION, template_hash="hash-1", started=BEFORE, review=REVIEW
    )

    assert queue_again(was, was.why) == was
    assert queue_again(was, WHY).why == WHY


def test_a_new_workflow_forgets_the_conflicts_of_those_before() -> None:
    new = start(TRIES, Run(workflow="w-2", attempt=1), NOW)

    assert (new.question, new.started, new.why.reason) == (None, NOW, "Submitted")


def test_a_sync_that_goes_on_keeps_its_question() -> None:
    asked = in_conflict(running(), WHY, QUESTION)

    assert with_why(asked, WHY).question == QUESTION
    assert in_conflict(asked, WHY, None).question == QUESTION


@pytest.mark.parametrize(
    ("end", "was"),
    [(finish, finished(ended=BEFORE)), (fail, failed(ended=BEFORE)), (skip, skipped(ended=BEFORE))],
    ids=["finish", "fail", "skip"],
)
def test_an_ended_sync_keeps_its_time(end: object, was: Phase) -> None:
    again = end(was, WHY, NOW)  # type: ignore[operator]  # one of three functions

    assert (again.ended, again.why) == (BEFORE, WHY)
    assert end(running(), WHY, NOW).ended == NOW  # type: ignore[operator]  # likewise


def test_another_end_is_another_time() -> None:
    assert finish(failed(ended=BEFORE), WHY, NOW).ended == NOW


def test_an_end_keeps_the_facts_about_the_pull_request_and_the_branch() -> None:
    was = skipped("Abandoned", review=REVIEW, contains="1.0.4", question=QUESTION)
    merged = Review(url="url/7", number=7, merged=True)

    assert finish(was, WHY, NOW, review=merged) == Finished(
        why=WHY,
        question=QUESTION,
        ended=NOW,
        run=WORKFLOW,
        started=BEFORE,
        review=merged,
        contains="1.0.4",
    )
    assert fail(was, WHY, NOW).review == REVIEW
    assert skip(was, WHY, NOW).contains == "1.0.4"
    assert skip(was, WHY, NOW, contains="1.0.5").contains == "1.0.5"


@pytest.mark.parametrize(
    ("phase", "run", "review", "template"),
    [
        (queued(template_hash="hash-0", review=REVIEW), None, REVIEW, "hash-0"),
        (running(), WORKFLOW, None, "hash-1"),
        (builders.in_conflict(), WORKFLOW, None, "hash-1"),
        (finished(review=REVIEW), WORKFLOW, REVIEW, "hash-1"),
        (failed(run=None), None, None, None),
    ],
    ids=lambda value: name_of(value) if hasattr(value, "why") else "",
)
def test_every_phase_answers_every_question(
    phase: Phase, run: Run | None, review: Review | None, template: str | None
) -> None:
    assert (run_of(phase), review_of(phase), template_of(phase)) == (run, review, template)
