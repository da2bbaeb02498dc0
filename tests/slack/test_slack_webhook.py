"""An incoming webhook: one address, one channel, no threads, and never shown."""

from pathlib import Path

import pytest

from resync_argo.exchange import Bounds
from resync_argo.notify.interface import (
    NO_THREAD,
    Message,
    NotificationDelayed,
    NotificationRefused,
)
from resync_argo.notify.slack_secret import mounted_notifier, notifier_of
from resync_argo.notify.slack_webhook import SlackWebhook
from tests.hosts import Reply, misbehaving, scripted
from tests.slack.receiver import SlackReceiver

HELLO = Message(text="Hello", sections=("*Hello*", "world"))


def webhook(slack: SlackReceiver, address: str = "") -> SlackWebhook:
    return SlackWebhook(address=address or slack.webhook, api_url=slack.url)


def test_each_message_stands_by_itself_in_the_webhooks_channel(slack: SlackReceiver) -> None:
    client = webhook(slack)

    threads = [client.post("another", HELLO), client.post("another", HELLO, thread=NO_THREAD)]

    assert threads == [NO_THREAD, NO_THREAD]
    first, second = slack.messages("chan-1")
    assert first.thread is second.thread is None
    assert [block["text"]["text"] for block in first.blocks] == ["*Hello*", "world"]


def test_a_webhook_that_was_taken_back_is_told_without_its_address(slack: SlackReceiver) -> None:
    client = webhook(slack, slack.webhook.replace("good", "secret"))

    with pytest.raises(NotificationRefused, match="no_service: make a new webhook") as refused:
        client.post("", HELLO)

    assert refused.value.reason == "SlackCredentialsRefused"
    assert "secret" not in str(refused.value)


def test_a_channel_that_is_gone_is_told(slack: SlackReceiver) -> None:
    slack.workspace.channels.clear()

    with pytest.raises(NotificationRefused) as refused:
        webhook(slack).post("", HELLO)

    assert refused.value.reason == "SlackChannelNotFound"


def test_the_wait_is_what_slack_asks_for(slack: SlackReceiver) -> None:
    slack.workspace.rate_limited, slack.workspace.retry_after = 1, 7

    with pytest.raises(NotificationDelayed, match="rate_limited") as delayed:
        webhook(slack).post("", HELLO)

    assert delayed.value.retry_after == 7
    webhook(slack).post("", HELLO)


@pytest.mark.parametrize(
    "reply",
    [Reply(status=500, body="rollup_error"), Reply(status=200, body="<html>"), Reply(status=503)],
    ids=str,
)
def test_what_slack_did_not_take_is_tried_again(reply: Reply) -> None:
    with scripted(lambda _: reply) as host:
        client = SlackWebhook(address=f"{host.url}/services/x", api_url=f"{host.url}/api/")

        with pytest.raises(NotificationDelayed):
            client.post("", HELLO)


def test_a_host_that_says_nothing_holds_nothing_up_and_the_address_stays_unsaid() -> None:
    bounds = Bounds(seconds=0.5, answer_bytes=1000)
    with misbehaving(b"", b"") as host:
        address = f"{host.url}/services/secret"
        client = SlackWebhook(address=address, api_url=f"{host.url}/api/", bounds=bounds)

        with pytest.raises(NotificationDelayed, match=r"within 0\.5 s") as delayed:
            client.post("", HELLO)

    assert "secret" not in str(delayed.value)
    assert delayed.value.__cause__ is None


@pytest.mark.parametrize(
    "address",
    [
        *("https://169.254.169.254/latest", "http://hooks.slack.com/services/x", "https://slack"),
        *("https://hooks.slack.com.evil.test/x", "https://hooks.slack.com@evil.test/x"),
        *("https://hooks.slack.com:8443/x", "https://hooks.slack.com/a\nb", "ftp://slack.com/x"),
    ],
)
def test_nothing_but_slack_is_asked(address: str) -> None:
    with pytest.raises(
        NotificationRefused, match="must be the address of an incoming webhook"
    ) as no:
        SlackWebhook(address=address, api_url="https://slack.com/api/")

    assert address not in str(no.value)


@pytest.mark.parametrize("api", ["slack.com", "slack-gov.com"])
def test_slack_has_webhooks_on_a_host_of_their_own(api: str) -> None:
    SlackWebhook(address=f"https://hooks.{api}/services/T/B/x", api_url=f"https://{api}/api/")


def test_a_mounted_secret_says_which_way(slack: SlackReceiver, tmp_path: Path) -> None:
    with pytest.raises(NotificationRefused, match="needs the key `token` or `webhook`"):
        mounted_notifier(tmp_path, api_url=slack.url)

    (tmp_path / "webhook").write_text(f"{slack.webhook}\n")
    assert mounted_notifier(tmp_path, api_url=slack.url).post("", HELLO) == NO_THREAD

    (tmp_path / "token").write_text("xoxb-good\n")
    assert mounted_notifier(tmp_path, api_url=slack.url).post("chan-1", HELLO) != NO_THREAD


def test_a_bot_goes_before_a_webhook(slack: SlackReceiver) -> None:
    both = {"token": "xoxb-good", "webhook": slack.webhook}

    assert notifier_of(both, shown="It", api_url=slack.url).post("chan-1", HELLO) != NO_THREAD
