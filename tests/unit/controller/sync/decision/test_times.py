"""The times of a sync's events follow from its phases, and each second counts once."""

from typing import Any

import pytest

from resync_argo.api.sync import Times
from resync_argo.controller.sync.decision.phases import Phase, Question, Review, Run
from resync_argo.controller.sync.decision.times import advance
from tests.unit.controller.builders import (
    failed,
    finished,
    in_conflict,
    queued,
    running,
    skipped,
)

SECOND = Run(workflow="w-2", attempt=1)


def at(minutes: int) -> str:
    """Return a time, by the minutes since the first Workflow was submitted."""
    return f"2026-01-01T{minutes // 60:02}:{minutes % 60:02}:00Z"


def asks(number: int, reason: str = "WaitingForResolution") -> Phase:
    question = Question(url=f"url/{number}", number=number)
    return in_conflict(started=at(0), question=question, why=_why(reason))


def proposed(minutes: int, *, merged: bool = False, number: int = 9) -> Phase:
    review = Review(url=f"url/{number}", number=number, merged=merged)
    reason = "Merged" if merged else "PullRequestOpen"
    return finished(reason, started=at(0), ended=at(minutes), review=review)


def _why(reason: str) -> Any:
    return queued(reason).why


RUNS = running(started=at(0))


def told(*life: tuple[int, Phase]) -> Times | None:
    """Return the times after a life of phases, each with the minutes at which it began."""
    times: Times | None = None
    before: Phase = queued()
    for minutes, after in life:
        times = advance(times, before, after, at(minutes))
        assert advance(times, after, after, at(minutes + 7)) == times, "time alone changes nothing"
        before = after
    return times


def test_a_release_that_merges_cleanly_costs_machine_and_review() -> None:
    life = (0, RUNS), (10, proposed(10)), (70, proposed(10, merged=True))

    assert told(*life) == Times(
        opened_time=at(10), merged_time=at(70), machine_seconds=600, review_seconds=3600
    )


def test_a_conflict_waits_for_people_and_then_the_machine_goes_on() -> None:
    life = (
        (0, RUNS),
        (5, asks(7)),
        (65, asks(7, "Resolved")),
        (66, RUNS),
        (75, proposed(75)),
    )

    assert told(*life) == Times(
        asked_time=at(5),
        answered_time=at(65),
        opened_time=at(75),
        rounds=1,
        asked_number=7,
        machine_seconds=300 + 600,
        conflict_seconds=3600,
    )


def test_each_conflict_is_a_round_but_the_same_question_again_is_not() -> None:
    life = (
        (0, RUNS),
        (1, asks(7)),
        (11, asks(7, "Resolved")),
        (11, RUNS),
        (12, asks(7, "NotResolved")),
        (32, RUNS),
        (33, asks(8)),
    )

    times = told(*life)

    assert times is not None
    assert (times.rounds, times.asked_number) == (2, 8)
    assert (times.asked_time, times.answered_time) == (at(33), at(32))
    assert times.conflict_seconds == (10 + 20) * 60
    assert times.machine_seconds == 3 * 60


def test_time_waits_until_the_forge_shows_the_question() -> None:
    looking = in_conflict(started=at(0), why=_why("LookingForPullRequest"))

    assert told((0, RUNS), (5, looking)) == Times(machine_seconds=300)
    times = told((0, RUNS), (5, looking), (6, asks(7)))
    assert times is not None
    assert times.asked_time == at(6)


@pytest.mark.parametrize("after", [queued("PlanChanged"), failed(ended=at(9))])
def test_a_dropped_question_counts_as_unanswered(after: Phase) -> None:
    times = told((0, RUNS), (5, asks(7)), (9, after))

    assert times is not None
    assert (times.answered_time, times.conflict_seconds) == (None, 240)


def test_a_closed_question_counts_as_answered() -> None:
    closed = skipped("Abandoned", started=at(0), ended=at(9), question=Question(url="u", number=7))

    times = told((0, RUNS), (5, asks(7)), (9, closed))

    assert times is not None
    assert times.answered_time == at(9)


def test_all_tries_count() -> None:
    again = running(run=SECOND, started=at(60))
    life = (
        (0, RUNS),
        (5, asks(7)),
        (8, queued("PlanChanged", started=at(0))),
        (60, again),
        (62, in_conflict(run=SECOND, started=at(60), question=Question(url="u", number=7))),
    )

    assert told(*life) == Times(
        asked_time=at(62),
        rounds=1,
        asked_number=7,
        machine_seconds=(5 + 2) * 60,
        conflict_seconds=180,
    )


def test_a_pull_request_that_is_closed_and_opened_again_waits_twice() -> None:
    review = Review(url="url/9", number=9)
    closed = skipped("Abandoned", started=at(0), ended=at(20), review=review)
    life = (0, RUNS), (10, proposed(10)), (20, closed), (50, proposed(50)), (55, closed)

    times = told(*life)

    assert times is not None
    assert (times.opened_time, times.merged_time) == (at(10), None)
    assert times.review_seconds == (10 + 5) * 60


def test_a_pull_request_merged_before_any_look_has_no_time_of_opening() -> None:
    times = told((10, proposed(10, merged=True)))

    assert times == Times(merged_time=at(10))


def test_a_sync_that_only_waits_has_no_times() -> None:
    assert told((0, queued()), (5, queued("OlderFirst")), (9, skipped(run=None))) is None
    assert advance(None, RUNS, RUNS, at(5)) is None


def test_a_clock_set_back_subtracts_nothing() -> None:
    times = advance(Times(machine_seconds=5), running(started=at(9)), failed(), at(1))

    assert times == Times(machine_seconds=5)
