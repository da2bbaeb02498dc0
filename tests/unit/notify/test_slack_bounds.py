"""A chat that stalls, trickles, sends too much or does not answer like Slack is retried later."""

import pytest

from resync_argo.exchange import Bounds
from resync_argo.notify.interface import Message, NotificationDelayed, NotificationRefused
from resync_argo.notify.slack import SlackNotifier
from tests.hosts import Reply, head, misbehaving, scripted

TINY = Bounds(seconds=0.5, answer_bytes=1000)
PATIENT = Bounds(seconds=60, answer_bytes=1000)
LATE = "no answer within 0.5 s"

HOSTS = {
    "says nothing": (b"", b"", TINY, LATE),
    "trickles a head": (b"HTTP/1.1 200 OK\r\nX-Name: ", b"x", TINY, LATE),
    "trickles a body": (head("Content-Length: 10000"), b" ", TINY, LATE),
    "sends too much": (head(), b"x" * 65536, PATIENT, "more than 1000 bytes came back"),
    "is not a chat": (head("Content-Length: 6") + b"<html>", b"", PATIENT, r"no answer \("),
}


@pytest.mark.parametrize(("first", "for_ever", "bounds", "told"), HOSTS.values(), ids=HOSTS)
def test_a_host_that(first: bytes, for_ever: bytes, bounds: Bounds, told: str) -> None:
    with misbehaving(first, for_ever) as host:
        notifier = SlackNotifier(token="xoxb-secret", api_url=f"{host.url}/api/", bounds=bounds)

        with pytest.raises(NotificationDelayed, match=told) as delayed:
            notifier.post("channel", Message(text="Hello"))

        assert host.is_left_alone()
    assert "xoxb" not in str(delayed.value)


@pytest.mark.parametrize(("said", "seconds"), [("30", 30.0), ("soon", None)])
def test_a_wait_that_is_not_a_number_causes_no_bug(said: str, seconds: float | None) -> None:
    answer = f"HTTP/1.1 429 Slow down\r\nRetry-After: {said}\r\nContent-Length: 0\r\n\r\n"
    with misbehaving(answer.encode()) as host:
        notifier = SlackNotifier(token="xoxb-secret", api_url=f"{host.url}/api/")

        with pytest.raises(NotificationDelayed) as delayed:
            notifier.post("channel", Message(text="Hello"))

    assert delayed.value.retry_after == seconds


@pytest.mark.parametrize("name", ["ratelimited", "internal_error", "team_added_to_org"])
def test_a_temporary_error_of_slack_is_retried(name: str) -> None:
    with scripted(lambda _: Reply(body={"ok": False, "error": name})) as host:
        notifier = SlackNotifier(token="xoxb-secret", api_url=f"{host.url}/api/")

        with pytest.raises(NotificationDelayed, match=name):
            notifier.post("channel", Message(text="Hello"))


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_busy_gateway_is_retried(status: int) -> None:
    with scripted(lambda _: Reply(status=status, body="busy")) as host:
        notifier = SlackNotifier(token="xoxb-secret", api_url=f"{host.url}/api/")

        with pytest.raises(NotificationDelayed):
            notifier.post("channel", Message(text="Hello"))


def test_an_unknown_error_of_slack_is_shown_and_needs_a_person() -> None:
    with scripted(lambda _: Reply(body={"ok": False, "error": "ekm_access_denied"})) as host:
        notifier = SlackNotifier(token="xoxb-secret", api_url=f"{host.url}/api/")

        with pytest.raises(NotificationRefused, match="ekm_access_denied") as refused:
            notifier.post("channel", Message(text="Hello"))

    assert refused.value.reason == "SlackRefused"
