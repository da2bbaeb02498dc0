"""A temporary problem needs nobody, a bug holds up nobody, and a person's problem ends with its cause."""

from dataclasses import replace
from typing import Any

import pytest

from resync_argo.contract import Report
from resync_argo.controller.forge.view import ForgeView
from resync_argo.controller.state.workflow import Run
from resync_argo.controller.sync.decision.decide import decide
from resync_argo.controller.sync.decision.inputs import NOTHING_SEEN, Stop, Submit
from resync_argo.controller.sync.decision.phases import Failed, Phase, Queued, Tries
from resync_argo.controller.sync.decision.stored import load, store
from resync_argo.controller.sync.decision.trouble import seconds_to_next_try
from resync_argo.reasons.catalogue import REASONS
from resync_argo.reasons.reason import Kind
from tests.unit.controller.builders import (
    BEFORE,
    NOW,
    asking,
    failed,
    inputs,
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

SOON = "2026-01-02T00:00:30Z"
LATE = "2026-01-02T12:00:00Z"
DUE = standing("Submit", "Next")


def ended(reason: str, **report: Any) -> Run:
    """Return a Workflow whose `main` reported why it failed."""
    told = Report(reason=reason, message="The forge answered 503", **report)
    return run("Failed", report=told, message=told.message, exit_code=1)


def after(reason: str, *, failures: int = 0, **report: Any) -> Phase:
    """Return the phase of a running sync after it ended with a reason."""
    before = running(tries=Tries(failures=failures))
    return decide(before, inputs(run=ended(reason, **report)), NOTHING_SEEN).phase


def waits_for(phase: Phase) -> float:
    """Return the seconds until a sync is retried."""
    seconds = seconds_to_next_try(phase, NOW)
    assert seconds is not None
    return seconds


PASSING = sorted(word for word, reason in REASONS.items() if reason.kind is Kind.PASSING)
LEFT_OUT = "NotACommit"
"""What nobody has to fix: the release is skipped."""
PERSONS = sorted(
    word for word, reason in REASONS.items() if reason.kind is Kind.PERSON and word != LEFT_OUT
)


@pytest.mark.parametrize("reason", PASSING)
def test_a_temporary_problem_does_not_fail_the_sync_and_says_when_it_is_retried(
    reason: str,
) -> None:
    phase = after(reason)

    assert isinstance(phase, Queued)
    assert phase.why.reason == reason
    assert phase.why.message == f"The forge answered 503. The next try begins at {phase.next_try}."
    assert 48 <= waits_for(phase) <= 72


@pytest.mark.parametrize("reason", [*PERSONS, "OfALaterRelease"])
def test_a_problem_for_a_person_fails_the_sync_and_keeps_its_message(reason: str) -> None:
    phase = after(reason)

    assert stands(phase) == ("Failed", reason)
    assert phase.why.message == "The forge answered 503"
    assert seconds_to_next_try(phase, NOW) is None


def test_the_waits_double_up_to_half_an_hour_and_never_end() -> None:
    waits = [waits_for(after("ForgeUnavailable", failures=n)) / 60 for n in (0, 1, 2, 3, 10, 1000)]

    assert all(
        0.8 * n <= wait <= 1.2 * n for n, wait in zip((1, 2, 4, 8, 30, 30), waits, strict=True)
    )


def test_an_administrator_sets_the_first_wait() -> None:
    befores = [running(tries=Tries(failures=failures)) for failures in (0, 1, 1000)]
    given = inputs(run=ended("ForgeUnavailable"), retry_seconds=10.0)

    waits = [waits_for(decide(before, given, NOTHING_SEEN).phase) for before in befores]

    assert all(0.8 * n <= wait <= 1.2 * n for n, wait in zip((10, 20, 300), waits, strict=True))


def test_runs_that_fail_together_do_not_come_back_together() -> None:
    names = [f"w-{number}" for number in range(20)]
    befores = [running(run=replace(running().run, workflow=name)) for name in names]
    runs = [replace(ended("ForgeUnavailable"), metadata=run(name=n).metadata) for n in names]

    waits = {
        waits_for(decide(before, inputs(run=each), NOTHING_SEEN).phase)
        for before, each in zip(befores, runs, strict=True)
    }

    assert len(waits) > 5


def test_a_longer_wait_that_the_forge_requests_is_kept() -> None:
    assert waits_for(after("RateLimited", retry_after=3000.0)) == 3000


def test_nothing_starts_before_its_time_and_everything_at_it() -> None:
    phase = after("ForgeUnavailable")
    assert isinstance(phase, Queued)
    at = inputs(standing=DUE, now=phase.next_try)

    early = decide(phase, inputs(standing=DUE, now=SOON), NOTHING_SEEN)
    due = decide(phase, at, NOTHING_SEEN)

    assert (early.phase, early.act) == (phase, None)
    assert due.act == Submit(tries=Tries(number=1, failures=1), force=False)


def test_waiting_for_a_turn_does_not_hide_the_problem_too_early() -> None:
    phase, busy = after("ForgeUnavailable"), standing("Wait", "UpstreamNotRead")

    assert decide(phase, inputs(standing=busy), NOTHING_SEEN).phase == phase
    late = decide(phase, inputs(standing=busy, now=LATE), NOTHING_SEEN).phase
    assert stands(late) == ("Pending", "UpstreamNotRead")


@pytest.mark.parametrize(
    "asked",
    [{"spec": asking(retry=1)}, {"template_hash": "hash-2"}],
    ids=["a person asks", "the Plan changed"],
)
def test_peoples_requests_and_changes_need_not_wait(asked: dict[str, Any]) -> None:
    decided = decide(after("ForgeUnavailable"), inputs(standing=DUE, **asked), NOTHING_SEEN)

    assert isinstance(decided.act, Submit)


def test_a_persons_retry_resets_the_count() -> None:
    phase = after("ForgeUnavailable", failures=7)

    decided = decide(phase, inputs(standing=DUE, spec=asking(retry=1)), NOTHING_SEEN)

    assert decided.act == Submit(tries=Tries(number=1, retry=1), force=False)


def test_a_run_that_reached_a_conflict_resets_the_count() -> None:
    before = running(tries=Tries(failures=7))

    phase = decide(before, inputs(run=suspended()), ForgeView(conflict=pull())).phase

    assert phase.tries.failures == 0


@pytest.mark.parametrize(
    "message",
    [
        "pod deleted",
        "Pod was rejected: The node had condition: [DiskPressure].",
        "The node was low on resource: memory. Threshold quantity: 100Mi",
        "Pod was terminated in response to imminent node shutdown.",
        "Preempted in order to admit critical pod",
        "Pod was evicted by the descheduler",
        "Unexpected error: UnexpectedAdmissionError",
        "checkout: Error (exit code 137): ",
        "main: Error (exit code 143): ",
        "checkout: container deleted",
    ],
)
def test_a_lost_pod_is_retried(message: str) -> None:
    lost = run("Failed", message=message, exit_code=None)

    phase = decide(running(), inputs(run=lost), NOTHING_SEEN).phase

    assert stands(phase) == ("Pending", "PodLost")
    assert message.rstrip(".") in phase.why.message


@pytest.mark.parametrize("container", ["wait", "init"])
def test_a_failure_of_argos_executor_is_retried(container: str) -> None:
    said = f"{container}: Error (exit code 64): workflowtaskresults.argoproj.io is forbidden"
    failed = run("Failed", message=said, exit_code=None)

    phase = decide(running(), inputs(run=failed), NOTHING_SEEN).phase

    assert stands(phase) == ("Pending", "ExecutorFailed")
    assert "is forbidden" in phase.why.message


def test_a_container_that_ran_out_of_memory_is_not_a_lost_pod() -> None:
    killed = run("Failed", message="work: OOMKilled (exit code 137): ", exit_code=137)

    phase = decide(running(), inputs(run=killed), NOTHING_SEEN).phase

    assert stands(phase) == ("Failed", "StepFailed")


def test_a_run_whose_pod_is_gone_is_stopped_and_retried() -> None:
    forgotten = run(pod="w-1-attempt-7")

    decision = decide(running(), inputs(run=forgotten, is_pod_gone=True), NOTHING_SEEN)

    assert stands(decision.phase) == ("Pending", "PodLost")
    assert "Pod w-1-attempt-7 is gone" in decision.phase.why.message
    assert waits_for(decision.phase) > 0
    assert isinstance(decision.act, Stop)
    assert decision.act.run is forgotten


def test_a_crash_between_stop_and_status_decides_the_same() -> None:
    forgotten = run(pod="w-1-attempt-7")
    first = decide(running(), inputs(run=forgotten, is_pod_gone=True), NOTHING_SEEN)
    assert isinstance(first.act, Stop)
    told = Report(reason=first.act.reason, message=first.act.message)
    ended = run("Stopped", shutdown=True, stopped=told)

    for stopped in (replace(forgotten, shutdown=True, stopped=told), ended):
        again = decide(running(), inputs(run=stopped), NOTHING_SEEN)
        assert again.phase == first.phase
        assert again.act is None


def test_a_suspended_run_has_no_pod_to_lose() -> None:
    decision = decide(running(), inputs(run=suspended(), is_pod_gone=True), NOTHING_SEEN)

    assert stands(decision.phase)[0] == "Failed"  # according to the forge, nobody was asked
    assert decision.phase.why.reason == "PullRequestMissing"


def test_a_template_that_argo_does_not_know_yet_is_retried() -> None:
    unseen = run("Failed", message='workflowtemplates.argoproj.io "p" not found', exit_code=None)

    phase = decide(running(), inputs(run=unseen), NOTHING_SEEN).phase

    assert stands(phase) == ("Pending", "TemplateNotSeen")


@pytest.mark.parametrize(
    "message",
    [
        "Pod was active on the node longer than the specified deadline",
        'pods "x" is forbidden: violates PodSecurity "restricted:latest"',
        "main: OOMKilled (exit code 137)",
        'a step: workflowtemplates.argoproj.io "p" not found',
    ],
)
def test_a_pod_that_would_fail_again_is_not_retried(message: str) -> None:
    phase = decide(running(), inputs(run=run("Failed", message=message)), NOTHING_SEEN).phase

    assert stands(phase) == ("Failed", "StepFailed")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ('ImagePullBackOff: Back-off pulling image "x"', "ImageNotPulled"),
        ("ErrImagePull: unauthorized", "ImageNotPulled"),
        ("Unschedulable: 0/3 nodes are available: 3 Insufficient memory.", "NoRoomOnNodes"),
        ("Running merge.", "Running"),
    ],
)
def test_a_pod_that_has_not_begun_says_why(message: str, reason: str) -> None:
    waiting = decide(running(), inputs(run=run(message=message)), NOTHING_SEEN)

    assert (stands(waiting.phase), waiting.act) == (("Running", reason), None)
    assert waiting.phase.why.message == message


def test_a_pod_that_has_not_begun_ends_when_the_plan_changes() -> None:
    waits, works = run(message="ImagePullBackOff: x"), run(message="Running merge.")
    changed = {"template_hash": "hash-2"}

    decided = decide(running(), inputs(run=waits, **changed), NOTHING_SEEN)

    assert stands(decided.phase) == ("Pending", "PlanChanged")
    assert isinstance(decided.act, Stop)
    assert decide(running(), inputs(run=works, **changed), NOTHING_SEEN).act is None


def test_a_bug_is_retried_and_then_shown_and_retried_slowly() -> None:
    first, second, third = (after("InternalError", failures=n) for n in (0, 1, 2))

    assert stands(first) == stands(second) == ("Pending", "InternalError")
    assert stands(third) == ("Failed", "InternalError")
    assert waits_for(third) >= 3600


def test_a_shown_bug_is_retried_later() -> None:
    bug = after("InternalError", failures=2)

    early = decide(bug, inputs(), NOTHING_SEEN).phase
    due = decide(bug, inputs(now=LATE), NOTHING_SEEN).phase

    assert early == bug
    assert stands(due) == ("Pending", "TriedAgain")
    assert decide(due, inputs(standing=DUE, now=LATE), NOTHING_SEEN).act is not None


LACKING = failed("PermissionMissing", secrets="v1")


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ({}, ("Failed", "PermissionMissing")),
        ({"secrets": "v1"}, ("Failed", "PermissionMissing")),
        ({"secrets": "v2"}, ("Pending", "SecretChanged")),
        ({"granted_since": "2025-12-31T00:00:00Z"}, ("Failed", "PermissionMissing")),
        ({"granted_since": BEFORE}, ("Pending", "AccessGranted")),
        ({"granted_since": SOON}, ("Pending", "AccessGranted")),
    ],
    ids=[
        "unknown",
        "the same Secret",
        "another Secret",
        "granted before",
        "granted in the same second",
        "granted since",
    ],
)
def test_a_sync_that_lacked_access_goes_on_once_that_is_fixed(
    seen: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert stands(decide(LACKING, inputs(**seen), NOTHING_SEEN).phase) == expected


def test_neither_restarts_a_failed_step() -> None:
    repaired = inputs(secrets="v2", granted_since=SOON)

    assert decide(failed("StepFailed", secrets="v1"), repaired, NOTHING_SEEN).phase == failed(
        "StepFailed", secrets="v1"
    )


def test_a_failure_for_lack_of_access_remembers_its_secrets() -> None:
    seen = inputs(run=ended("CredentialsRefused"), secrets="v1")

    phase = decide(running(), seen, NOTHING_SEEN).phase

    assert isinstance(phase, Failed)
    assert phase.secrets == "v1"


@pytest.mark.parametrize(
    "phase",
    [
        queued("RateLimited", next_try=LATE, tries=Tries(failures=3)),
        failed("InternalError", next_try=LATE, tries=Tries(failures=3)),
        LACKING,
    ],
    ids=["waits", "a bug", "lacks access"],
)
def test_the_cause_of_a_wait_survives_a_restart(phase: Phase) -> None:
    assert load(store(phase, sync(), tag(), (), now=NOW)) == phase
