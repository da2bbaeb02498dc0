"""Each message to Slack is posted once, decided from a sync's state and the earlier messages."""

from typing import Any

import pytest

from resync_argo.api.sync import Conflict, SyncStatus, Thread
from resync_argo.controller.slack.announcements import due, remember
from resync_argo.notify import messages

NOW = "2026-01-01T12:00:00Z"
LONG_AGO = "2026-01-01T09:00:00Z"
ASKED = Conflict(pull_request="https://forge.test/pull/7", number=7, files=("go.mod",))
ABOUT = messages.Sync(
    plan="z-1", upstream="h/up/project", version="1.0.0", downstream="h/down/project", branch="main"
)


def sync(phase: str, **known: Any) -> SyncStatus:
    fields = {"phase": phase, "workflow": "z-1-wf", "start_time": NOW}
    return SyncStatus.model_validate({**fields, **known})


def begun(*told: str) -> Thread:
    return Thread(channel="team", id="1.0", told=told)


RUNNING = sync("Running", attempt=1)
WAITING = sync("Conflict", reason="WaitingForResolution", attempt=1, conflict=ASKED)
RESOLVED = sync("Conflict", reason="Resolved", attempt=1, conflict=ASKED)
GOES_ON = sync("Running", attempt=2, conflict=ASKED)
OPEN = sync("Finished", reason="PullRequestOpen", number=8, pull_request="https://f/8")
MERGED = OPEN.model_copy(update={"reason": "Merged", "merged": True})
FAILED = sync("Failed", reason="StepFailed", message="step `Tidy` ended with exit code 2")
CLOSED = sync("Skipped", reason="Abandoned", message="https://f/8 was closed without a merge.")


def test_a_whole_sync_is_announced_step_by_step_without_repetition() -> None:
    told: tuple[str, ...] = ()
    heard = []
    for stage in (
        RUNNING,
        RUNNING,
        WAITING,
        WAITING,
        RESOLVED,
        GOES_ON,
        GOES_ON,
        OPEN,
        MERGED,
        MERGED,
    ):
        seen = stage.model_copy(update={"thread": begun(*told) if told else None})
        if (said := due(seen, NOW)) is not None:
            heard.append(str(said))
            told = remember(told, said)

    assert heard == ["started:z-1-wf", "conflict:7", "resolved:7", "opened:8", "merged:8"]


def test_only_requests_to_people_are_loud() -> None:
    thread = begun("started:z-1-wf")
    stages = (WAITING, FAILED, RESOLVED, OPEN, MERGED, CLOSED)

    loud = [due(stage.model_copy(update={"thread": thread}), NOW) for stage in stages]

    assert [(said.kind, said.loud) for said in loud if said] == [
        ("conflict", True),
        ("failed", True),
        ("resolved", False),
        ("opened", False),
        ("merged", False),
        ("ended", False),
    ]


def test_a_missed_resolution_is_announced_when_the_sync_goes_on() -> None:
    seen = GOES_ON.model_copy(update={"thread": begun("started:z-1-wf", "conflict:7")})

    assert str(due(seen, NOW)) == "resolved:7"


def test_a_workflow_of_another_try_does_not_claim_a_resolution() -> None:
    other = GOES_ON.model_copy(update={"attempt": 1, "thread": begun("conflict:7")})

    assert due(other, NOW) is None


def test_the_next_conflict_gets_another_message() -> None:
    thread = begun("conflict:7", "resolved:7")
    next_one = ASKED.model_copy(update={"number": 9})
    seen = WAITING.model_copy(update={"conflict": next_one, "attempt": 2, "thread": thread})

    said = due(seen, NOW)

    assert str(said) == "conflict:9"
    assert said is not None
    assert said.write(ABOUT, ()).text.startswith(":warning: More conflicts in 1 file")


def test_a_repeated_failure_is_one_message() -> None:
    said = due(FAILED.model_copy(update={"thread": begun("started:x")}), NOW)
    assert said is not None
    thread = begun(*remember(("started:x",), said))
    again = FAILED.model_copy(update={"thread": thread, "workflow": "z-1-wf2", "tries": 1})
    other = again.model_copy(update={"message": "step `Build` ended with exit code 2: no space"})

    assert due(again, NOW) is None
    assert due(other, NOW) is not None


def test_the_same_failure_is_news_after_something_else() -> None:
    said = due(FAILED.model_copy(update={"thread": begun("started:x")}), NOW)
    asked = due(WAITING.model_copy(update={"thread": begun("started:x")}), NOW)
    assert said is not None
    assert asked is not None
    told = remember(remember(("started:x",), said), asked)

    assert told == ("started:x", "conflict:7")
    assert due(FAILED.model_copy(update={"thread": begun(*told)}), NOW) is not None


def test_other_numbers_do_not_make_another_failure() -> None:
    took = FAILED.model_copy(update={"message": "ended after 12.3 s"})
    said = due(took.model_copy(update={"thread": begun("started:x")}), NOW)
    assert said is not None
    longer = took.model_copy(update={"message": "ended after 12.9 s"})

    assert due(longer.model_copy(update={"thread": begun(*remember((), said))}), NOW) is None


def test_a_failure_ends_with_the_end_of_the_steps_log() -> None:
    said = due(FAILED, NOW)
    assert said is not None

    message = said.write(ABOUT, ("reading go.mod", "no such module"))

    assert "step `Tidy` ended with exit code 2" in message.text
    assert message.sections[1] == "```\nreading go.mod\nno such module\n```"


@pytest.mark.parametrize("stage", [OPEN, FAILED])
def test_old_stories_begin_no_thread(stage: SyncStatus) -> None:
    ended = stage.model_copy(update={"finish_time": LONG_AGO})

    assert due(ended, NOW) is None
    assert due(ended.model_copy(update={"finish_time": NOW}), NOW) is not None
    assert due(ended.model_copy(update={"thread": begun("started:x")}), NOW) is not None


@pytest.mark.parametrize("stage", [MERGED, CLOSED, RESOLVED, sync("Pending")])
def test_an_end_without_a_beginning_is_not_announced(stage: SyncStatus) -> None:
    assert due(stage, NOW) is None


def test_a_new_channel_does_not_get_only_the_end() -> None:
    moved = Thread(channel="new", told=("started:x",))

    assert due(MERGED.model_copy(update={"thread": moved}), NOW) is None
    assert due(WAITING.model_copy(update={"thread": moved}), NOW) is not None


def test_a_release_without_result_is_reported_in_its_thread() -> None:
    nothing = sync("Finished", reason="AlreadySynced", message="The branch contains it already.")
    seen = nothing.model_copy(update={"thread": begun("started:x")})

    said = due(seen, NOW)

    assert said is not None
    assert said.write(ABOUT, ()).text.endswith("The branch contains it already.")


def test_a_delayed_message_is_posted_later() -> None:
    old = FAILED.model_copy(update={"finish_time": LONG_AGO})

    assert due(old, NOW) is None
    assert str(due(old, NOW, is_owed=True)).startswith("failed:")


NEEDS = sync("Pending", reason="ValueMissing", message="JIRA has no value <here>.", workflow=None)


def test_a_release_that_waits_for_values_asks_once_for_each_invalid_one() -> None:
    first = due(NEEDS, NOW)
    assert first is not None
    assert (first.kind, first.opens, first.loud) == ("asked", True, True)
    assert "waits: JIRA has no value &lt;here&gt;." in first.write(ABOUT, ()).text

    told = begun(*remember((), first))
    again = NEEDS.model_copy(update={"thread": told})
    wrong = again.model_copy(update={"reason": "InvalidValue", "message": "JIRA must match."})
    assert due(again, NOW) is None
    assert due(wrong, NOW) is not None
    assert due(sync("Pending", reason="Throttled"), NOW) is None
