"""A value that people set counts from the next run on, and restarts what began without it."""

from dataclasses import replace
from typing import Any

import pytest

from resync_argo.api.parameters.parameter import Parameter
from resync_argo.contract import Report
from resync_argo.controller.forge.view import BaseView, ForgeView
from resync_argo.controller.sync.decision.chosen import Chosen
from resync_argo.controller.sync.decision.decide import decide
from resync_argo.controller.sync.decision.freshness import needs_base
from resync_argo.controller.sync.decision.inputs import NOTHING_SEEN, Decision, Inputs, Stop, Submit
from resync_argo.controller.sync.decision.phases import (
    Finished,
    Freshness,
    Phase,
    Why,
    freshness_of,
    run_of,
)
from resync_argo.upstream.graph import Standing
from tests.unit.controller.builders import (
    QUESTION,
    REVIEW,
    WORKFLOW,
    asking,
    failed,
    finished,
    in_conflict,
    inputs,
    plan,
    pull,
    queued,
    run,
    running,
    standing,
    stands,
    suspended,
    sync,
    tag,
)

JIRA = Parameter(name="JIRA", pattern="[A-Z]+-[0-9]+")
SET = Chosen(parameters=(JIRA,), values={"JIRA": "A-1"})
UNSET = Chosen(parameters=(JIRA,))
WRONG = Chosen(parameters=(JIRA,), trouble=Why(reason="InvalidValue", message="JIRA must match."))
WITH_IT = replace(WORKFLOW, values={"JIRA": "A-1"})
FREE = Standing(action="Keep", reason="PullRequestOpen", message="", may_refresh=True)
TIP = "a" * 40
FINE = BaseView(tip=TIP, merges=True)
PROPOSED = finished("PullRequestOpen", review=REVIEW, ended="2026-01-01T23:59:00Z")


def proposed(chosen: Chosen, phase: Finished = PROPOSED, **changes: Any) -> Decision:
    """Return the decision about a sync whose pull request is open."""
    seen = inputs(**({"standing": FREE, "base": FINE, "chosen": chosen} | changes))
    return decide(phase, seen, ForgeView(final=changes.pop("final", pull())))


def told(decision: Decision) -> Why:
    return freshness_of(decision.phase).why or Why(reason="")


def test_a_plan_takes_the_values_of_its_parameters_from_the_tag_and_the_sync() -> None:
    parameters = [JIRA.dump()]
    on_tag = tag(parameters={"JIRA": "A-1", "OTHER": "x"})
    on_sync = sync(spec={"parameters": {"JIRA": "B-2"}})

    assert Chosen.of(plan(parameters=parameters), on_tag, sync()).values == {"JIRA": "A-1"}
    assert Chosen.of(plan(parameters=parameters), on_tag, on_sync).values == {"JIRA": "B-2"}
    assert Chosen.of(plan(), on_tag, sync()) == Chosen()


def test_an_invalid_value_is_a_problem_with_a_sentence() -> None:
    chosen = Chosen.of(plan(parameters=[JIRA.dump()]), tag(parameters={"JIRA": "x"}), sync())

    assert (chosen.values, chosen.trouble) == (
        {},
        Why(
            reason="InvalidValue",
            message="JIRA must match `[A-Z]+-[0-9]+`. Correct it in `spec.parameters` of the Tag.",
        ),
    )


def test_a_run_begins_with_the_present_values() -> None:
    act = decide(queued(), inputs(standing=standing("Submit"), chosen=SET), NOTHING_SEEN).act

    assert isinstance(act, Submit)
    assert act.values == {"JIRA": "A-1"}


@pytest.mark.parametrize("phase", [queued(), failed()], ids=["new", "retried"])
def test_no_run_begins_with_an_invalid_value(phase: Phase) -> None:
    seen = inputs(standing=standing("Submit"), spec=asking(retry=1), chosen=WRONG)

    waits = decide(phase, seen, NOTHING_SEEN)
    again = decide(waits.phase, replace(seen, chosen=SET), NOTHING_SEEN)

    assert (waits.act, stands(waits.phase)) == (None, ("Pending", "InvalidValue"))
    assert waits.phase.why.message == "JIRA must match."
    assert isinstance(again.act, Submit)


def test_a_run_that_waits_for_people_starts_over_and_its_question_stays() -> None:
    waiting = in_conflict(question=QUESTION)
    decision = decide(waiting, inputs(run=suspended(), chosen=SET), ForgeView(conflict=pull()))

    assert isinstance(decision.act, Stop)
    assert decision.act.reason == "ValuesChanged"
    assert stands(decision.phase) == ("Pending", "ValuesChanged")
    assert decision.phase.question == QUESTION
    assert "Another value of JIRA was set" in decision.phase.why.message


def test_a_crash_after_that_keeps_the_reason() -> None:
    why = Report(reason="ValuesChanged", message="Another value of JIRA was set.")
    ended = inputs(run=run("Stopped", shutdown=True, stopped=why), chosen=SET)

    assert stands(decide(in_conflict(), ended, NOTHING_SEEN).phase) == ("Pending", "ValuesChanged")


def test_a_failure_is_tried_again_with_the_value() -> None:
    assert stands(decide(failed(), inputs(chosen=SET), NOTHING_SEEN).phase) == (
        "Pending",
        "ValuesChanged",
    )


@pytest.mark.parametrize("chosen", [SET, UNSET, WRONG])
def test_a_pod_at_work_is_left_alone(chosen: Chosen) -> None:
    decision = decide(running(), inputs(run=run(), chosen=chosen), NOTHING_SEEN)

    assert (decision.act, stands(decision.phase)[0]) == (None, "Running")


def test_a_run_whose_pod_cannot_begin_starts_over() -> None:
    waits = run(message="Unschedulable: no node")
    decision = decide(running(), inputs(run=waits, chosen=SET), NOTHING_SEEN)

    assert isinstance(decision.act, Stop)


def test_a_run_forgotten_in_a_crash_is_known_by_its_values() -> None:
    ours = run(owner="sync-uid", values={"JIRA": "A-1"})
    followed = decide(queued(), inputs(run=ours, chosen=UNSET), NOTHING_SEEN).phase

    assert SET.changed(followed) == ""
    assert UNSET.changed(followed) == "JIRA"


@pytest.mark.parametrize("chosen", [SET, UNSET])
def test_the_values_of_a_submitted_run_hold_until_somebody_sets_others(
    chosen: Chosen,
) -> None:
    theirs = run(values={"JIRA": "HAND-1"})
    followed = decide(queued(), inputs(run=theirs, chosen=chosen), NOTHING_SEEN).phase

    assert chosen.changed(followed) == ""
    assert replace(SET, values={"JIRA": "B-2"}).changed(followed) == "JIRA"


def test_a_run_submitted_without_the_value_lacks_it() -> None:
    followed = decide(queued(), inputs(run=run(), chosen=SET), NOTHING_SEEN).phase

    assert SET.changed(followed) == "JIRA"


@pytest.mark.parametrize("mode", ["Conflicts", "BaseMoved", "Never"])
def test_a_new_value_rebuilds_an_open_pull_request_at_once(mode: str) -> None:
    begun = proposed(SET, refresh=mode)

    assert isinstance(begun.act, Submit)
    assert begun.act.values == {"JIRA": "A-1"}
    assert begun.act.refreshed == REVIEW
    assert told(begun).message == "url/7 does not have the new value of JIRA."


@pytest.mark.parametrize(
    "chosen", [SET, replace(SET, trouble=WRONG.trouble)], ids=["same", "wrong"]
)
def test_one_that_has_the_value_or_cannot_have_it_stays(chosen: Chosen) -> None:
    assert proposed(chosen, replace(PROPOSED, run=WITH_IT)).act is None


def test_a_removed_value_disappears() -> None:
    begun = proposed(UNSET, replace(PROPOSED, run=WITH_IT))

    assert isinstance(begun.act, Submit)
    assert begun.act.values == {}


def test_a_failed_refresh_is_retried_once_with_the_new_value() -> None:
    broken = replace(
        PROPOSED, freshness=Freshness(base=TIP, why=Why(reason="RefreshFailed", message="Broke."))
    )

    assert proposed(SET, broken).act is not None
    assert proposed(SET, replace(broken, run=WITH_IT)).act is None


def test_a_pull_request_without_a_known_run_counts_as_up_to_date() -> None:
    assert proposed(SET, replace(PROPOSED, run=None)).act is None


def test_nothing_is_pushed_over_a_persons_commit() -> None:
    decision = proposed(SET, base=replace(FINE, foreign="f" * 40))

    assert (decision.act, told(decision).reason) == (None, "ForeignCommit")
    assert "does not have the new value of JIRA, but its branch has" in told(decision).message


def test_a_held_pull_request_stays_and_says_what_it_lacks() -> None:
    decision = proposed(SET, spec=asking(hold=True))

    assert (decision.act, told(decision).reason) == (None, "Held")
    assert "does not have the new value of JIRA" in told(decision).message


def test_no_refresh_begins_with_an_invalid_value() -> None:
    decision = proposed(WRONG, base=replace(FINE, merges=False), now="2026-01-03T00:00:00Z")

    assert (decision.act, told(decision).reason) == (None, "RefreshDue")
    assert "JIRA must match." in told(decision).message


@pytest.mark.parametrize(("chosen", "expected"), [(SET, True), (UNSET, False)])
def test_a_new_value_needs_the_base_even_if_the_plan_wants_no_refresh(
    chosen: Chosen, *, expected: bool
) -> None:
    seen: Inputs = inputs(refresh="Never", chosen=chosen)

    assert needs_base(PROPOSED, seen, pull()) is expected


def test_a_refresh_that_waits_for_people_starts_over_with_the_value_and_stays_in_review() -> None:
    asked = in_conflict(review=REVIEW, question=QUESTION)
    seen = inputs(run=suspended(), chosen=SET)

    decision = decide(asked, seen, ForgeView(final=pull(), conflict=pull(number=8)))

    assert isinstance(decision.act, Stop)
    assert stands(decision.phase) == ("Finished", "PullRequestOpen")
    assert freshness_of(decision.phase).next_try == seen.now
    assert run_of(decision.phase) is None
