"""The outcome of an attempt, and its notifications."""

import os
from pathlib import Path

import pytest

from resync_argo.attempt.outcome import conclude
from resync_argo.attempt.publish.actions import require_action, run_action
from resync_argo.attempt.results import Result, save_result
from resync_argo.contract import CHECKOUT, Outcome, Report
from resync_argo.errors import ResyncError
from tests.git.builders import BRANCH, Run, World
from tests.git.steps import notification_step, pull_request_step

MERGE = "git merge $UPSTREAM_REF"


def ran(world: World, *scripts: str) -> Run:
    """Check out and run scripts until one fails; later ones do not run."""
    run = world.attempt(*scripts)
    run.check_out()
    failed = False
    for container in run.scripts:
        if failed:
            claim(run, container, "0")
        else:
            failed = run.step(container).returncode != 0
    return run


def claim(run: Run, container: str, code: str) -> None:
    file = run.attempt.layout.exit_code(container)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(code)


def test_a_successful_attempt_is_synced(world: World) -> None:
    run = world.attempt(MERGE, pull_request_step(), notification_step("Out: $UPSTREAM_TAG"))
    run.propose()

    result = conclude(run.attempt)

    assert result.outcome is Outcome.SYNCED
    assert result.pull_request == world.forge.pulls[0].url
    ((channel, message),) = world.notifier.posted
    assert channel == "news"
    assert message.sections[0] == "Out: v1.1.0"
    assert world.forge.pulls[0].url in message.sections[1]


def test_a_failed_step_is_named_with_its_exit_code_and_the_end_of_its_log(world: World) -> None:
    run = ran(world, MERGE, "printf 'reading\\nno such module\\n' >&2; exit 3", "true")

    result = conclude(run.attempt)

    assert result.outcome is Outcome.FAILED
    assert str(result.report) == (
        "StepFailed: step `printf 'reading\\nno such module\\n' >&2; exit 3` ended with exit code 3:"
        " no such module"
    )
    assert result.lines == ("reading", "no such module")
    assert world.notifier.posted == [], "the controller tells, which knows what it told before"


def test_the_reported_log_fits_into_a_termination_message(world: World) -> None:
    many = "i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo line $i >&2; done; exit 1"
    run = ran(world, *(["true"] * 8), many)

    report = conclude(run.attempt).report

    assert report is not None
    share = 12 * 1024 // (9 + 4)
    assert share - 20 < len(report.whole) < share
    assert report.lines[-1] == "line 500"
    assert Report.parse(f"main: Error (exit code 1): {report.whole}") == report


def test_a_killed_step_is_reported_with_what_to_do(world: World) -> None:
    run = ran(world, "kill -KILL $$")

    assert "config.resources.limits.memory" in conclude(run.attempt).message


def test_a_conflict_is_an_outcome_and_a_pull_request(world: World) -> None:
    world.downstream.commit(BRANCH, {"VERSION": "ours\n"})
    run = ran(world, MERGE, "touch later")

    result = conclude(run.attempt)

    assert result.outcome is Outcome.CONFLICT
    assert "1 file in conflict" in result.message
    assert not (run.work_tree / "later").exists()
    assert len(world.forge.pulls) == 1


def test_nothing_to_do_is_a_separate_outcome(world: World) -> None:
    run = world.attempt(MERGE)
    sentence = "1.1.0 is contained"
    result = Result(outcome=Outcome.ALREADY_SYNCED, reason="AlreadySynced", message=sentence)
    save_result(run.attempt, CHECKOUT, result)

    assert conclude(run.attempt) == result
    assert world.notifier.posted == []


def test_a_failed_checkout_is_reported_with_its_reason(world: World) -> None:
    run = world.attempt(MERGE)
    failed = Result(outcome=Outcome.FAILED, reason="TagMoved", message="It moved.")
    save_result(run.attempt, CHECKOUT, failed)

    assert conclude(run.attempt) == failed


def test_an_action_after_a_failed_step_does_nothing(world: World) -> None:
    run = world.attempt("false", pull_request_step())
    run.check_out()

    result = run_action(run.attempt, "create-pr", code_before=1)

    assert (result.skipped, result.exit_code) == (True, 0)
    assert world.forge.pulls == []


def test_only_an_action_of_the_plan_is_run(world: World) -> None:
    run = world.attempt(MERGE, pull_request_step())

    require_action(run.attempt, "create-pr")
    with pytest.raises(ResyncError):
        require_action(run.attempt, "git-merge-upstream-ref")


def test_a_foreign_commit_is_the_outcome(world: World) -> None:
    world.downstream.commit("resync/z-release/1.1.0", {"t": "t"})
    run = world.attempt(MERGE, pull_request_step())
    run.propose()

    assert conclude(run.attempt).outcome is Outcome.FOREIGN_COMMIT


@pytest.mark.parametrize("forged", ["link", "fifo", "folder", "text"])
def test_a_forged_exit_code_is_a_failure_and_never_followed(
    world: World, tmp_path: Path, forged: str
) -> None:
    run = world.attempt("true")
    run.check_out()
    file = run.attempt.layout.exit_code("true")
    file.parent.mkdir(parents=True)
    (tmp_path / "secret").write_text("0")
    match forged:
        case "link":
            file.symlink_to(tmp_path / "secret")
        case "fifo":
            os.mkfifo(file)
        case "folder":
            file.mkdir()
        case _:
            file.write_text("0; id")

    assert conclude(run.attempt).outcome is Outcome.FAILED


def test_a_forged_conflict_is_refused(world: World) -> None:
    run = world.attempt("true")
    run.check_out()
    run.control.request.write_text("step ../../x\nend\n")
    run.resolver.look()
    claim(run, "true", "10")

    result = conclude(run.attempt)

    assert result.outcome is Outcome.FAILED
    assert world.forge.pulls == []
