"""When an open pull request is rebuilt: for which reason, how often, and when it is left alone."""

from dataclasses import replace
from typing import Any

import pytest

from resync_argo.controller.forge.view import BaseView, ForgeView
from resync_argo.controller.sync.decision.decide import decide
from resync_argo.controller.sync.decision.freshness import (
    LOOK_AGAIN_SECONDS,
    needs_base,
    put_off,
    seconds_to_refresh,
)
from resync_argo.controller.sync.decision.inputs import Decision, Inputs, Submit
from resync_argo.controller.sync.decision.phases import (
    Finished,
    Freshness,
    Phase,
    Review,
    Tries,
    Why,
    freshness_of,
)
from resync_argo.forge.interface import PullRequest, PullRequestState
from resync_argo.upstream.graph import Standing
from tests.unit.controller.builders import (
    NOW,
    REVIEW,
    asking,
    failed,
    finished,
    inputs,
    pull,
    queued,
    running,
    skipped,
    stands,
)

TIP, OTHER_TIP, FOREIGN = "a" * 40, "b" * 40, "f" * 40
FREE = Standing(action="Keep", reason="PullRequestOpen", message="", may_refresh=True)
LATELY = "2026-01-01T23:30:00Z"
PROPOSED = finished("PullRequestOpen", review=REVIEW)
CONFLICTS = BaseView(tip=TIP, merges=False)
FINE = BaseView(tip=TIP, merges=True)
UNKNOWN = BaseView(tip=TIP, merges=None)
BEHIND = BaseView(tip=TIP, merges=True, is_behind=True)
HELD = replace(pull(), labels=("resync/hold",))
FAILED_HERE = Freshness(base=TIP, why=Why(reason="RefreshFailed", message="It broke."))
AGAIN = Submit(tries=Tries(number=1), force=False, refreshed=REVIEW, base=TIP)


def seeing(base: BaseView | None, **changes: Any) -> Inputs:
    """Return the inputs of a sync whose pull request may be rebuilt now."""
    return inputs(**({"standing": FREE, "base": base} | changes))


def decided(seen: Inputs, phase: Finished = PROPOSED, final: PullRequest | None = None) -> Decision:
    return decide(phase, seen, ForgeView(final=final or pull()))


def told(decision: Decision) -> str | None:
    """Return the reason why the pull request is not up to date."""
    why = freshness_of(decision.phase).why
    return why.reason if why is not None else None


@pytest.mark.parametrize(
    ("mode", "base", "begins"),
    [
        ("Conflicts", CONFLICTS, True),
        ("Conflicts", FINE, False),
        ("Conflicts", BEHIND, False),
        ("Conflicts", UNKNOWN, False),
        ("Conflicts", None, False),
        ("BaseMoved", CONFLICTS, True),
        ("BaseMoved", BEHIND, True),
        ("BaseMoved", FINE, False),
        ("BaseMoved", replace(BEHIND, merges=None), True),
        ("Never", CONFLICTS, False),
        ("Never", BEHIND, False),
    ],
)
def test_a_pull_request_is_rebuilt_when_the_plan_says(
    mode: str, base: BaseView | None, *, begins: bool
) -> None:
    decision = decided(seeing(base, refresh=mode))

    assert decision.act == (AGAIN if begins else None)
    assert stands(decision.phase) == ("Finished", "PullRequestOpen")


@pytest.mark.parametrize("mode", ["Conflicts", "BaseMoved", "Never"])
@pytest.mark.parametrize("final", [pull(), HELD], ids=["open", "held"])
def test_a_persons_request_is_executed_at_once(mode: str, final: PullRequest) -> None:
    seen = seeing(FINE, refresh=mode, spec=asking(refresh=9, hold=True))
    lately = replace(PROPOSED, ended=LATELY, freshness=FAILED_HERE)

    begun, early = decided(seen, lately, final), decided(replace(seen, base=None), lately, final)

    assert begun.act == replace(AGAIN, tries=Tries(number=1, refresh=9))
    assert early.act is None


@pytest.mark.parametrize(
    ("hold", "final"), [(True, pull()), (False, HELD)], ids=["comment", "label"]
)
def test_a_held_pull_request_stays(hold: bool, final: PullRequest) -> None:  # noqa: FBT001 - parametrized
    decision = decided(seeing(CONFLICTS, spec=asking(hold=hold)), final=final)

    assert (decision.act, told(decision)) == (None, "Held")


def test_a_persons_commit_stays_and_is_reported() -> None:
    foreign = replace(CONFLICTS, foreign=FOREIGN)
    asked = decided(seeing(foreign, spec=asking(refresh=9)))

    assert (asked.act, told(asked), asked.phase.tries.refresh) == (None, "ForeignCommit", 9)
    assert told(decided(seeing(foreign))) == "ForeignCommit"
    assert FOREIGN[:12] in (freshness_of(asked.phase).why or Why(reason="")).message
    assert told(decided(seeing(replace(FINE, foreign=FOREIGN)))) is None, "it is up to date"


def test_a_base_that_moves_every_minute_causes_one_rebuild_an_hour() -> None:
    lately = replace(PROPOSED, ended=LATELY)

    early = decided(seeing(CONFLICTS), lately)
    later = decided(seeing(CONFLICTS, now="2026-01-02T00:30:00Z"), lately)

    assert (early.act, told(early)) == (None, "RefreshDue")
    assert "2026-01-02T00:30:00Z" in (freshness_of(early.phase).why or Why(reason="")).message
    assert seconds_to_refresh(early.phase, NOW, 3600) == 1800
    assert later.act == AGAIN


@pytest.mark.parametrize(
    ("mode", "base"), [("Conflicts", CONFLICTS), ("BaseMoved", BEHIND)], ids=["conflicts", "moved"]
)
def test_there_is_no_second_rebuild_while_the_branch_stands_still(
    mode: str, base: BaseView
) -> None:
    made = replace(PROPOSED, freshness=Freshness(base=TIP))

    still = decided(seeing(base, refresh=mode), made)
    moved = decided(seeing(replace(base, tip=OTHER_TIP), refresh=mode), made)

    assert (still.act, told(still)) == (None, "StillStale")
    assert moved.act == replace(AGAIN, base=OTHER_TIP)


def test_a_failed_rebuild_is_not_retried_until_the_branch_moves() -> None:
    broken = replace(PROPOSED, freshness=FAILED_HERE)

    assert decided(seeing(CONFLICTS), broken) == Decision(phase=_open(broken))
    assert decided(seeing(FINE), broken) == Decision(phase=_open(broken)), "a person has to know"
    assert decided(seeing(replace(CONFLICTS, tip=OTHER_TIP)), broken).act is not None
    assert told(decided(seeing(replace(FINE, tip=OTHER_TIP)), broken)) is None


def test_a_temporary_problem_is_retried_whatever_the_forge_says_now() -> None:
    lost = Freshness(why=Why(reason="PodLost", message="Gone."), next_try="2026-01-02T00:05:00Z")
    waiting = replace(PROPOSED, ended=NOW, tries=Tries(number=3, failures=2), freshness=lost)

    early = decided(seeing(FINE), waiting)
    late = decided(seeing(FINE, now="2026-01-02T00:05:00Z"), waiting)

    assert early == Decision(phase=_open(waiting))
    assert seconds_to_refresh(early.phase, NOW, 3600) == 300
    assert late.act == replace(AGAIN, tries=Tries(number=4, failures=2))


def test_the_failures_of_one_refresh_are_not_those_of_the_next() -> None:
    tired = replace(PROPOSED, tries=Tries(number=3, failures=2))

    assert decided(seeing(CONFLICTS), tired).act == replace(AGAIN, tries=Tries(number=4))


def test_nothing_begins_while_the_branch_is_occupied() -> None:
    busy = Standing(action="Keep", reason="PullRequestOpen", message="1.0.1 is running.")

    decision = decided(seeing(CONFLICTS, standing=busy))

    assert (decision.act, told(decision)) == (None, "RefreshDue")
    assert "1.0.1 is running." in (freshness_of(decision.phase).why or Why(reason="")).message


def test_a_release_that_a_newer_one_contains_is_rebuilt_by_force() -> None:
    forced = replace(FREE, force=True)

    assert decided(seeing(CONFLICTS, standing=forced)).act == replace(AGAIN, force=True)


def test_the_reason_stays_while_the_forge_does_not_know_and_goes_when_it_merges() -> None:
    stale = replace(PROPOSED, freshness=Freshness(why=Why(reason="RefreshDue", message="Soon.")))

    assert told(decided(seeing(UNKNOWN), stale)) == "RefreshDue"
    assert told(decided(seeing(FINE), stale)) is None
    assert told(decided(seeing(CONFLICTS, refresh="Never"), stale)) is None


@pytest.mark.parametrize(
    ("phase", "seen", "final", "expected"),
    [
        (PROPOSED, inputs(), pull(), True),
        (PROPOSED, inputs(refresh="BaseMoved"), pull(), True),
        (PROPOSED, inputs(refresh="Never"), pull(), False),
        (PROPOSED, inputs(refresh="Never", spec=asking(refresh=1)), pull(), True),
        (PROPOSED, inputs(), HELD, False),
        (PROPOSED, inputs(spec=asking(hold=True)), pull(), False),
        (PROPOSED, inputs(spec=asking(hold=True, refresh=1)), HELD, True),
        (PROPOSED, inputs(), None, False),
        (PROPOSED, inputs(), pull(PullRequestState.MERGED), False),
        (
            finished("Merged", review=Review(url="u", number=7, merged=True)),
            inputs(),
            pull(),
            False,
        ),
        (running(review=REVIEW), inputs(), pull(), False),
        (queued(review=REVIEW), inputs(), pull(), False),
        (failed(review=REVIEW), inputs(), pull(), False),
        (skipped(review=REVIEW), inputs(), pull(), False),
    ],
)
def test_the_base_is_read_only_while_it_matters(
    phase: Phase, seen: Inputs, final: PullRequest | None, *, expected: bool
) -> None:
    assert needs_base(phase, seen, final) is expected


def test_a_refresh_that_waits_for_room_says_so_and_is_tried_again() -> None:
    due = replace(PROPOSED, freshness=Freshness(why=Why(reason="RefreshDue", message="Stale.")))

    waiting = put_off(due, "Releases wait.")
    refused = put_off(due, "Not allowed.", until="2026-01-02T00:05:00Z")

    assert waiting.freshness.why == Why(reason="RefreshDue", message="Stale. Releases wait.")
    assert seconds_to_refresh(waiting, NOW, 3600) == LOOK_AGAIN_SECONDS
    assert seconds_to_refresh(refused, NOW, 3600) == 300
    assert seconds_to_refresh(PROPOSED, NOW, 3600) is None
    assert seconds_to_refresh(running(), NOW, 3600) is None


def test_a_rebuild_of_an_open_pull_request_begins_with_its_branch() -> None:
    decision = decided(seeing(FINE, spec=asking(rebuild=3)))

    assert (stands(decision.phase), decision.act) == (("Pending", "Rebuilding"), None)


def _open(phase: Finished) -> Finished:
    """Return a sync with the sentence about its pull request."""
    return replace(phase, why=Why(reason="PullRequestOpen", message="url/7 waits for review."))
