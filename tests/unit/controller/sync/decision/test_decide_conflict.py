"""A sync in conflict waits, says for what, and goes on when people have resolved it."""

from dataclasses import replace

from resync_argo.conflicts.authors import Authors
from resync_argo.contract import Report
from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.sync.decision.decide import decide
from resync_argo.controller.sync.decision.inputs import Explain, Resume, Stop
from resync_argo.controller.sync.decision.phases import Question
from resync_argo.controller.sync.decision.stored import name_of
from resync_argo.forge.interface import PullRequestState
from tests.unit.controller.builders import (
    QUESTION,
    in_conflict,
    inputs,
    pull,
    running,
    skipped,
    stands,
    suspended,
)

OPEN, MERGED, CLOSED = PullRequestState.OPEN, PullRequestState.MERGED, PullRequestState.CLOSED


def test_a_conflict_waits_and_the_workflow_explains_it() -> None:
    view = ForgeView(conflict=pull(), files=("a", "b"))

    decision = decide(running(), inputs(run=suspended()), view)

    assert name_of(decision.phase) == "Conflict"
    assert decision.phase.question == Question(url="url/7", number=7, files=("a", "b"))
    assert isinstance(decision.act, Explain)
    sentence = "Waiting for url/7: 2 files (a, b) in conflict."
    assert decision.act.message == f"Resolve #7: a, … - {sentence}"
    assert decision.phase.why.message == sentence


def test_a_conflict_of_very_many_files_names_some_of_them() -> None:
    files = tuple(f"f{number}" for number in range(60))

    decision = decide(running(), inputs(run=suspended()), ForgeView(conflict=pull(), files=files))

    assert decision.phase.question == Question(url="url/7", number=7, files=files[:50])
    assert decision.phase.why.message == "Waiting for url/7: 60 files (f0, f1, f2, …) in conflict."


def test_the_authors_of_colliding_commits_stay_until_another_question() -> None:
    lines = ("downstream: Ada", "upstream: Bob", "exit code 3: no author")
    report = Report(reason="Conflict", message="ab12 1 file", lines=lines)
    asking = replace(suspended(), report=report)
    view = ForgeView(conflict=pull(), files=("a",))

    first = decide(running(), inputs(run=asking), view).phase
    later = decide(in_conflict(question=first.question), inputs(run=suspended()), view).phase
    other = ForgeView(conflict=pull(number=8), files=("a",))
    last = decide(in_conflict(question=first.question), inputs(run=suspended()), other).phase

    known = Authors(downstream=("Ada",), upstream=("Bob",))
    assert [it.question and it.question.authors for it in (first, later, last)] == [
        known,
        known,
        Authors(),
    ]


def test_a_workflow_that_explains_it_already_is_left_alone() -> None:
    message = "Resolve #7: a - Waiting for url/7: 1 file (p/a) in conflict."
    waiting = suspended(node_message=message, status_message=message)

    decision = decide(
        in_conflict(), inputs(run=waiting), ForgeView(conflict=pull(), files=("p/a",))
    )

    assert decision.act is None


def test_a_merged_conflict_resumes_once() -> None:
    merged = pull(MERGED)
    view, done = ForgeView(conflict=merged), suspended(resumed=frozenset({7}))

    first = decide(in_conflict(), inputs(run=suspended()), view)
    again = decide(in_conflict(), inputs(run=done), view)

    assert first.act == Resume(run=suspended(), pull_request=merged)
    assert (again.act, again.phase.why.reason) == (None, "NotResolved")


def test_a_closed_conflict_skips_the_release_and_stops_the_workflow() -> None:
    view = ForgeView(conflict=pull(CLOSED))

    decision = decide(in_conflict(), inputs(run=suspended()), view)

    assert stands(decision.phase) == ("Skipped", "Abandoned")
    assert isinstance(decision.act, Stop)


def test_a_reopened_conflict_starts_over_under_a_new_name() -> None:
    abandoned = skipped("Abandoned", question=QUESTION)

    phase = decide(abandoned, inputs(), ForgeView(conflict=pull(OPEN))).phase

    assert (stands(phase), phase.tries.number) == (("Pending", "Reopened"), 1)
