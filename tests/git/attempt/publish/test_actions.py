"""When an action runs, and what the chat shows."""

import pytest

from resync_argo.attempt.context import ReplayInput
from resync_argo.attempt.publish.actions import require_action, run_action
from resync_argo.attempt.results import Result, save_result
from resync_argo.contract import CHECKOUT, Outcome, StepContract
from resync_argo.errors import ResyncError
from tests.git.builders import Run, World
from tests.git.steps import notification_step, pull_request_step

ADDRESS = "https://forge.test/downstream/project/pull/7"
SYNCED_ALREADY = Result(outcome=Outcome.ALREADY_SYNCED, reason="AlreadySynced", message="Is in.")


def checked_out(world: World, *steps: str | StepContract) -> Run:
    """Return a run whose checkout succeeded."""
    run = world.attempt(*steps)
    run.attempt.save(
        ReplayInput(head="a" * 40, tag="v1.1.0", tag_commit="b" * 40, version="1.1.0", date=0)
    )
    save_result(run.attempt, CHECKOUT, Result())
    return run


def told(world: World) -> list[tuple[str, tuple[str, ...]]]:
    """Return the posted line and paragraphs."""
    return [(message.text, message.sections) for _, message in world.notifier.posted]


def test_only_an_action_of_the_plan_is_run(world: World) -> None:
    run = world.attempt(notification_step("x", "first"), "true", pull_request_step())

    require_action(run.attempt, "first")
    require_action(run.attempt, "create-pr")
    for other in (next(iter(run.scripts)), "10-other"):
        with pytest.raises(ResyncError, match="has no action"):
            require_action(run.attempt, other)


def test_after_a_failed_step_nothing_is_posted(world: World) -> None:
    run = checked_out(world, "true", notification_step("Done"))

    result = run_action(run.attempt, "tell", code_before=1)

    assert (result.skipped, result.exit_code) == (True, 0)
    assert "exit code 1" in result.message
    assert told(world) == []


@pytest.mark.parametrize("found_by", [CHECKOUT, "create-pr"])
def test_without_anything_to_sync_nothing_is_posted(world: World, found_by: str) -> None:
    run = checked_out(world, pull_request_step(), notification_step("Done"))
    save_result(run.attempt, found_by, SYNCED_ALREADY)

    result = run_action(run.attempt, "tell", code_before=0)

    assert result == SYNCED_ALREADY
    assert result.exit_code == 0
    assert told(world) == []


def test_each_notification_posts_its_own_text_to_its_channel(world: World) -> None:
    run = checked_out(world, notification_step("One", "one"), notification_step("Two"))

    for container in ("tell", "one"):
        assert run_action(run.attempt, container, code_before=0) == Result()

    assert told(world) == [("Two", ()), ("One", ())]
    assert {channel for channel, _ in world.notifier.posted} == {"news"}


@pytest.mark.parametrize(
    ("message", "paragraphs"),
    [("Synced", ("Synced",)), ("Synced\nLook at it", ("Synced\nLook at it",))],
)
def test_a_notification_links_the_pull_request_once_there_is_one(
    world: World, message: str, paragraphs: tuple[str, ...]
) -> None:
    run = checked_out(
        world, notification_step("x", "first"), pull_request_step(), notification_step(message)
    )
    save_result(run.attempt, "first", Result())
    save_result(run.attempt, "create-pr", Result(pull_request=ADDRESS))

    result = run_action(run.attempt, "tell", code_before=0)

    assert result.pull_request == ADDRESS
    assert told(world) == [("Synced", (*paragraphs, f"<{ADDRESS}|The pull request>"))]


def test_a_script_is_not_an_action(world: World) -> None:
    run = checked_out(world, "true", notification_step("x"))

    with pytest.raises(ResyncError, match="is not an action"):
        run_action(run.attempt, next(iter(run.scripts)), code_before=0)

    assert told(world) == []
