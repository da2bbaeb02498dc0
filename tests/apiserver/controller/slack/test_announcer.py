"""Slack gets each message about a release once, in one thread, whatever happens in between."""

import pytest

from resync_argo.controller.kube.api import SYNCS
from resync_argo.forge.interface import PullRequestState
from tests.apiserver.lab import Lab
from tests.cluster.waiting import wait_for
from tests.slack.receiver import SlackMessage, SlackReceiver

pytestmark = pytest.mark.apiserver

SLACK = {"credentials": {"secretSelector": "slack"}, "channel": "chan-1"}
FAILURE = "StepFailed: step `Tidy` ended with exit code 2: no such module"


@pytest.fixture
def told(lab: Lab, slack: SlackReceiver) -> SlackReceiver:
    """A lab in which a Plan names a channel."""
    lab.slack_url = slack.url
    lab.add_secret("slack", token="xoxb-good")
    lab.add_plan(slack=SLACK)
    return slack


def heard(slack: SlackReceiver, count: int) -> list[SlackMessage]:
    """Wait for a number of messages and return all."""
    wait_for(
        lambda: len(slack.messages("chan-1")) >= count,
        deadline_seconds=20.0,
        describe=lambda: f"{count} messages; there are {slack.messages('chan-1')}",
    )
    return slack.messages("chan-1")


def test_a_release_is_one_thread_from_its_beginning_to_its_merge(
    lab: Lab, told: SlackReceiver
) -> None:
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        heard(told, 1)
        conflict = lab.forge.open("resync/z-1/conflicts/1.0.0/ab12/head", files=("go.mod",))
        lab.argo_suspends(name, "ab12")
        heard(told, 2)
        lab.forge.set_state(conflict.number, PullRequestState.MERGED)
        heard(told, 3)
        final = lab.forge.open("resync/z-1/1.0.0")
        lab.argo_ends(name, 0, attempt=2)
        heard(told, 4)
        lab.forge.set_state(final.number, PullRequestState.MERGED)
        messages = heard(told, 5)

    assert [message.text.split(" ")[0] for message in messages] == [
        ":arrows_counterclockwise:",
        ":warning:",
        ":handshake:",
        ":rocket:",
        ":white_check_mark:",
    ]
    first, *others = messages
    assert first.thread is None
    assert {message.thread for message in others} == {first.ts}
    assert [message.loud for message in others] == [True, False, False, False]
    blocks = [block["text"]["text"] for block in messages[1].blocks]
    assert "• `go.mod`" in blocks
    assert any(conflict.url in block for block in blocks)


def test_through_a_webhook_each_message_is_separate(lab: Lab, slack: SlackReceiver) -> None:
    lab.slack_url = slack.url
    lab.add_secret("slack", webhook=slack.webhook)
    lab.add_plan(slack=SLACK)
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        heard(slack, 1)
        lab.forge.open("resync/z-1/1.0.0")
        lab.argo_ends(name, 0)
        messages = heard(slack, 2)

    assert [message.text.split(" ")[0] for message in messages] == [
        ":arrows_counterclockwise:",
        ":rocket:",
    ]
    assert [message.thread for message in messages] == [None, None]


def test_a_repeated_failure_is_posted_once_with_the_end_of_the_log(
    lab: Lab, told: SlackReceiver
) -> None:
    with lab.running() as controller:
        first = lab.wait_for_run("1.0.0")
        lab.argo_ends(first, 1, f"{FAILURE}\nreading go.mod\nno such module")
        lab.wait_until("1.0.0", "Failed")
        heard(told, 2)
        lab.ask("1.0.0", retry=1)
        second = lab.wait_for_run("1.0.0", other_than=first)
        lab.argo_ends(second, 1, f"{FAILURE}\nreading go.mod\nno such module")
        lab.wait_until("1.0.0", "Failed")
        lab.wait_until_idle(controller)
        messages = told.messages("chan-1")

    assert len(messages) == 2
    assert messages[1].loud
    assert "```\nreading go.mod\nno such module\n```" in [
        block["text"]["text"] for block in messages[1].blocks
    ]
    sync = lab.sync("1.0.0")
    assert sync is not None
    assert sync.message == FAILURE.partition(": ")[2]


def test_a_restarted_controller_continues_the_thread(lab: Lab, told: SlackReceiver) -> None:
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        (first,) = heard(told, 1)
        wait_for(
            lambda: (sync := lab.sync("1.0.0")) and sync.thread,
            deadline_seconds=10,
            describe="the thread to be noted",
        )
    lab.forge.open("resync/z-1/1.0.0")
    lab.argo_ends(name, 0)

    with lab.running() as controller:
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        heard(told, 2)
        lab.wait_until_idle(controller)

    assert [message.thread for message in told.messages("chan-1")] == [None, first.ts]


def test_a_rate_limit_of_slack_is_kept_and_holds_up_nothing(lab: Lab, told: SlackReceiver) -> None:
    told.workspace.rate_limited, told.workspace.retry_after = 1, 4
    with lab.running():
        name = lab.wait_for_run("1.0.0")
        wait_for(lambda: told.workspace.requests, deadline_seconds=10, describe="a message")
        lab.forge.open("resync/z-1/1.0.0")
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        asked_meanwhile = len(told.workspace.requests)
        messages = heard(told, 1)

    assert asked_meanwhile == 1, "no other message was tried before the time had come"
    assert messages[0].text.startswith(":rocket:"), "what is out of date is left out"


def test_a_refusing_channel_is_reported_on_the_plan_until_a_message_arrives(
    lab: Lab, told: SlackReceiver
) -> None:
    told.workspace.joined.clear()

    def verdict() -> str | None:
        conditions = {c.type: c for c in lab.plan().status.conditions}
        found = conditions.get("ChannelReachable")
        return found.reason if found else None

    with lab.running():
        lab.wait_for_run("1.0.0")
        wait_for(
            lambda: verdict() == "SlackNotInChannel", deadline_seconds=10, describe="the refusal"
        )
        ready = {c.type: c.status for c in lab.plan().status.conditions}["Ready"]
        told.workspace.joined.add("chan-1")
        heard(told, 1)
        wait_for(lambda: verdict() == "Posted", deadline_seconds=10, describe="the good news")

    assert ready == "True"


def test_syncs_that_ended_before_the_channel_existed_are_not_announced(
    lab: Lab, slack: SlackReceiver
) -> None:
    lab.slack_url = slack.url
    lab.add_secret("slack", token="xoxb-good")
    lab.add_plan()
    with lab.running() as controller:
        name = lab.wait_for_run("1.0.0")
        pull = lab.forge.open("resync/z-1/1.0.0")
        lab.argo_ends(name, 0)
        lab.wait_until("1.0.0", "Finished", "PullRequestOpen")
        lab.forge.set_state(pull.number, PullRequestState.MERGED)
        lab.wait_until("1.0.0", "Finished", "Merged")
        lab.add_plan(slack=SLACK)
        lab.wait_until_idle(controller)

    assert slack.messages("chan-1") == []


def test_a_message_that_was_recorded_late_is_not_repeated(lab: Lab, told: SlackReceiver) -> None:
    with lab.running() as controller:
        lab.wait_for_run("1.0.0")
        for number in range(10):
            sync = lab.sync_object("1.0.0")
            assert sync is not None
            change = {"metadata": {"labels": {"somebody": f"writes-{number}"}}}
            lab.kube.patch(SYNCS, sync.metadata.key, change)
        heard(told, 1)
        lab.wait_until_idle(controller)
        messages = told.messages("chan-1")

    assert len(messages) == 1
