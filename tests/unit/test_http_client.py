"""An exchange ends whatever the host does; on real sockets, with tiny bounds."""

import gzip
import threading

import pytest
import requests

from resync_argo.exchange import AnswerTooLarge, Bounds, OutOfTime, exchange, held
from resync_argo.http_client import bounded, decimal_seconds
from tests.hosts import head, misbehaving

MIB = 1 << 20
TINY = Bounds(seconds=0.5, answer_bytes=MIB)
ENOUGH = Bounds(seconds=60, answer_bytes=MIB)


def get(url: str, bounds: Bounds) -> str:
    with requests.Session() as session, exchange(bounds):
        return bounded(session).get(url, timeout=60).text


SLOW = {
    "nothing": (b"", b""),
    "head": (b"HTTP/1.1 200 OK\r\nX-Name: ", b"x"),
    "more heads": (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (head("Content-Length: 100000000"), b" "),
    "body that looks complete": (head() + b"{}", b" "),
    "chunks": (head("Transfer-Encoding: chunked"), b"1\r\n \r\n"),
}


@pytest.mark.parametrize(("first", "for_ever"), SLOW.values(), ids=SLOW)
def test_an_endless_answer_is_given_up(first: bytes, for_ever: bytes) -> None:
    with misbehaving(first, for_ever) as host:
        with pytest.raises(OutOfTime, match=r"no answer within 0\.5 s"):
            get(host.url, TINY)

        assert host.is_left_alone()


def test_an_endless_handshake_is_given_up() -> None:
    with misbehaving() as host, pytest.raises(OutOfTime):
        get(host.url.replace("http:", "https:"), TINY)


def test_a_reused_connection_is_bounded_too() -> None:
    with (
        misbehaving(head("Content-Length: 2") + b"{}") as host,
        bounded(requests.Session()) as session,
    ):
        with exchange(ENOUGH):
            assert session.get(host.url, timeout=60).json() == {}
        with pytest.raises(OutOfTime), exchange(TINY):
            session.get(host.url, timeout=60)

        assert len(host.requests) == 1, "it was the same connection"


MUCH = {
    "announced": (head(f"Content-Length: {1 << 30}"), b"x" * 65536),
    "not announced": (head(), b"x" * 65536),
    "chunked": (head("Transfer-Encoding: chunked"), b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "packed": (head("Content-Encoding: gzip") + gzip.compress(bytes(64 * MIB)), b""),
}


@pytest.mark.parametrize(("first", "for_ever"), MUCH.values(), ids=MUCH)
def test_a_host_that_sends_too_much_is_cut_off(first: bytes, for_ever: bytes) -> None:
    with misbehaving(first, for_ever, pace=0) as host:
        with pytest.raises(AnswerTooLarge, match="more than 1048576 bytes came back"):
            get(host.url, ENOUGH)

        assert host.is_left_alone()


def test_all_answers_of_an_exchange_count_together() -> None:
    answer = head("Content-Length: 600000", "Connection: close") + b"x" * 600_000
    with misbehaving(answer) as host:
        assert len(get(host.url, ENOUGH)) == 600_000
        with exchange(ENOUGH):
            get(host.url, ENOUGH)
            with pytest.raises(AnswerTooLarge):
                get(host.url, ENOUGH)


def test_each_address_of_a_name_is_tried() -> None:
    with misbehaving(head("Content-Length: 2") + b"{}") as host:
        assert get(host.url.replace("127.0.0.1", "localhost"), ENOUGH) == "{}"


def test_waiting_for_a_turn_counts_as_time() -> None:
    lock = threading.Lock()

    with lock, pytest.raises(OutOfTime), exchange(TINY), held(lock):
        pytest.fail("it was never free")


def test_nothing_is_sent_outside_of_an_exchange() -> None:
    with misbehaving() as host:
        with bounded(requests.Session()) as session, pytest.raises(LookupError):
            session.get(host.url, timeout=60)

        assert host.requests == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("0.5", 0.5), (None, None), ("", None), ("inf", None), ("-1", None)],
)
def test_only_numbers_count_as_seconds(text: str | None, seconds: float | None) -> None:
    assert decimal_seconds(text) == seconds
