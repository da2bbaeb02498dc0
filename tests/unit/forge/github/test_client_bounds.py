"""A forge that stalls, trickles or sends too much ends a call with `ForgeUnavailable`, on real sockets."""

from contextlib import ExitStack
from threading import Event, Thread

import pytest

from resync_argo.api.plan import RepositoryName
from resync_argo.exchange import Bounds
from resync_argo.forge.credentials import App, Credentials, Token
from resync_argo.forge.github.forge import GitHubForge
from resync_argo.forge.github.requester import CallPolicy
from resync_argo.forge.interface import ForgeUnavailable
from resync_argo.settings import HostSettings
from tests.hosts import Host, head, misbehaving

HOST = "forge.test"
TINY = CallPolicy(bounds=Bounds(seconds=0.5, answer_bytes=100_000))
PATIENT = CallPolicy(bounds=Bounds(seconds=60, answer_bytes=100_000))
TOKEN = Token(value="s3cret-token")
LATE = "no answer within 0.5 s"
LARGE = "more than 100000 bytes came back"
ITEM = b'{"id":1,"body":"","user":null,"created_at":"2026-01-01T00:00:00Z"}'
PAGE = b"[" + b",".join([ITEM] * 100) + b"]"

SLOW = {
    "says nothing": (b"", b""),
    "trickles a head": (b"HTTP/1.1 200 OK\r\nX-Name: ", b"x"),
    "trickles a body": (head("Content-Length: 100000000"), b" "),
    "sends us round": (
        b"HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"",
    ),
}
MUCH = {
    "sends a gigabyte": (head(f"Content-Length: {1 << 30}"), b" " * 65536),
    "has no last page": (
        head("Connection: close", f"Content-Length: {len(PAGE)}") + PAGE,
        b"",
    ),
}


def forge_at(host: Host, credentials: Credentials, policy: CallPolicy = TINY) -> GitHubForge:
    return GitHubForge(
        RepositoryName.of(f"{HOST}/owner/name"),
        credentials=credentials,
        hosts={HOST: HostSettings(api_url=f"{host.url}/api/v3")},
        policy=policy,
    )


@pytest.mark.parametrize(("first", "for_ever"), SLOW.values(), ids=SLOW)
def test_a_call_is_late_where_a_host(first: bytes, for_ever: bytes) -> None:
    with misbehaving(first, for_ever) as host, forge_at(host, TOKEN) as forge:
        with pytest.raises(ForgeUnavailable, match=LATE) as ended:
            forge.list_comments(5)

        assert host.is_left_alone()
    assert str(ended.value).startswith("forge.test/owner/name: could not list the comments of")
    assert TOKEN.value not in str(ended.value)


@pytest.mark.parametrize(("first", "for_ever"), MUCH.values(), ids=MUCH)
def test_a_call_is_cut_off_where_a_host(first: bytes, for_ever: bytes) -> None:
    with misbehaving(first, for_ever) as host, forge_at(host, TOKEN, PATIENT) as forge:
        with pytest.raises(ForgeUnavailable, match=LARGE):
            forge.list_comments(5)

        assert host.is_left_alone()


def test_minting_an_apps_token_counts_as_part_of_the_call(app: App) -> None:
    with (
        misbehaving() as host,
        forge_at(host, app) as forge,
        pytest.raises(ForgeUnavailable, match=LATE),
    ):
        forge.list_comments(5)


def test_waiting_for_another_threads_call_counts_as_part_of_the_call() -> None:
    with misbehaving() as host, ExitStack() as ends:
        forge = ends.enter_context(forge_at(host, TOKEN, PATIENT))
        connection = forge._connection
        begun, over = Event(), Event()

        def occupy() -> None:
            with connection.call("x", "wait"):
                begun.set()
                over.wait()

        other = Thread(target=occupy)
        other.start()
        ends.callback(other.join)
        ends.callback(over.set)
        begun.wait()
        connection._policy = TINY

        with pytest.raises(ForgeUnavailable, match=LATE):
            forge.list_comments(5)

        assert host.requests == []


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Moved"])
def test_a_redirect_does_not_send_the_token_anywhere(status: str) -> None:
    with misbehaving() as elsewhere:
        url = elsewhere.url.replace("127.0.0.1", "localhost")
        moved = f"HTTP/1.1 {status}\r\nLocation: {url}/x\r\nContent-Length: 0\r\n\r\n"
        with (
            misbehaving(moved.encode()) as host,
            forge_at(host, TOKEN) as forge,
            pytest.raises(ForgeUnavailable),
        ):
            forge.list_comments(5)

        assert elsewhere.requests == []


def test_after_closing_the_next_call_connects_again() -> None:
    answer = head("Content-Length: 2") + b"[]"
    with misbehaving(answer) as host, forge_at(host, TOKEN) as forge:
        assert forge.list_comments(5) == []
        forge.close()
        assert host.is_left_alone()

        assert forge.list_comments(5) == []
        assert len(host.requests) == 2


def test_closing_does_not_wait_and_disconnects_after_the_call() -> None:
    with misbehaving(head("Content-Length: 2") + b"[]") as host:
        forge = forge_at(host, TOKEN, PATIENT)

        with forge._connection.call("forge.test/owner/name", "look") as ask:
            assert ask("GET", "/repos/owner/name/pulls")[1] == []
            forge.close()
            assert not host.hang_ups[0].is_set(), "the call goes on"

        assert host.is_left_alone()


def test_a_call_is_bounded_by_default() -> None:
    assert CallPolicy().bounds.seconds <= 60
    assert CallPolicy().bounds.answer_bytes <= 16 << 20
