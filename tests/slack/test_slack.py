import pytest

from resync_argo.notify.interface import (
    NO_THREAD,
    Message,
    NotificationDelayed,
    NotificationRefused,
)
from resync_argo.notify.slack import SlackNotifier
from tests.slack.receiver import SlackReceiver

HELLO = Message(text="Hello")


def notifier(slack: SlackReceiver, bot: str = "xoxb-good") -> SlackNotifier:
    return SlackNotifier(token=bot, api_url=slack.url)


@pytest.mark.parametrize("channel", ["chan-1", "#chan-1", "C0000000001"])
def test_posts_to_a_channel_by_name_or_id(slack: SlackReceiver, channel: str) -> None:
    message = Message(text="Hello", sections=("*Hello*", "world"))

    notifier(slack).post(channel, message)

    (posted,) = slack.messages("chan-1")
    assert posted.text == "Hello"
    assert [block["text"]["text"] for block in posted.blocks] == ["*Hello*", "world"]
    assert posted.thread is None


def test_keeps_later_messages_in_the_thread(slack: SlackReceiver) -> None:
    client = notifier(slack)
    thread = client.post("chan-1", HELLO)

    again = client.post("chan-1", HELLO, thread=thread)

    first, second = slack.messages("chan-1")
    assert thread == again == first.ts
    assert second.thread == first.ts


def test_a_token_that_no_header_takes_is_refused_without_showing_it(slack: SlackReceiver) -> None:
    with pytest.raises(NotificationRefused, match="must be one word") as refused:
        notifier(slack, "xoxb-one\ntwo").post("chan-1", HELLO)

    assert refused.value.reason == "SlackCredentialsRefused"
    assert "xoxb" not in str(refused.value)
    assert refused.value.__context__ is None


def test_a_channel_that_is_missing_is_told(slack: SlackReceiver) -> None:
    with pytest.raises(NotificationRefused, match=r"nowhere.*check the channel's name") as refused:
        notifier(slack).post("nowhere", HELLO)

    assert refused.value.reason == "SlackChannelNotFound"


def test_a_channel_without_the_bot_is_told(slack: SlackReceiver) -> None:
    slack.workspace.channels["closed"] = "C0000000002"

    with pytest.raises(NotificationRefused, match="invite the bot"):
        notifier(slack).post("closed", HELLO)


def test_a_bad_token_is_told_without_showing_it(slack: SlackReceiver) -> None:
    with pytest.raises(NotificationRefused, match="valid bot token") as refused:
        notifier(slack, "xoxb-secret").post("chan-1", HELLO)

    assert "xoxb" not in str(refused.value)


def test_a_missing_scope_is_named(slack: SlackReceiver) -> None:
    slack.workspace.tokens["xoxb-reader"] = frozenset({"channels:read"})

    with pytest.raises(NotificationRefused, match=r"needed: chat:write.*install it again"):
        notifier(slack, "xoxb-reader").post("chan-1", HELLO)


def test_a_message_that_is_too_long_is_told(slack: SlackReceiver) -> None:
    with pytest.raises(NotificationRefused, match="msg_too_long: shorten the message"):
        notifier(slack).post("chan-1", Message(text="x" * 40_001))


def test_too_many_sections_are_told(slack: SlackReceiver) -> None:
    with pytest.raises(NotificationRefused, match="invalid_blocks"):
        notifier(slack).post("chan-1", Message(text="x", sections=("y",) * 51))


def test_a_rate_limit_says_how_long_to_wait(slack: SlackReceiver) -> None:
    slack.workspace.rate_limited, slack.workspace.retry_after = 1, 30
    client = notifier(slack)

    with pytest.raises(NotificationDelayed) as delayed:
        client.post("chan-1", HELLO)

    assert delayed.value.retry_after == 30
    client.post("chan-1", HELLO)
    assert len(slack.workspace.requests) == 2, "nothing is tried again behind the caller's back"


def test_an_outage_is_tried_again_later(slack: SlackReceiver) -> None:
    slack.workspace.unavailable = 1

    with pytest.raises(NotificationDelayed, match="service_unavailable"):
        notifier(slack).post("chan-1", HELLO)


def test_no_answer_is_tried_again_later() -> None:
    client = SlackNotifier(token="xoxb-good", api_url="http://127.0.0.1:9/api/")

    with pytest.raises(NotificationDelayed, match="no answer"):
        client.post("chan-1", HELLO)


def test_a_thread_of_a_webhook_is_none_for_a_bot(slack: SlackReceiver) -> None:
    first = notifier(slack).post("chan-1", HELLO, thread=NO_THREAD)

    (posted,) = slack.messages("chan-1")
    assert (posted.thread, posted.ts) == (None, first)
